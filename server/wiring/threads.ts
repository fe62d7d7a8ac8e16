import type { CallRecords, Calls } from '../calls/index.ts';
import type { Ledger } from '../ledger/index.ts';
import { CallLines, type Threads } from '../messages/index.ts';
import type { MeterLog } from '../meter/index.ts';
import type { Log } from '../telemetry/index.ts';

interface ThreadDeps {
  readonly calls: Calls;
  readonly records: CallRecords;
  readonly threads: Threads;
  readonly meterLog: MeterLog;
  readonly ledger: Ledger;
  readonly log: Log;
}

/** Connects the threads: what happens in a call becomes lines in the thread of its two people. */
export function connectThreads({ calls, records, threads, meterLog, ledger, log }: ThreadDeps): CallLines {
  const lines = new CallLines({
    threads,
    meterLog,
    summaryOf: (callId) => records.read(callId),
    tipsOf: (callId) => ledger.tipsOfCalls([callId]),
    log,
  });
  calls.onSummary((callId) => void lines.write(callId));
  return lines;
}
