// Imported first by every command: hands it over to the Node that came with the packages, unless that one runs it
// already. So any Node that npm works with will do to start Parlour, and Parlour always runs on the one it is tested on.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** The one that Parlour is written for and tested on: long-term support until April 2028. */
const MAJOR = 24;
const bin = fileURLToPath(new URL('../../node_modules/.bin', import.meta.url));

/** The program that the package of this platform brought; null where the registry has none, or none is installed. */
function shippedNode() {
  try {
    return fs.realpathSync(path.join(bin, 'node'));
  } catch {
    return null;
  }
}

/** Runs this same command by another Node, to whom signals are passed on, and ends as that one does. */
async function handOver(node) {
  const child = spawn(node, [...process.execArgv, ...process.argv.slice(1)], { stdio: 'inherit' });
  for (const signal of ['SIGTERM', 'SIGHUP', 'SIGINT']) {
    process.on(signal, () => {
      // Ctrl-C at a terminal has reached it already, and twice means more than once.
      if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal);
    });
  }
  const [code, signal] = await once(child, 'exit');
  process.exit(code ?? 128 + os.constants.signals[signal]);
}

const shipped = shippedNode();
// Programs of packages ask for `node` by its name.
const places = process.env.PATH?.split(path.delimiter) ?? [];
if (shipped && places[0] !== bin) process.env.PATH = [bin, ...places].join(path.delimiter);
if (shipped && shipped !== fs.realpathSync(process.execPath)) await handOver(shipped);
if (Number(process.versions.node.split('.')[0]) !== MAJOR) {
  console.error(
    `Parlour runs on Node ${MAJOR}, and this is ${process.version}. Run npm ci without --omit=optional, which brings ` +
      `Node ${MAJOR} along on Linux and on Macs with Intel; elsewhere install Node ${MAJOR} yourself.`,
  );
  process.exit(1);
}
