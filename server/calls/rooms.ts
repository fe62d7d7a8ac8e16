import type { CallerCard, PersonId, Tariff } from '../contract/index.ts';
import type { Hub } from '../hub/index.ts';
import type { Ledger } from '../ledger/index.ts';
import type { MediaControl } from '../media/index.ts';
import type { Meter, MeterLog } from '../meter/index.ts';
import type { Log, Metrics } from '../telemetry/index.ts';
import type { MediaTerms } from './call-media.ts';
import type { Presence } from './presence.ts';
import type { CallRecords } from './records.ts';

/** The rooms that a call's life needs. */
export interface CallRoom {
  readonly hub: Hub;
  readonly ledger: Ledger;
  readonly meter: Meter;
  readonly meterLog: MeterLog;
  readonly media: MediaControl;
  readonly records: CallRecords;
  readonly presence: Presence;
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
  readonly sharePercent: number;
  readonly graceMs: number;
  readonly media: MediaTerms;
}
