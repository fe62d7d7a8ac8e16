import type { PersonTerms } from '../accounts/index.ts';
import type { IceServersFor } from '../connections/index.ts';
import type { CallerCard, PersonId, Profile, Tariff, TransportChoice } from '../contract/index.ts';
import type { Hub } from '../hub/index.ts';
import type { Ledger } from '../ledger/index.ts';
import type { MediaControl } from '../media/index.ts';
import type { Meter, MeterLog } from '../meter/index.ts';
import type { Presence } from '../presence/index.ts';
import type { Log, Metrics } from '../telemetry/index.ts';
import type { CallRecords } from './records.ts';
import type { RingLimits } from './ring-limits.ts';

// What a call's life uses of the modules around it, and no more: a double in a test that lacks something does not compile.

export type CallHub = Pick<Hub, 'isConnected' | 'sendToConnection' | 'sendToPerson' | 'sendToRole'>;

export type CallLedger = Pick<
  Ledger,
  'balanceOf' | 'transfersOfCall' | 'releasedOfCall' | 'tipsOfCalls' | 'tip' | 'postMinimum' | 'release'
>;

export type CallMeterLog = Pick<MeterLog, 'resume' | 'append' | 'read' | 'flush' | 'forget'>;

export type CallMediaControl = Pick<
  MediaControl,
  | 'answer'
  | 'candidate'
  | 'closeCall'
  | 'closeTest'
  | 'countersOfLeg'
  | 'forwardedMs'
  | 'gate'
  | 'isTransportUp'
  | 'lease'
  | 'legOf'
  | 'onCounters'
  | 'onLeg'
  | 'openLeg'
  | 'openTest'
  | 'probe'
  | 'probeEnd'
  | 'switches'
  | 'udpPortOf'
>;

export type CallRows = Pick<CallRecords, 'insert' | 'read' | 'ringHistory' | 'save' | 'settle' | 'unfinished'>;

export interface CallPresence extends Pick<Presence, 'changed'> {
  /** What of a model's terms a ring looks at, and its call copies. */
  ringable(modelId: PersonId): Promise<
    Pick<PersonTerms, 'refusesLooks' | 'sharePercent'> & {
      readonly profile: Pick<Profile, 'rateMinor' | 'minimumMin'>;
    }
  >;
}

/** The modules that a call's life needs. */
export interface CallDeps {
  readonly hub: CallHub;
  readonly ledger: CallLedger;
  readonly meter: Meter;
  readonly meterLog: CallMeterLog;
  readonly media: CallMediaControl;
  readonly records: CallRows;
  readonly presence: CallPresence;
  readonly callers: Callers;
  readonly log: Log;
  readonly metrics: Metrics;
}

/** What others have found out about a caller. */
export interface Callers {
  /** Whether a block stands between the two. */
  isBlocked(clientId: PersonId, modelId: PersonId): Promise<boolean>;
  cardOf(clientId: PersonId, modelId: PersonId): Promise<CallerCard>;
}

export interface CallTerms {
  readonly tariff: Tariff;
  /** The models' part of what is charged, where none is set for a model. */
  readonly sharePercent: number;
  readonly rings: RingLimits;
  readonly graceMs: number;
  readonly media: MediaTerms;
}

export type MediaDeps = Pick<CallDeps, 'hub' | 'media' | 'meter' | 'log' | 'metrics'>;

export interface MediaTerms {
  /** Under this a model's uplink is slow; 0: never. */
  readonly slowLinkKbps: number;
  /** Servers that help a page to reach us, with credentials of its person. */
  readonly iceServers: IceServersFor;
  readonly transport: TransportChoice;
  /** SHA-256 of the certificates that WebTransport shows now or next, in base64. */
  readonly certificateHashes: () => string[];
}
