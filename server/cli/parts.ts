import fs from 'node:fs';
import path from 'node:path';
import type { Parts } from '../main.ts';

/** The folder of the built server: everything else of the build lies beside it. */
const here = import.meta.dirname;

export const root = path.resolve(here, '../..');

export const version: string = JSON.parse(fs.readFileSync(path.join(root, 'package.json'), 'utf8')).version;

export const parts: Parts = {
  migrations: path.join(here, 'migrations'),
  core: path.join(here, 'core.wasm'),
  mediaProgram: path.join(here, 'media-webrtc.mjs'),
  webTransportProgram: path.join(here, 'media-webtransport.mjs'),
  pages: path.join(here, '../web'),
  verifyProgram: path.join(here, 'parlour-verify.mjs'),
  version,
};
