// The mutation check: breaks the core in every way of list.ts, one at a time, and runs the tests of
// the core on it. A mutant that every test passes is a hole in the tests.
//
//   node ops/build/run-dev.mjs test/core/mutants/run.ts [--only <n>]
//
// Writes test/core/mutants/result.tsv and exits 1 when a mutant survives. The core is built without its
// assertions: what is caught here is caught by tests.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import asc from 'assemblyscript/asc';
import { MUTANTS, type Mutant } from './list.ts';

const ROOT = process.cwd();
const BUNDLES = path.join(ROOT, 'dist/dev/mutants');
/** In this order; the first that fails has caught it. A mutant that hangs is caught too, after so long. */
const SUITES = [
  { name: 'rules', msMax: 15_000 },
  { name: 'door', msMax: 15_000 },
  { name: 'stories', msMax: 90_000 },
];

interface Verdict {
  mutant: Mutant;
  /** The suite and the name of the test that failed first, or null. */
  caughtBy: { suite: string; test: string } | null;
}

const { values } = parseArgs({ options: { only: { type: 'string' } } });
const chosen = values.only === undefined ? MUTANTS : MUTANTS.filter((_, i) => i + 1 === Number(values.only));
if (chosen.length === 0) throw new Error(`--only is "${values.only}"; allowed is 1 to ${MUTANTS.length}`);

const work = fs.mkdtempSync(path.join(os.tmpdir(), 'core-mutants-'));
/** The sources as they are now: editing them does not disturb a check that runs. */
const ORIGINAL = path.join(work, 'original');
fs.cpSync(path.join(ROOT, 'core-wasm/assembly'), ORIGINAL, { recursive: true });
try {
  for (const mutant of MUTANTS) mutate(mutant, fs.readFileSync(path.join(ORIGINAL, mutant.file), 'utf8'));
  await bundleSuites();
  await build(ORIGINAL);
  const broken = runSuites();
  if (broken) throw new Error(`the core as it is fails ${broken.suite}: ${broken.test}`);
  const startedAt = performance.now();
  const verdicts: Verdict[] = [];
  for (const [i, mutant] of chosen.entries()) verdicts.push(await check(mutant, i));
  const seconds = Math.round((performance.now() - startedAt) / 1_000);
  const survivors = verdicts.filter((verdict) => verdict.caughtBy === null);
  const summary = `${verdicts.length} mutants, ${verdicts.length - survivors.length} caught, ${survivors.length} survived`;
  if (chosen === MUTANTS) fs.writeFileSync(path.join(ROOT, 'test/core/mutants/result.tsv'), report(verdicts));
  console.log(`${summary}, ${seconds} s`);
  process.exitCode = survivors.length > 0 ? 1 : 0;
} finally {
  fs.rmSync(work, { recursive: true, force: true });
}

/** The test files as plain JavaScript, once: a run then takes a second. */
async function bundleSuites() {
  const { build } = await import('esbuild');
  await build({
    entryPoints: SUITES.map(({ name }) => path.join(ROOT, `test/core/${name}.test.ts`)),
    outdir: BUNDLES,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    platform: 'node',
    format: 'esm',
    packages: 'external',
    logLevel: 'warning',
  });
}

async function check(mutant: Mutant, index: number): Promise<Verdict> {
  const sources = path.join(work, 'assembly');
  fs.rmSync(sources, { recursive: true, force: true });
  fs.cpSync(ORIGINAL, sources, { recursive: true });
  const file = path.join(sources, mutant.file);
  fs.writeFileSync(file, mutate(mutant, fs.readFileSync(file, 'utf8')));
  await build(sources);
  const caughtBy = runSuites();
  const said = caughtBy ? `caught by ${caughtBy.suite}: ${caughtBy.test}` : 'SURVIVED';
  console.log(`${index + 1}/${chosen.length} ${mutant.file}: ${mutant.breaks}: ${said}`);
  return { mutant, caughtBy };
}

function mutate({ file, find, replace }: Mutant, source: string): string {
  const parts = source.split(find);
  if (parts.length !== 2) throw new Error(`"${find}" stands ${parts.length - 1} times in ${file}; once is wanted`);
  return parts.join(replace);
}

/** Compiles the core into the work folder, under both names by which the tests ask for it. */
async function build(sources: string) {
  const out = path.join(work, 'core.wasm');
  const flags = ['--runtime', 'stub', '--use', 'abort=', '--enable', 'simd', '-O1', '--noAssert'];
  const memory = ['--initialMemory', '2', '--maximumMemory', '16384'];
  const { error, stderr } = await asc.main([path.join(sources, 'index.ts'), '-o', out, ...flags, ...memory]);
  if (error) throw new Error(`a mutant must compile:\n${stderr.toString()}`);
  fs.copyFileSync(out, path.join(work, 'core.debug.wasm'));
}

/** The first test that fails on what was built last, or null. */
function runSuites(): Verdict['caughtBy'] {
  for (const { name: suite, msMax } of SUITES) {
    const { status, stdout } = spawnSync(process.execPath, [path.join(BUNDLES, `${suite}.test.mjs`)], {
      encoding: 'utf8',
      env: { ...process.env, PARLOUR_CORE_BUILD: work },
      timeout: msMax,
      killSignal: 'SIGKILL',
      maxBuffer: 2 ** 28,
    });
    if (status === 0) continue;
    if (status === null) return { suite, test: 'did not end' };
    const failed = /^not ok \d+ - (.*?)( # time.*)?$/m.exec(stdout);
    return { suite, test: failed?.[1] ?? 'stopped' };
  }
  return null;
}

/** A line a mutant, tab-separated; the code on one line each. */
function report(verdicts: Verdict[]): string {
  const code = (text: string) => text.trim().replaceAll(/\s+/g, ' ');
  const lines = verdicts.map(({ mutant, caughtBy }, i) => {
    const caught = caughtBy ? `${caughtBy.suite}: ${caughtBy.test}` : 'SURVIVED';
    return [i + 1, mutant.file, mutant.breaks, code(mutant.find), code(mutant.replace), caught].join('\t');
  });
  return [['#', 'file', 'what it breaks', 'as it is', 'mutant', 'caught by'].join('\t'), ...lines, ''].join('\n');
}
