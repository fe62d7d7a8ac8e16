// Runs a developer's command written in TypeScript: bundles it, then starts it.
// Usage: node ops/build/run-dev.mjs [--built] <entry.ts> [arguments]
// With --built everything that the command may start is built before, where it is stale; else the core alone.
import './runtime.mjs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { buildStale, nodeBundle, root } from './build.mjs';

const needsAll = process.argv[2] === '--built';
const [entry, ...args] = process.argv.slice(needsAll ? 3 : 2);
if (!entry) {
  console.error('usage: node ops/build/run-dev.mjs <entry.ts> [arguments]');
  process.exit(2);
}
await buildStale(needsAll ? undefined : ['core']);
const { build } = await import('esbuild');
const outfile = path.join(root, 'dist/dev', entry.replace(/[\\/]/g, '-').replace(/\.ts$/, '.mjs'));
await build({
  ...nodeBundle,
  entryPoints: [entry],
  outfile,
  external: [...nodeBundle.external, 'typescript', 'assemblyscript'],
});
process.argv = [process.argv[0], outfile, ...args];
await import(pathToFileURL(outfile).href);
