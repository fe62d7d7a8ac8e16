// npm run mutants -- [module ...] [--only n] [--json]: breaks the code one small lie at a time and runs the tests that
// guard it. A mutant that all of them pass has survived: it is a hole in the tests.
import fs from 'node:fs';
import { parseArgs } from 'node:util';
import { checkModule, type Verdict } from './check.ts';
import { MODULES } from './modules.ts';
import type { Mutant, MutatedModule } from './mutant.ts';

const JOBS_MAX = 64;
interface Survivor {
  readonly module: string;
  readonly file: string;
  readonly breaks: string;
}

interface Options {
  readonly modules: readonly string[];
  /** The numbers of the mutants to be tried, from 1 over all chosen modules; null: all of them. */
  readonly only: ReadonlySet<number> | null;
  readonly jobs: number | undefined;
  readonly isAnew: boolean;
  readonly report: string | null;
  readonly isJson: boolean;
}

/** What became of a module's mutants. */
interface Tally {
  readonly module: string;
  readonly total: number;
  readonly survivors: readonly Survivor[];
}

class UsageError extends Error {}

function usage(): string {
  return [
    'usage: npm run mutants -- [module ...] [--only n[,n ...]] [--jobs n] [--anew] [--report FILE] [--json]',
    'modules (all, if none is named):',
    ...Object.entries(MODULES).map(([name, { says, mutants }]) => `  ${name}: ${says}, ${mutants.length} mutants`),
    'flags:',
    '  --only n       the n-th mutant of the named modules and no other; several with commas',
    `  --jobs n       mutants that are tried at once, 1 to ${JOBS_MAX}; without it as many as there are cores`,
    '  --anew         tries again what an earlier run has tried in the same form',
    '  --report FILE  writes a table by module with the survivors, as Markdown',
    '  --json         the last line is {"total":N,"killed":N,"survivors":[{"module","file","breaks"}]}',
    'Exit code 1 when a mutant survives, 2 when the command is wrong.',
  ].join('\n');
}

/** @returns null when help is asked for @throws UsageError */
function optionsOf(args: string[]): Options | null {
  const { values, positionals } = parsed(args);
  if (values.help) return null;
  const unknown = positionals.find((name) => !MODULES[name]);
  if (unknown !== undefined)
    throw new UsageError(`there is no module "${unknown}"; there are: ${Object.keys(MODULES).join(', ')}`);
  const modules = positionals.length > 0 ? [...new Set(positionals)] : Object.keys(MODULES);
  const total = modules.reduce((sum, name) => sum + (MODULES[name]?.mutants.length ?? 0), 0);
  const numbers = values.only?.split(',');
  const wrong = numbers?.find((each) => !/^\d+$/.test(each) || Number(each) < 1 || Number(each) > total);
  if (wrong !== undefined) throw new UsageError(`--only is "${wrong}"; allowed is a whole number from 1 to ${total}`);
  const { jobs } = values;
  if (jobs !== undefined && !(/^\d+$/.test(jobs) && Number(jobs) >= 1 && Number(jobs) <= JOBS_MAX))
    throw new UsageError(`--jobs is "${jobs}"; allowed is a whole number from 1 to ${JOBS_MAX}`);
  return {
    modules,
    only: numbers ? new Set(numbers.map(Number)) : null,
    jobs: jobs === undefined ? undefined : Number(jobs),
    isAnew: values.anew ?? false,
    report: values.report ?? null,
    isJson: values.json ?? false,
  };
}

function parsed(args: string[]) {
  const options = {
    only: { type: 'string' },
    jobs: { type: 'string' },
    anew: { type: 'boolean' },
    report: { type: 'string' },
    json: { type: 'boolean' },
    help: { type: 'boolean', short: 'h' },
  } as const;
  try {
    return parseArgs({ args, options, allowPositionals: true, strict: true });
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

/** @returns whether all mutants were killed */
async function check(options: Options): Promise<boolean> {
  const startedAtMs = performance.now();
  const tallies: Tally[] = [];
  let first = 1;
  for (const name of options.modules) {
    const tally = await checkOne(name, first, options);
    first += MODULES[name]?.mutants.length ?? 0;
    if (tally.total > 0) tallies.push(tally);
  }
  const survivors = tallies.flatMap((tally) => tally.survivors);
  const total = tallies.reduce((sum, tally) => sum + tally.total, 0);
  const killed = total - survivors.length;
  const seconds = Math.round((performance.now() - startedAtMs) / 1_000);
  for (const { module, file, breaks } of survivors) console.log(`SURVIVED ${module} ${file}: ${breaks}`);
  console.log(`mutants: ${total}, ${killed} killed, ${survivors.length} survived, ${seconds} s`);
  if (options.report) fs.writeFileSync(options.report, reportOf(tallies));
  if (options.isJson) console.log(JSON.stringify({ total, killed, survivors }));
  return survivors.length === 0;
}

/** @param first the number of the module's first mutant */
async function checkOne(name: string, first: number, { only, jobs, isAnew }: Options): Promise<Tally> {
  const module = MODULES[name] as MutatedModule;
  const numbers = new Map<Mutant, number>(module.mutants.map((mutant, index) => [mutant, first + index]));
  const chosen = module.mutants.filter((mutant) => only === null || only.has(numbers.get(mutant) as number));
  const survivors: Survivor[] = [];
  const onVerdict = ({ mutant, killedBy }: Verdict) => {
    const { file, breaks } = mutant;
    const end = killedBy ? `killed by ${killedBy.suite}: ${killedBy.test}` : 'SURVIVED';
    console.log(`${numbers.get(mutant)} ${file}: ${breaks}: ${end}`);
    if (!killedBy) survivors.push({ module: name, file, breaks });
  };
  if (chosen.length > 0) await checkModule(module, chosen, onVerdict, { isAnew, ...(jobs && { jobs }) });
  return { module: name, total: chosen.length, survivors };
}

function reportOf(tallies: readonly Tally[]): string {
  const rows = tallies.map(({ module, total, survivors }) => {
    const killed = total - survivors.length;
    return `| ${module} | ${total} | ${killed} | ${Math.floor((100 * killed) / total)} % |`;
  });
  const survivors = tallies.flatMap((tally) => tally.survivors);
  return [
    '| module | mutants | killed | |\n| --- | --- | --- | --- |',
    ...rows,
    ...(survivors.length > 0 ? ['', 'Survivors:', ''] : []),
    ...survivors.map(({ module, file, breaks }) => `- ${module}, \`${file}\`: ${breaks}`),
    '',
  ].join('\n');
}

try {
  const options = optionsOf(process.argv.slice(2));
  if (!options) console.log(usage());
  else process.exitCode = (await check(options)) ? 0 : 1;
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  console.error(`${error.message}\n\n${usage()}`);
  process.exitCode = 2;
}
