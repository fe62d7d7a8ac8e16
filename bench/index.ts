// npm run bench -- <name> [--quick] [--json]: the measurements. A missed goal is said, not an error:
// machines differ. With --json the result is one object on the last line of stdout.
import os from 'node:os';
import { parseArgs } from 'node:util';
import { type Bench, type Goal, isMet } from './bench.ts';
import { callsBench } from './calls/index.ts';
import { coreBench } from './core/index.ts';
import { leaseBench } from './lease/index.ts';
import { ledgerBench } from './ledger/index.ts';
import { mediaBench } from './media/index.ts';
import { runWeriftRelay, WERIFT_RELAY } from './media/relays.ts';
import { pagesBench } from './pages.ts';
import { probeBench } from './probe.ts';

const BENCHES: Record<string, Bench> = {
  core: coreBench,
  ledger: ledgerBench,
  lease: leaseBench,
  calls: callsBench,
  media: mediaBench,
  probe: probeBench,
  pages: pagesBench,
};

function usage(problem: string): number {
  const list = Object.entries(BENCHES).map(([name, bench]) => `  ${name}: ${bench.says}`);
  console.error([problem, '', 'usage: npm run bench -- <name> [--quick] [--json]', ...list].join('\n'));
  return 2;
}

function goalLine(goal: Goal): string {
  const bound = goal.atLeast !== undefined ? `at least ${goal.atLeast}` : `at most ${goal.atMost}`;
  const verdict = { true: 'met', false: 'MISSED', null: 'not measured' }[String(isMet(goal))];
  return `  ${verdict}: ${goal.measured === null ? '' : `${Number(goal.measured.toPrecision(4))} `}${goal.says} (${bound})`;
}

async function main(args: string[]): Promise<number> {
  const options = { quick: { type: 'boolean' }, json: { type: 'boolean' } } as const;
  let parsed: { values: { quick?: boolean; json?: boolean }; positionals: string[] };
  try {
    parsed = parseArgs({ args, options, allowPositionals: true });
  } catch (error) {
    return usage((error as Error).message);
  }
  const [name, ...rest] = parsed.positionals;
  const bench = name === undefined ? undefined : BENCHES[name];
  if (!bench || rest.length > 0) return usage(`which bench? There are: ${Object.keys(BENCHES).join(', ')}`);
  const say = parsed.values.json ? console.error : console.log;
  const isQuick = parsed.values.quick ?? false;
  const { figures, goals } = await bench.run({ isQuick, say });
  say('goals');
  for (const goal of goals) say(goalLine(goal));
  if (parsed.values.json) {
    const machine = { cpus: os.cpus().length, model: os.cpus()[0]?.model ?? 'unknown', node: process.version };
    const judged = goals.map((goal) => ({ ...goal, met: isMet(goal) }));
    console.log(JSON.stringify({ bench: name, isQuick, machine, figures, goals: judged }));
  }
  return 0;
}

if (process.env[WERIFT_RELAY]) await runWeriftRelay();
// The native library of media keeps its threads: the process is ended, not waited for.
else process.exit(await main(process.argv.slice(2)));
