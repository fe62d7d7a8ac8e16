import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';

/** A content coding (RFC 9110 section 8.4.1) of a file. */
export interface Packed {
  readonly coding: 'br' | 'gzip';
  readonly body: Buffer;
}

/** A file of the built pages, ready to send. */
export interface PageFile {
  readonly body: Buffer;
  /** The same, smaller, the best first; none where that gains nothing. Pages hold no secrets that a length could tell. */
  readonly packed: readonly Packed[];
  readonly contentType: string;
  readonly cacheControl: string;
  readonly etag: string;
}

const CONTENT_TYPES: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.wasm': 'application/wasm',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.webmanifest': 'application/manifest+json',
  '.woff2': 'font/woff2',
  '.txt': 'text/plain; charset=utf-8',
  '.json': 'application/json',
};
/** All pages together; they are kept in memory. */
const TOTAL_BYTES_MAX = 64 * 1024 * 1024;
/** Names under /assets/ carry a digest of their content: they can be kept for ever. */
const FOREVER = 'public, max-age=31536000, immutable';
const ASK_AGAIN = 'no-cache';

/** Text shrinks; pictures are packed as they are. */
const PACKED = /^(text\/|application\/(json|manifest\+json|wasm)|image\/svg)/;
/** What the build has packed lies beside the file. */
const BROTLI = '.br';
/** Below this a packet is a packet. */
const GZIP_BYTES_MIN = 1_000;

/** @param brotli the file as the build has packed it; gzip, which is for few, is made here */
function pageFile(url: string, body: Buffer, brotli: Buffer | null): PageFile {
  const contentType = CONTENT_TYPES[path.extname(url)] ?? 'application/octet-stream';
  const isWorthIt = PACKED.test(contentType) && body.length >= GZIP_BYTES_MIN;
  return {
    body,
    packed: [
      ...(brotli ? [{ coding: 'br', body: brotli } as const] : []),
      ...(isWorthIt ? [{ coding: 'gzip', body: gzipSync(body, { level: 9 }) } as const] : []),
    ],
    contentType,
    cacheControl: url.startsWith('/assets/') ? FOREVER : ASK_AGAIN,
    etag: `"${createHash('sha256').update(body).digest('base64url').slice(0, 16)}"`,
  };
}

/** Reads the built pages into memory, by URL path. `/` is the page that every other address falls back to. */
export function loadPages(folder: string): Map<string, PageFile> {
  const pages = new Map<string, PageFile>();
  let total = 0;
  for (const entry of fs.readdirSync(folder, { withFileTypes: true, recursive: true })) {
    if (!entry.isFile() || entry.name.endsWith('.map') || entry.name.endsWith(BROTLI)) continue;
    const file = path.join(entry.parentPath, entry.name);
    const url = `/${path.relative(folder, file).split(path.sep).join('/')}`;
    const body = fs.readFileSync(file);
    const brotli = fs.existsSync(file + BROTLI) ? fs.readFileSync(file + BROTLI) : null;
    total += body.length + (brotli?.length ?? 0);
    if (total > TOTAL_BYTES_MAX) throw new Error(`the pages in ${folder} are larger than ${TOTAL_BYTES_MAX} bytes`);
    pages.set(url === '/index.html' ? '/' : url, pageFile(url, body, brotli));
  }
  if (!pages.has('/')) throw new Error(`there are no built pages in ${folder}; run npm run build`);
  return pages;
}

const MANIFEST = '/manifest.webmanifest';

/** Installed, the pages carry the name of this house. */
export function nameManifest(pages: Map<string, PageFile>, name: string): void {
  const built = pages.get(MANIFEST);
  if (!built) return;
  const manifest = { ...(JSON.parse(String(built.body)) as object), name, short_name: name };
  pages.set(MANIFEST, pageFile(MANIFEST, Buffer.from(JSON.stringify(manifest)), null));
}

/** The best coding that a browser takes (RFC 9110 section 12.5.3); null: the file as it is. */
export function packedFor({ packed }: PageFile, acceptEncoding: string | undefined): Packed | null {
  const accepted = new Set(
    (acceptEncoding ?? '')
      .split(',')
      .map((part) =>
        part
          .trim()
          .toLowerCase()
          .split(/\s*;\s*q=/),
      )
      .filter(([, weight]) => weight === undefined || Number(weight) > 0)
      .map(([coding]) => coding),
  );
  return packed.find(({ coding }) => accepted.has(coding)) ?? null;
}
