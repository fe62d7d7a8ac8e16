import type { CallerCard, PersonId, Tariff } from '../contract/index.ts';
import type { Meter } from '../meter/index.ts';
import type { Log, Metrics } from '../telemetry/index.ts';
import type { MediaTerms } from './call-media.ts';
import type { CallHub, CallLedger, CallMediaControl, CallMeterLog, CallPresence, CallRows } from './dependencies.ts';
import type { RingLimits } from './ring-limits.ts';

/** The rooms that a call's life needs. */
export interface CallRoom {
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
