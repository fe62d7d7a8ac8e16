import type { PersonTerms } from '../accounts/index.ts';
import type { PersonId, Profile } from '../contract/index.ts';
import type { Hub } from '../hub/index.ts';
import type { Ledger } from '../ledger/index.ts';
import type { MediaControl } from '../media/index.ts';
import type { MeterLog } from '../meter/index.ts';
import type { Presence } from './presence.ts';
import type { CallRecords } from './records.ts';

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
