// Runs a developer's command written in TypeScript: bundles it, then starts it.
// Usage: node ops/build/run-dev.mjs <entry.ts> [arguments]
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { buildStale, nodeBundle, root } from './build.mjs';

const [entry, ...args] = process.argv.slice(2);
if (!entry) {
  console.error('usage: node ops/build/run-dev.mjs <entry.ts> [arguments]');
  process.exit(2);
}
await buildStale(['core']);
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
