import { setTimeout as sleep } from 'node:timers/promises';
import type { CallId, MeterLogLine } from '../contract/index.ts';
import { type Database, type Row, StoreUnavailable } from '../store/index.ts';
import type { Log } from '../telemetry/index.ts';

export type MeterLogKind = MeterLogLine['kind'];

/** One line of a call's meter log. */
export interface MeterLogEntry {
  readonly callId: CallId;
  /** From 1, without a gap. */
  readonly seq: number;
  readonly kind: MeterLogKind;
  readonly at: Date;
  /** The machine's monotonic clock in ms: lengths are taken from it. Null in logs of older versions. */
  readonly monoMs: number | null;
  readonly billableMs: number;
  /** What else there is to know: unit, amountMinor and transferId of a charge, reason of a pause. */
  readonly detail: { readonly [key: string]: unknown };
}

const RETRY_MS = 200;
/** Lines that may wait while the database is away; a call has some tens. */
const WAITING_MAX = 100_000;

/** Writes the calls' meter logs, in order, many lines in one statement. */
export class MeterLog {
  readonly #database: Database;
  readonly #log: Log;
  readonly #nextSeq = new Map<CallId, number>();
  #waiting: MeterLogEntry[] = [];
  #writing: Promise<void> | null = null;
  #isStopped = false;

  constructor(database: Database, log: Log) {
    this.#database = database;
    this.#log = log;
  }

  /** Goes on after the last line of a call that was found again. */
  resume(callId: CallId, lastSeq: number): void {
    this.#nextSeq.set(callId, lastSeq + 1);
  }

  append(entry: Omit<MeterLogEntry, 'seq'>): void {
    const seq = this.#nextSeq.get(entry.callId) ?? 1;
    this.#nextSeq.set(entry.callId, seq + 1);
    if (this.#waiting.length >= WAITING_MAX) throw new Error('the meter log cannot be written');
    this.#waiting.push({ ...entry, seq });
    this.#writing ??= this.#write();
  }

  /** Waits until every line so far is durable. */
  async flush(): Promise<void> {
    while (this.#writing) await this.#writing;
  }

  forget(callId: CallId): void {
    this.#nextSeq.delete(callId);
  }

  stop(): void {
    this.#isStopped = true;
  }

  async read(callId: CallId): Promise<MeterLogEntry[]> {
    return (await this.#database.query<Row>(
      `select call_id as "callId", seq, kind, at, mono_ms as "monoMs", billable_ms as "billableMs", detail
         from meter_log where call_id = $1 order by seq`,
      [callId],
    )) as unknown as MeterLogEntry[];
  }

  async #write(): Promise<void> {
    while (this.#waiting.length > 0 && !this.#isStopped) {
      const lines = this.#waiting.slice(0, 1_000);
      try {
        // A repeated statement, after a lost answer, finds its lines there already.
        await this.#database.query(
          `insert into meter_log (call_id, seq, kind, at, mono_ms, billable_ms, detail)
           select line.* from jsonb_to_recordset($1::text::jsonb)
                  as line(call_id bigint, seq integer, kind text, at timestamptz, mono_ms bigint, billable_ms bigint, detail jsonb)
           on conflict do nothing`,
          [
            JSON.stringify(
              lines.map((line) => ({
                call_id: line.callId,
                seq: line.seq,
                kind: line.kind,
                at: line.at,
                mono_ms: line.monoMs,
                billable_ms: line.billableMs,
                detail: line.detail,
              })),
            ),
          ],
        );
        this.#waiting = this.#waiting.slice(lines.length);
      } catch (error) {
        this.#log.warn({ err: error, lines: lines.length }, 'the meter log could not be written; trying again');
        if (!(error instanceof StoreUnavailable)) this.#log.error({ err: error }, 'meter log');
        await sleep(RETRY_MS);
      }
    }
    this.#writing = null;
  }
}
