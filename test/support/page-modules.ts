import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const root = path.resolve(import.meta.dirname, '../..');

/**
 * Modules of the pages as a browser has them, for tests of what shows nothing: Node itself would load Solid's server
 * build, in which no effect runs. @param entry exports, as lines of TypeScript in web/src
 */
export async function loadPageModules<Exports>(entry: string): Promise<Exports> {
  const { outputFiles } = await build({
    stdin: { contents: entry, resolveDir: path.join(root, 'web/src'), loader: 'ts' },
    bundle: true,
    write: false,
    format: 'esm',
    conditions: ['browser'],
    alias: { '~': path.join(root, 'web/src'), '@contract': path.join(root, 'server/contract') },
  });
  // A file, and no data: URL, which would stand in every line of a stack.
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'parlour-page-modules-'));
  try {
    const file = path.join(folder, 'modules.mjs');
    fs.writeFileSync(file, outputFiles[0]?.contents ?? '');
    return (await import(pathToFileURL(file).href)) as Exports;
  } finally {
    fs.rmSync(folder, { recursive: true });
  }
}

/** What those modules ask a browser for. */
export function standInForBrowser(): void {
  const page = { visibilityState: 'visible', addEventListener: () => {}, removeEventListener: () => {} };
  Object.assign(globalThis, { window: globalThis, document: page });
  // Node has one of its own, which can only be defined anew.
  Object.defineProperty(globalThis, 'navigator', { value: { languages: ['en'] }, configurable: true });
}
