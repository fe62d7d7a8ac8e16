#!/usr/bin/env node
// The command `parlour`: builds what is stale where the sources are at hand, then runs the built one.
import './runtime.mjs';
import fs from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { buildStale, root } from './build.mjs';

const built = path.join(root, 'dist/server/parlour.mjs');
const canBuild = fs.existsSync(path.join(root, 'node_modules/esbuild')) && fs.existsSync(path.join(root, 'server'));
try {
  if (canBuild && process.env.PARLOUR_BUILD !== 'never') await buildStale();
} catch (error) {
  console.error(`The build failed. ${error.message}`);
  process.exit(1);
}
delete process.env.PARLOUR_BUILD;
if (!fs.existsSync(built)) {
  console.error('Parlour is not built. Run: npm ci && npm run build');
  process.exit(1);
}
process.argv[1] = built;
await import(pathToFileURL(built).href);
