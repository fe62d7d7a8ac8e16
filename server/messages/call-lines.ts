import type { CallId, CallState, MessageContent, Outcome, PersonId, Side, Tariff } from '../contract/index.ts';
import { toMinor } from '../contract/index.ts';
import type { MeterLog, MeterLogEntry } from '../meter/index.ts';
import type { Log } from '../telemetry/index.ts';
import type { NewLine, Threads } from './threads.ts';

/** What the thread must know of a call: its row. */
export interface CallSummary {
  readonly callId: CallId;
  readonly clientId: PersonId;
  readonly modelId: PersonId;
  readonly tariff: Tariff;
  readonly rateMinor: number;
  readonly state: CallState;
  readonly outcome: Outcome | null;
  readonly endedBy: Side | null;
  readonly rejectReason: string | null;
  readonly liveAt: Date | null;
  readonly endedAt: Date | null;
  readonly billableMs: number;
  readonly chargedMinor: number;
  /** Null until its money is settled. */
  readonly agrees: boolean | null;
}

export interface Tip {
  readonly transferId: number;
  readonly amountMinor: number;
  readonly at: Date;
}

const SECONDS_PER_MINUTE = 60;

/** Every line of a call that can be written by now, oldest first. The same call gives the same keys. */
export function linesOfCall(call: CallSummary, log: readonly MeterLogEntry[], tips: readonly Tip[]): NewLine[] {
  const { callId, clientId, modelId } = call;
  // What a call that was live came to is known once it is settled; of any other, at its end.
  const isOver = call.state === 'ended' && (call.liveAt === null || call.agrees !== null);
  const line = (key: string, at: Date, content: MessageContent, unreadFor: PersonId | null = null): NewLine => ({
    clientId,
    modelId,
    authorId: null,
    unreadFor,
    key,
    at,
    content,
  });
  const lines = [
    ...minutesOf(call, log, isOver).map(({ minute, amountMinor, at }) =>
      line(`charge:${callId}:${minute}`, at, {
        kind: 'charge',
        callId,
        minute,
        amountMinor: toMinor(amountMinor),
      }),
    ),
    ...log
      .filter((entry) => entry.kind === 'low_on')
      .map((entry) => line(`low:${callId}:${entry.seq}`, entry.at, { kind: 'low', callId })),
    ...log
      .filter((entry) => entry.kind === 'suspended')
      .map((entry) => line(`funds:${callId}:${entry.seq}`, entry.at, { kind: 'out_of_funds', callId })),
    ...tips.map((tip) =>
      line(`tip:${tip.transferId}`, tip.at, { kind: 'tip', callId, amountMinor: toMinor(tip.amountMinor) }, modelId),
    ),
  ].sort((a, b) => a.at.getTime() - b.at.getTime());
  if (isOver && call.outcome) lines.push(lastLine(call, call.outcome, line));
  return lines;
}

function lastLine(
  call: CallSummary,
  outcome: Outcome,
  line: (key: string, at: Date, content: MessageContent, unreadFor: PersonId | null) => NewLine,
): NewLine {
  const { callId, endedBy, billableMs, rejectReason } = call;
  const isMissedByHer = outcome === 'missed' || outcome === 'withdrawn';
  return line(
    lastKeyOf(callId),
    call.endedAt ?? new Date(),
    { kind: 'call', callId, outcome, endedBy, billableMs, chargedMinor: toMinor(call.chargedMinor), rejectReason },
    isMissedByHer ? call.modelId : null,
  );
}

const lastKeyOf = (callId: CallId): string => `call:${callId}`;

/**
 * The charged minutes: a unit each, or what of sixty seconds costs something. A minute is told when it is whole, which
 * is when it has cost the rate (charging rules 2 and 3), or when the call is over.
 */
function minutesOf(call: CallSummary, log: readonly MeterLogEntry[], isOver: boolean) {
  const perMinute = call.tariff === 'per_minute' ? 1 : SECONDS_PER_MINUTE;
  const minutes = new Map<number, { minute: number; amountMinor: number; at: Date }>();
  for (const { kind, detail, at } of log) {
    if (kind !== 'charged') continue;
    const minute = Math.ceil(Number(detail.unit) / perMinute);
    const known = minutes.get(minute) ?? { minute, amountMinor: 0, at };
    minutes.set(minute, { ...known, amountMinor: known.amountMinor + Number(detail.amountMinor) });
  }
  return [...minutes.values()].filter(
    ({ amountMinor }) => (isOver || amountMinor === call.rateMinor) && amountMinor > 0,
  );
}

/** Keeps the threads up with the calls. */
export class CallLines {
  readonly #deps: {
    readonly threads: Threads;
    readonly meterLog: MeterLog;
    readonly summaryOf: (callId: CallId) => Promise<CallSummary>;
    readonly tipsOf: (callId: CallId) => Promise<readonly Tip[]>;
    readonly log: Log;
  };
  /** Calls whose lines are being written; true: once more when that is done. */
  readonly #busy = new Map<CallId, boolean>();
  /** Keys of calls that go on which stand in their threads already. */
  readonly #written = new Map<CallId, Set<string>>();

  constructor(deps: {
    threads: Threads;
    meterLog: MeterLog;
    summaryOf: (callId: CallId) => Promise<CallSummary>;
    tipsOf: (callId: CallId) => Promise<readonly Tip[]>;
    log: Log;
  }) {
    this.#deps = deps;
  }

  /** Something happened in a call: its lines are brought up to date, one after another. */
  async write(callId: CallId): Promise<void> {
    if (this.#busy.has(callId)) {
      this.#busy.set(callId, true);
      return;
    }
    try {
      do {
        this.#busy.set(callId, false);
        await this.#write(callId);
      } while (this.#busy.get(callId));
    } catch (error) {
      this.#deps.log.warn({ err: error, callId }, 'the lines of a call could not be written yet');
    } finally {
      this.#busy.delete(callId);
    }
  }

  /** Writes what an earlier run, or a moment without a database, has left out. @returns how many calls it was */
  async sweep(): Promise<number> {
    const callIds = await this.#deps.threads.callsWithoutLastLine();
    for (const callId of callIds) await this.write(callId);
    return callIds.length;
  }

  async #write(callId: CallId): Promise<void> {
    const { threads, meterLog, summaryOf, tipsOf } = this.#deps;
    await meterLog.flush();
    const [summary, log, tips] = await Promise.all([summaryOf(callId), meterLog.read(callId), tipsOf(callId)]);
    const known = this.#written.get(callId) ?? new Set();
    const lines = linesOfCall(summary, log, tips).filter(({ key }) => !known.has(key));
    await threads.append(lines);
    for (const { key } of lines) known.add(key);
    if (known.has(lastKeyOf(callId))) this.#written.delete(callId);
    else this.#written.set(callId, known);
  }
}
