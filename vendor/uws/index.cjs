// uWebSockets.js under its real name. The registry has the official build's native files as a third party's copy: each
// is known by its digest here, and another one is not loaded.
'use strict';
const { createHash } = require('node:crypto');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { forOldGlibc } = require('./old-glibc.cjs');

/** SHA-256 of the native files of 20.57.0 for Node 24, by platform and processor. */
const DIGESTS = {
  'linux-x64': '98128405dba2fb608448e921a979530f70c946a2cc9889c15f2fa70c2d00ab05',
  'linux-arm64': '88618b30ddf6b2b62310db89f40a701616676352aac5e0f6184dd8ef876199ce',
  'darwin-x64': '98fd7e9456e2d37d3262b05b053d673830927f91c63c0c2ae73bde8d19eef293',
  'darwin-arm64': '2187391c702fa7ad3bf685eff7712c15cf24fa7cf324a131dfcbae3fd0f20a9a',
};
/** Node 24's version of its interface to native code, part of each file's name. */
const NODE_ABI = '137';
const PLATFORM = `${process.platform}-${process.arch}`;

/** The machine's glibc as `[2, 36]`; null where there is none, as on macOS and Alpine. */
function glibcVersion() {
  process.report.excludeNetwork = true; // else it asks for the names of all addresses, which takes seconds
  const version = process.report.getReport().header.glibcVersionRuntime;
  return version ? version.split('.').map(Number) : null;
}

function isOldGlibc() {
  if (process.platform !== 'linux') return false;
  const version = glibcVersion();
  if (!version)
    throw new Error('uWebSockets.js needs a Linux with glibc, such as Debian; this one has another C library.');
  const [major, minor] = version;
  return major === 2 && minor < 38;
}

/** Loads native code that is in no file: through one that nobody else can write, and that is gone after. */
function loadBytes(bytes) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'parlour-uws-'));
  const file = path.join(folder, 'uws.node');
  const loaded = { exports: {} };
  try {
    fs.writeFileSync(file, bytes, { mode: 0o700, flag: 'wx' });
    process.dlopen(loaded, file);
  } finally {
    fs.rmSync(folder, { recursive: true });
  }
  return loaded.exports;
}

function load() {
  const wanted = DIGESTS[PLATFORM];
  if (!wanted || process.versions.modules !== NODE_ABI) {
    throw new Error(
      `uWebSockets.js has no native build for Node ${process.version} on ${PLATFORM}. ` +
        `Use Node 24 on one of ${Object.keys(DIGESTS).join(', ')}.`,
    );
  }
  const home = path.dirname(require.resolve('@btc-vision/uwebsockets.js'));
  const file = path.join(home, `uws_${PLATFORM.replace('-', '_')}_${NODE_ABI}.node`);
  const bytes = fs.readFileSync(file);
  const found = createHash('sha256').update(bytes).digest('hex');
  if (found !== wanted) {
    throw new Error(`${file} is not the file that Parlour was tested with: its SHA-256 is ${found}. Run npm ci again.`);
  }
  return isOldGlibc() ? loadBytes(forOldGlibc(bytes)) : require(file);
}

module.exports = load();
