// The registry's package falls back to a pure JavaScript server without a word when its native
// file does not load. That server has neither TLS nor our speed, so here the native file loads or
// the import throws.
'use strict';
const path = require('node:path');

const home = path.dirname(require.resolve('@trufflesuite/uws-js-unofficial/package.json'));
const build = `uws_${process.platform}_${process.arch}_${process.versions.modules}.node`;

try {
  module.exports = require(path.join(home, 'binaries', build));
} catch (cause) {
  throw new Error(
    `uWebSockets.js has no native build for Node ${process.version} on ${process.platform}-${process.arch} ` +
      `(wanted ${build}). Use Node 20, or install the official package and point package.json at it.`,
    { cause },
  );
}
