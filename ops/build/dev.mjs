// The developer's loop: pages with hot reload, and a server that starts anew when its sources change. Its data folder
// is kept from run to run. Usage: npm run dev   (PARLOUR_DATA for another folder, DEV_PORT for another port of pages)
import './runtime.mjs';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import { buildStale, root } from './build.mjs';

const data = path.resolve(root, process.env.PARLOUR_DATA ?? '.dev-data');
const PAGES_PORT = Number(process.env.DEV_PORT ?? 5173);
const SERVER_PORT = Number(process.env.PARLOUR_FRONT_PORT ?? 8443);
/** Changes within so long, such as a checkout's, are one. */
const GATHER_MS = 200;
/** An appliance that has not answered by then has said why in its log. */
const START_MS_MAX = 30_000;
const own = `https://localhost:${SERVER_PORT}`;

let server = null;
let isOver = false;

async function startServer() {
  const started = spawn(
    process.execPath,
    ['--inspect=9229', '--enable-source-maps', path.join(root, 'dist/server/parlour.mjs'), 'start'],
    {
      cwd: root,
      stdio: 'inherit',
      env: { ...process.env, PARLOUR_DATA: data, PARLOUR_FRONT_PORT: String(SERVER_PORT) },
    },
  );
  server = started;
  started.once('exit', (code) => {
    if (server === started) console.error(`the server has ended (${code}); it starts anew with the next change`);
  });
}

async function stopServer() {
  const running = server;
  server = null;
  if (!running || running.exitCode !== null) return;
  const ended = once(running, 'exit');
  running.kill('SIGTERM');
  await ended;
}

async function restart() {
  try {
    await buildStale(['core', 'server']);
  } catch (error) {
    return console.error(error.message); // the one that runs goes on
  }
  await stopServer();
  if (!isOver) await startServer();
}

function restartOnChange() {
  let timer = null;
  let restarting = Promise.resolve();
  for (const folder of ['server', 'core-wasm/assembly', 'core-wasm/host']) {
    fs.watch(path.join(root, folder), { recursive: true }, () => {
      clearTimeout(timer);
      timer = setTimeout(() => {
        restarting = restarting.then(restart);
      }, GATHER_MS);
    });
  }
}

async function certificate() {
  const [key, cert] = ['appliance.key', 'appliance.pem'].map((name) => path.join(data, 'tls', name));
  const giveUpAt = Date.now() + START_MS_MAX;
  while (!fs.existsSync(key) || !fs.existsSync(cert)) {
    if (Date.now() > giveUpAt) throw new Error('the server has made no certificate; its log says why');
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return { key: fs.readFileSync(key), cert: fs.readFileSync(cert) };
}

/** The server takes pages of its own origin only: what comes through here is that of its pages. */
const asOwnPage = {
  target: own,
  secure: false,
  changeOrigin: true,
  configure: (proxy) => {
    for (const event of ['proxyReq', 'proxyReqWs']) proxy.on(event, (request) => request.setHeader('origin', own));
  },
};

async function servePages() {
  const { createServer } = await import('vite');
  const pages = await createServer({
    configFile: path.join(root, 'web/vite.config.ts'),
    server: {
      port: PAGES_PORT,
      strictPort: true,
      https: await certificate(),
      proxy: { '/api': asOwnPage, '/hub': { ...asOwnPage, ws: true } },
    },
  });
  await pages.listen();
  console.error(`\n  Pages with hot reload: https://localhost:${PAGES_PORT}   (debugger: port 9229)\n`);
  return pages;
}

// The server serves built pages as well; with these, the developer's, only the first build has to be there.
await buildStale(fs.existsSync(path.join(root, 'dist/web/index.html')) ? ['core', 'server'] : undefined);
await startServer();
restartOnChange();
const pages = await servePages();
for (const signal of ['SIGINT', 'SIGTERM']) {
  process.once(signal, async () => {
    isOver = true;
    await Promise.all([stopServer(), pages.close()]);
    process.exit(0);
  });
}
