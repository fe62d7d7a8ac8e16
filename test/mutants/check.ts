// Runs the tests of a module on its mutants. The working tree is never edited: compiler and bundler are given another
// text for the one file that the mutant breaks.
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import asc from 'assemblyscript/asc';
import type { Plugin } from 'esbuild';
import { type Mutant, type MutatedModule, mutate, type Suite } from './mutant.ts';

export interface Verdict {
  readonly mutant: Mutant;
  /** The suite and the test that failed first; null when the mutant has survived. */
  readonly killedBy: { readonly suite: string; readonly test: string } | null;
}

/** A suite, ready to run. */
interface Program {
  readonly suite: Suite;
  readonly file: string;
  /** The files of the project that are in it. */
  readonly sources: ReadonlySet<string>;
}

const ROOT = process.cwd();
/** Two folders below the root, like the tests: they find other files of the project from their own place. */
const BUNDLES = path.join(ROOT, 'dist/mutants');
const CORE = 'core-wasm/assembly/';
/** Mutants that are tried at once. */
const AT_ONCE = Math.max(1, os.availableParallelism());
/** A suite that works for longer hangs. It is time of the processor, which a busy machine does not lengthen. */
const CPU_S_MAX = 20;
const OUTPUT_CHARS_MAX = 2 ** 24;

/** @throws Error when a mutant does not fit the sources or does not compile, or the code as it is fails its tests */
export async function checkModule(
  module: MutatedModule,
  mutants: readonly Mutant[],
  onVerdict: (verdict: Verdict) => void,
): Promise<void> {
  mustFit(module.mutants);
  fs.mkdirSync(BUNDLES, { recursive: true });
  const work = fs.mkdtempSync(path.join(BUNDLES, 'run-'));
  const run = path.basename(work);
  try {
    const asItIs = await Promise.all(module.suites.map((suite) => bundle(suite, `${run}-0`, null)));
    const core = module.mutants.some(isOfCore) ? await buildCore(path.join(work, '0'), null) : undefined;
    await mustPass(asItIs, core);
    const waiting = [...mutants];
    const tryNext = async (slot: string) => {
      for (let mutant = waiting.shift(); mutant; mutant = waiting.shift())
        onVerdict({ mutant, killedBy: await killerOf(mutant, asItIs, { run, work, slot }) });
    };
    await Promise.all(Array.from({ length: AT_ONCE }, (_, slot) => tryNext(`${slot + 1}`)));
  } finally {
    for (const name of fs.readdirSync(BUNDLES))
      if (name.startsWith(run)) fs.rmSync(path.join(BUNDLES, name), { recursive: true, force: true });
  }
}

const isOfCore = ({ file }: Mutant): boolean => file.startsWith(CORE);
const sourceOf = (file: string): string => fs.readFileSync(path.join(ROOT, file), 'utf8');

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

/** The suites that have the mutant's file in them: the others cannot notice it. */
function suitesOf({ file }: Mutant, asItIs: readonly Program[]): Program[] {
  const programs = asItIs.filter(({ sources }) => sources.has(file));
  if (programs.length === 0) throw new Error(`no test has ${file} in it`);
  return programs;
}

interface Place {
  readonly run: string;
  readonly work: string;
  readonly slot: string;
}

async function killerOf(mutant: Mutant, asItIs: readonly Program[], place: Place): Promise<Verdict['killedBy']> {
  const core = isOfCore(mutant) ? await buildCore(path.join(place.work, place.slot), mutant) : undefined;
  const programs = core ? asItIs : suitesOf(mutant, asItIs);
  for (const { suite, ...program } of programs) {
    const { file } = core ? program : await bundle(suite, `${place.run}-${place.slot}`, mutant);
    const test = await failureOf(suite, file, core);
    if (test !== null) return { suite: suite.name, test };
  }
  return null;
}

async function mustPass(asItIs: readonly Program[], core: string | undefined): Promise<void> {
  for (const { suite, file } of asItIs) {
    const test = await failureOf(suite, file, core);
    if (test !== null) throw new Error(`the code as it is fails ${suite.name}: ${test}`);
  }
}

/** The suite as plain JavaScript with the mutant in it. */
async function bundle(suite: Suite, prefix: string, mutant: Mutant | null): Promise<Program> {
  const { build } = await import('esbuild');
  const file = path.join(BUNDLES, `${prefix}-${suite.name}.mjs`);
  const { metafile } = await build({
    entryPoints: [suite.entry],
    outfile: file,
    absWorkingDir: ROOT,
    bundle: true,
    platform: 'node',
    format: 'esm',
    packages: 'external',
    metafile: true,
    logLevel: 'error',
    plugins: mutant ? [replacing(mutant)] : [],
  });
  return { suite, file, sources: new Set(Object.keys(metafile.inputs)) };
}

const replacing = (mutant: Mutant): Plugin => ({
  name: 'mutant',
  setup: ({ onLoad }) => {
    const full = path.join(ROOT, mutant.file);
    onLoad({ filter: /\.ts$/ }, ({ path: file }) =>
      file === full ? { contents: mutate(mutant, sourceOf(mutant.file)), loader: 'ts' } : null,
    );
  },
});

/**
 * Compiles the core with the mutant in it, without assertions: what is caught here is caught by tests.
 * @returns the folder, for PARLOUR_CORE_BUILD; the core lies there under both names by which the tests ask for it
 */
async function buildCore(folder: string, mutant: Mutant | null): Promise<string> {
  fs.mkdirSync(folder, { recursive: true });
  const out = path.join(folder, 'core.wasm');
  const readFile = (name: string, base: string): string | null => {
    const file = path.resolve(base, name);
    if (!fs.existsSync(file)) return null;
    const source = fs.readFileSync(file, 'utf8');
    return mutant && file === path.join(ROOT, mutant.file) ? mutate(mutant, source) : source;
  };
  const flags = ['--runtime', 'stub', '--use', 'abort=', '--enable', 'simd', '-O1', '--noAssert'];
  const memory = ['--initialMemory', '2', '--maximumMemory', '16384'];
  // No file of options: those of the product's build are not these.
  const args = [`${CORE}index.ts`, '--config', 'none', '--outFile', path.relative(ROOT, out), ...flags, ...memory];
  const { error, stderr } = await asc.main(args, { readFile });
  if (error) throw new Error(`a mutant must compile (${mutant?.breaks ?? 'the core as it is'}):\n${stderr.toString()}`);
  fs.copyFileSync(out, path.join(folder, 'core.debug.wasm'));
  return folder;
}

/** @returns the name of the first test that failed, or null */
function failureOf(suite: Suite, file: string, core: string | undefined): Promise<string | null> {
  const limit = `ulimit -t ${suite.cpuSMax ?? CPU_S_MAX}; exec "$0" "$@"`;
  const child = spawn('/bin/sh', ['-c', limit, process.execPath, file], {
    cwd: ROOT,
    // A test has no time of its own to be over in: what waits for ever leaves node nothing to do.
    env: { ...process.env, TAP_BAIL: '1', TAP_TIMEOUT: '3600', ...(core && { PARLOUR_CORE_BUILD: core }) },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    if (output.length < OUTPUT_CHARS_MAX) output += text;
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => {
      if (code === 0) return resolve(null);
      if (signal === 'SIGTERM' || signal === 'SIGINT')
        return reject(new Error(`${suite.name} was stopped from outside`));
      resolve(signal === null ? firstNotOk(output) : `ended by ${signal}`);
    });
  });
}

/** The name of the outermost test in which the first `not ok` stands. */
function firstNotOk(output: string): string {
  const lines = output.split('\n');
  const failed = lines.findIndex((line) => /^\s*not ok /.test(line));
  const subtest = lines.slice(0, failed).findLast((line) => line.startsWith('# Subtest: '));
  if (subtest) return subtest.slice('# Subtest: '.length);
  return lines.find((line) => line.trim() !== '') ?? 'stopped';
}
