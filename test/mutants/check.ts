// Runs the tests of a module on its mutants. What was run before in the same form is not run again.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { type DatabaseServer, startDatabaseServer } from '../support/database-server.ts';
import { BUNDLES, buildCore, bundleSuite, digestOf, isOfCore, type Program, ROOT, sourceOf } from './bundles.ts';
import { type Mutant, type MutatedModule, misfitsOf } from './mutant.ts';
import { failureOf } from './suite-run.ts';

export interface Verdict {
  readonly mutant: Mutant;
  /** The suite and the test that failed first; null when the mutant has survived. */
  readonly killedBy: { readonly suite: string; readonly test: string } | null;
}

export interface CheckOptions {
  /** Mutants that are tried at once. */
  readonly jobs?: number;
  /** Verdicts of earlier runs are not taken. */
  readonly isAnew?: boolean;
}

/** What the mutants are measured against: the code as it is, and how long its tests take. */
interface Baseline {
  readonly programs: readonly Program[];
  readonly server: DatabaseServer | null;
  /** How long each suite takes on the code as it is, which must pass: found out when it is first asked for. */
  readonly usualMs: () => Promise<ReadonlyMap<string, number>>;
  /** The folder of this run, below BUNDLES. */
  readonly work: string;
}

const VERDICTS = path.join(ROOT, 'dist/mutants-verdicts.json');
const VERDICTS_MAX = 20_000;

/** By the digest of a suite with a mutant in it: the test that failed, or null. A program that is the same fails the same. */
class Verdicts {
  readonly #known: Map<string, string | null>;

  constructor() {
    this.#known = new Map(fs.existsSync(VERDICTS) ? JSON.parse(fs.readFileSync(VERDICTS, 'utf8')) : []);
  }

  get(digest: string): string | null | undefined {
    return this.#known.get(digest);
  }

  set(digest: string, test: string | null): void {
    this.#known.set(digest, test);
    fs.writeFileSync(VERDICTS, JSON.stringify([...this.#known].slice(-VERDICTS_MAX)));
  }
}

/** @throws Error when a mutant does not fit the sources or does not compile, or the code as it is fails its tests */
export async function checkModule(
  module: MutatedModule,
  mutants: readonly Mutant[],
  onVerdict: (verdict: Verdict) => void,
  { jobs = os.availableParallelism(), isAnew = false }: CheckOptions = {},
): Promise<void> {
  mustFit(module.mutants);
  fs.mkdirSync(BUNDLES, { recursive: true });
  const work = fs.mkdtempSync(path.join(BUNDLES, 'run-'));
  const server = module.suites.some((suite) => suite.needsDatabase) ? await startDatabaseServer() : null;
  const verdicts = new Verdicts();
  try {
    const baseline = await baselineOf(module, work, server);
    const waiting = [...mutants];
    const tryNext = async (slot: string) => {
      for (let mutant = waiting.shift(); mutant; mutant = waiting.shift())
        onVerdict({ mutant, killedBy: await killerOf(mutant, baseline, slot, isAnew ? null : verdicts) });
    };
    await Promise.all(Array.from({ length: Math.max(1, jobs) }, (_, slot) => tryNext(`${slot + 1}`)));
  } finally {
    await server?.stop();
    const run = path.basename(work);
    for (const name of fs.readdirSync(BUNDLES))
      if (name.startsWith(run)) fs.rmSync(path.join(BUNDLES, name), { recursive: true, force: true });
  }
}

function mustFit(mutants: readonly Mutant[]): void {
  const wrong = misfitsOf(mutants, sourceOf);
  if (wrong.length > 0) throw new Error(`mutants that do not fit the sources:\n${wrong.join('\n')}`);
}

/** Builds the code as it is. */
async function baselineOf(module: MutatedModule, work: string, server: DatabaseServer | null): Promise<Baseline> {
  const run = path.basename(work);
  const programs = await Promise.all(module.suites.map((suite) => bundleSuite(suite, `${run}-0`, null)));
  const core = module.mutants.some(isOfCore) ? await buildCore(path.join(work, '0'), null) : null;
  const environment = environmentOf({ core, server, slot: '0' });
  let usual: Promise<ReadonlyMap<string, number>> | null = null;
  const usualMs = () => {
    usual ??= timesOf(programs, environment, server);
    return usual;
  };
  return { programs, server, usualMs, work };
}

/** Runs the tests on the code as it is. @throws Error when one fails */
async function timesOf(
  programs: readonly Program[],
  environment: Record<string, string>,
  server: DatabaseServer | null,
): Promise<ReadonlyMap<string, number>> {
  const times = new Map<string, number>();
  for (const { suite, file } of programs) {
    const startedAtMs = performance.now();
    const test = await failureOf({ suite, file, environment, usualMs: null });
    if (test !== null) throw new Error(`the code as it is fails ${suite.name}: ${test}`);
    times.set(suite.name, performance.now() - startedAtMs);
    await server?.dropDatabases(databasesOf('0'));
  }
  return times;
}

interface Builds {
  readonly core: string | null;
  readonly server: DatabaseServer | null;
  readonly slot: string;
}

const databasesOf = (slot: string): string => `slot_${slot}_`;

const environmentOf = ({ core, server, slot }: Builds): Record<string, string> => ({
  ...(core && { PARLOUR_CORE_BUILD: core }),
  ...(server && { ...server.environment, TEST_DATABASE_PREFIX: databasesOf(slot) }),
});

/** The suites that have the mutant's file in them: the others cannot notice it. */
function programsOf(mutant: Mutant, { programs }: Baseline): Program[] {
  if (isOfCore(mutant)) return [...programs];
  const found = programs.filter(({ sources }) => sources.has(mutant.file));
  if (found.length === 0) throw new Error(`no test has ${mutant.file} in it`);
  return found;
}

async function killerOf(
  mutant: Mutant,
  baseline: Baseline,
  slot: string,
  verdicts: Verdicts | null,
): Promise<Verdict['killedBy']> {
  const { work, server, usualMs } = baseline;
  const core = isOfCore(mutant) ? await buildCore(path.join(work, slot), mutant) : null;
  const environment = environmentOf({ core, server, slot });
  for (const { suite, file: asItIs } of programsOf(mutant, baseline)) {
    const file = core ? asItIs : (await bundleSuite(suite, `${path.basename(work)}-${slot}`, mutant)).file;
    const digest = digestOf([file, ...coresOf(core), ...BESIDE]);
    let test = verdicts?.get(digest);
    if (test === undefined) {
      test = await failureOf({ suite, file, environment, usualMs: (await usualMs()).get(suite.name) ?? null });
      await server?.dropDatabases(databasesOf(slot));
      verdicts?.set(digest, test);
    }
    if (test !== null) return { suite: suite.name, test };
  }
  return null;
}

/** What tests read beside their programs. */
const MIGRATIONS = path.join(ROOT, 'server/store/migrations');
const BESIDE = [
  path.join(ROOT, 'core-wasm/build/core.wasm'),
  ...fs.readdirSync(MIGRATIONS).map((name) => path.join(MIGRATIONS, name)),
];

const coresOf = (core: string | null): string[] => (core ? [path.join(core, 'core.wasm')] : []);
