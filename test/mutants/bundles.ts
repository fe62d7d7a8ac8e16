// Programs with a mutant in them: tests and the core, each built from the sources with another text for the one file that
// the mutant breaks. The working tree is never edited.
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import asc from 'assemblyscript/asc';
import type { Plugin } from 'esbuild';
import { type Mutant, mutate, type Suite } from './mutant.ts';

/** A suite, ready to run. */
export interface Program {
  readonly suite: Suite;
  readonly file: string;
  /** The files of the project that are in it. */
  readonly sources: ReadonlySet<string>;
}

export const ROOT = process.cwd();
/** Two folders below the root, like the tests: they find other files of the project from their own place. */
export const BUNDLES = path.join(ROOT, 'dist/mutants');
const CORE = 'core-wasm/assembly/';

export const isOfCore = ({ file }: Mutant): boolean => file.startsWith(CORE);
export const sourceOf = (file: string): string => fs.readFileSync(path.join(ROOT, file), 'utf8');

/** The suite as plain JavaScript with the mutant in it. */
export async function bundleSuite(suite: Suite, prefix: string, mutant: Mutant | null): Promise<Program> {
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
    onLoad({ filter: /\.tsx?$/ }, ({ path: file }) =>
      file === full
        ? { contents: mutate(mutant, sourceOf(mutant.file)), loader: file.endsWith('x') ? 'tsx' : 'ts' }
        : null,
    );
  },
});

/**
 * Compiles the core with the mutant in it, without assertions: what is caught here is caught by tests.
 * @returns the folder, for PARLOUR_CORE_BUILD; the core lies there under both names by which the tests ask for it
 */
export async function buildCore(folder: string, mutant: Mutant | null): Promise<string> {
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

/** A digest of what is run: equal programs fail equal tests. */
export function digestOf(files: readonly string[]): string {
  const hash = createHash('sha256');
  for (const file of files) hash.update(fs.readFileSync(file)).update('\0');
  return hash.digest('hex');
}
