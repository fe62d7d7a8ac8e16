import { type Command, InvalidArgumentError } from 'commander';
import { CallRecords, checkCall } from '../calls/index.ts';
import { Ledger } from '../ledger/index.ts';
import { MeterLog } from '../meter/index.ts';
import { say, secondsSince } from './say.ts';
import { type ConfigOption, configOption, withStore } from './with-store.ts';

const CALLS_AT_ONCE = 100;

interface Options extends ConfigOption {
  readonly all?: true;
  readonly json?: true;
}

export function registerReceipt(program: Command): void {
  program
    .command('receipt')
    .description('look after the receipts of calls')
    .command('verify')
    .argument('[call]', 'number of the call', callNumber)
    .description(
      'recompute calls from their meter logs and compare them with the ledger; also while the appliance runs',
    )
    .option('--all', 'every call that was ever live')
    .option('--json', 'one JSON object on the last line')
    .addOption(configOption())
    .action(async (callId: number | undefined, options: Options, command: Command) => {
      if ((callId === undefined) !== Boolean(options.all))
        command.error('Name one call, or say --all.', { exitCode: 2 });
      await withStore(options, async (store, _settings, log) => {
        const deps = {
          records: new CallRecords(store.main),
          ledger: new Ledger(store),
          meterLog: new MeterLog(store.main, log),
        };
        process.exitCode = (await verify(deps, callId, Boolean(options.json))) ? 0 : 1;
      });
    });
}

function callNumber(text: string): number {
  if (!/^[1-9]\d{0,14}$/.test(text)) throw new InvalidArgumentError('Allowed is the number of a call, from 1.');
  return Number(text);
}

interface Deps {
  readonly records: CallRecords;
  readonly ledger: Ledger;
  readonly meterLog: MeterLog;
}

interface CallReport {
  readonly callId: number;
  /** Null while the call goes on. */
  readonly agrees: boolean | null;
  readonly unitCount: number;
  readonly chargedMinor: number;
  readonly faults: readonly { code: string; sentence: string; seq: number | null }[];
}

/** Facts go to standard output, one a line; whether all is well is the exit code. */
async function verify(deps: Deps, callId: number | undefined, isJson: boolean): Promise<boolean> {
  const startedAt = performance.now();
  const disagreeing: CallReport[] = [];
  let checked = 0;
  let open = 0;
  for await (const report of callId === undefined ? everyCall(deps) : [await reportOf(callId, deps)]) {
    checked++;
    if (report.agrees === null) open++;
    if (report.agrees === false) disagreeing.push(report);
    if (!isJson && (callId !== undefined || report.agrees === false)) print(report);
    if (callId === undefined && checked % 1_000 === 0) say(`${checked} calls checked`);
  }
  if (isJson) console.log(JSON.stringify({ checked, open, disagreeing: disagreeing.length, calls: disagreeing }));
  else if (callId === undefined) console.log(`checked ${checked}, open ${open}, disagreeing ${disagreeing.length}`);
  say(`verified in ${secondsSince(startedAt)}`);
  return disagreeing.length === 0;
}

async function* everyCall(deps: Deps): AsyncGenerator<CallReport> {
  let after = 0;
  for (;;) {
    const callIds = await deps.records.onceLive(after, CALLS_AT_ONCE);
    for (const callId of callIds) yield reportOf(callId, deps);
    const last = callIds.at(-1);
    if (last === undefined) return;
    after = last;
  }
}

async function reportOf(callId: number, { records, ...deps }: Deps): Promise<CallReport> {
  const record = await records.read(callId);
  const { receipt, faults } = await checkCall(record, deps);
  const isOpen = record.liveAt !== null && record.agrees === null;
  const kept = receipt.chargedMinor === record.chargedMinor || isOpen;
  const all = kept
    ? faults
    : [
        ...faults,
        {
          code: 'row_differs',
          sentence: `the call's row says ${record.chargedMinor} charged; by the log it is ${receipt.chargedMinor}`,
          seq: null,
        },
      ];
  return {
    callId,
    agrees: isOpen ? null : all.length === 0,
    unitCount: receipt.units.filter(({ unit }) => unit > 0).length,
    chargedMinor: receipt.chargedMinor,
    faults: isOpen ? [] : all,
  };
}

function print({ callId, agrees, unitCount, chargedMinor, faults }: CallReport): void {
  const verdict = agrees === null ? 'goes on, not checked' : agrees ? 'agrees to the unit' : 'DISAGREES';
  console.log(`call ${callId} ${verdict}: ${unitCount} units, ${chargedMinor} charged`);
  for (const { code, sentence, seq } of faults)
    console.log(`  ${code}${seq === null ? '' : ` (line ${seq})`}: ${sentence}`);
}
