// Runs the tests of a module on its mutants. What was run before in the same form is not run again.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { type DatabaseServer, startDatabaseServer } from '../support/database-server.ts';
import {
  type ApplianceBuild,
  BUNDLES,
  buildAppliance,
  buildCore,
  bundleSuite,
  digestOf,
  isOfCore,
  type Program,
  ROOT,
  sourceOf,
} from './bundles.ts';
import { type Mutant, type MutatedModule, mutate } from './mutant.ts';
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
  readonly appliance: ApplianceBuild | null;
  readonly server: DatabaseServer | null;
  /** How long each suite takes on the code as it is, which must pass: found out when it is first asked for. */
  readonly usualMs: () => Promise<ReadonlyMap<string, number>>;
  /** The folder of this run, below BUNDLES. */
  readonly work: string;
}

const VERDICTS = path.join(ROOT, 'dist/mutants-verdicts.json');
const VERDICTS_MAX = 20_000;

/** By the digest of all programs of a mutant: the verdict. A program that is the same fails the same. */
class Verdicts {
  readonly #known: Map<string, Verdict['killedBy']>;

  constructor() {
    this.#known = new Map(fs.existsSync(VERDICTS) ? JSON.parse(fs.readFileSync(VERDICTS, 'utf8')) : []);
  }

  get(digest: string): Verdict['killedBy'] | undefined {
    return this.#known.get(digest);
  }

  set(digest: string, killedBy: Verdict['killedBy']): void {
    this.#known.set(digest, killedBy);
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
  const needs = new Set(module.suites.map((suite) => suite.needs));
  const server = needs.has('database') ? await startDatabaseServer() : null;
  const verdicts = new Verdicts();
  try {
    const baseline = await baselineOf(module, work, server, needs.has('appliance'));
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
  const wrong = mutants.flatMap((mutant) => {
    try {
      mutate(mutant, sourceOf(mutant.file));
      return [];
    } catch (error) {
      return [(error as Error).message];
    }
  });
  if (wrong.length > 0) throw new Error(`mutants that do not fit the sources:\n${wrong.join('\n')}`);
}

async function baselineOf(
  module: MutatedModule,
  work: string,
  server: DatabaseServer | null,
  hasAppliance: boolean,
): Promise<Baseline> {
  const run = path.basename(work);
  const programs = await Promise.all(module.suites.map((suite) => bundleSuite(suite, `${run}-0`, null)));
  const appliance = hasAppliance ? await buildAppliance(path.join(work, 'appliance-0'), null) : null;
  const core = module.mutants.some(isOfCore) ? await buildCore(path.join(work, '0'), null) : null;
  const environment = environmentOf({ core, appliance: appliance?.program ?? null, server, slot: '0' });
  let usual: Promise<ReadonlyMap<string, number>> | null = null;
  const usualMs = () => {
    usual ??= timesOf(programs, environment, server);
    return usual;
  };
  return { programs, appliance, server, usualMs, work };
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
  readonly appliance: string | null;
  readonly server: DatabaseServer | null;
  readonly slot: string;
}

const databasesOf = (slot: string): string => `slot_${slot}_`;

const environmentOf = ({ core, appliance, server, slot }: Builds): Record<string, string> => ({
  ...(core && { PARLOUR_CORE_BUILD: core }),
  ...(appliance && { TEST_PROGRAM: appliance }),
  ...(server && { ...server.environment, TEST_DATABASE_PREFIX: databasesOf(slot) }),
});

/** The suites that have the mutant's file in them: the others cannot notice it. */
function programsOf(mutant: Mutant, { programs, appliance }: Baseline): Program[] {
  if (isOfCore(mutant)) return [...programs];
  const isInAppliance = appliance?.sources.has(mutant.file);
  const found = programs.filter(
    ({ suite, sources }) => sources.has(mutant.file) || (suite.needs === 'appliance' && isInAppliance),
  );
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
  const programs: Program[] = [];
  for (const { suite, ...asItIs } of programsOf(mutant, baseline)) {
    const isInTests = !core && asItIs.sources.has(mutant.file);
    programs.push(
      isInTests ? await bundleSuite(suite, `${path.basename(work)}-${slot}`, mutant) : { suite, ...asItIs },
    );
  }
  const usesAppliance = programs.some(({ suite }) => suite.needs === 'appliance');
  const isInAppliance = usesAppliance && baseline.appliance?.sources.has(mutant.file);
  const built = isInAppliance ? await buildAppliance(path.join(work, `appliance-${slot}`), mutant) : baseline.appliance;
  const appliance = built?.program ?? null;

  const digest = digestOf([...programs.map(({ file }) => file), ...appsOf(appliance), ...coresOf(core), ...BESIDE]);
  const known = verdicts?.get(digest);
  if (known !== undefined) return known;
  const times = await usualMs();
  const environment = environmentOf({ core, appliance, server, slot });
  let killedBy: Verdict['killedBy'] = null;
  for (const { suite, file } of programs) {
    const test = await failureOf({ suite, file, environment, usualMs: times.get(suite.name) ?? null });
    await server?.dropDatabases(databasesOf(slot));
    if (test !== null) killedBy = { suite: suite.name, test };
    if (killedBy) break;
  }
  verdicts?.set(digest, killedBy);
  return killedBy;
}

/** What tests read beside their programs. */
const MIGRATIONS = path.join(ROOT, 'server/store/migrations');
const BESIDE = [
  path.join(ROOT, 'core-wasm/build/core.wasm'),
  ...fs.readdirSync(MIGRATIONS).map((name) => path.join(MIGRATIONS, name)),
];

const coresOf = (core: string | null): string[] => (core ? [path.join(core, 'core.wasm')] : []);

/** The programs of an appliance's build. */
const appsOf = (program: string | null): string[] => {
  const folder = program && path.dirname(program);
  return folder
    ? ['parlour', 'media-webrtc', 'media-webtransport'].map((name) => path.join(folder, `${name}.mjs`))
    : [];
};
