// Packs the built pages with Brotli and, for whoever takes nothing else, gzip, each into a file beside it: too slow for
// a start. Pictures are packed as they are.
import fs from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';

const PACKED = /\.(html|js|css|wasm|svg|txt|json|webmanifest)$/;
/** Below this a packet is a packet. */
const BYTES_MIN = 1_000;

const packBrotli = promisify(brotliCompress);
const packGzip = promisify(gzip);

/** @param {string} folder with all below it */
export async function packPages(folder) {
  const entries = fs.readdirSync(folder, { withFileTypes: true, recursive: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => path.join(entry.parentPath, entry.name));
  await Promise.all(
    files
      .filter((file) => PACKED.test(file))
      .map(async (file) => {
        const body = fs.readFileSync(file);
        if (body.length < BYTES_MIN) return;
        const params = { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY };
        fs.writeFileSync(`${file}.br`, await packBrotli(body, { params }));
        fs.writeFileSync(`${file}.gz`, await packGzip(body, { level: 9 }));
      }),
  );
}
