import fs from 'node:fs';
import path from 'node:path';
import fastifyStatic from '@fastify/static';
import { UserError } from '../contract/index.ts';
import type { Api } from './api/api.ts';

const MANIFEST = 'manifest.webmanifest';
/** Names under /assets/ carry a digest of their content: they can be kept for ever. */
const FOREVER = 'public, max-age=31536000, immutable';
const ASK_AGAIN = 'no-cache';

/**
 * The built pages, each beside its Brotli and gzip files from the build. Every address that names no file is answered
 * with the page, which knows what to show.
 * @param name of the appliance: installed, the pages carry it
 */
export async function registerPages(app: Api, folder: string, name: string): Promise<void> {
  if (!fs.existsSync(path.join(folder, 'index.html')))
    throw new Error(`there are no built pages in ${folder}; run npm run build`);
  await app.register(fastifyStatic, {
    root: folder,
    // A route for each file there is: what is not there is not looked for on the disk.
    wildcard: false,
    preCompressed: true,
    cacheControl: false,
    // The entity tag says when the content changes.
    lastModified: false,
    globIgnore: [MANIFEST, '**/*.map', '**/*.br', '**/*.gz'],
    setHeaders: (reply, file) => {
      const isForEver = path.relative(folder, file).startsWith(`assets${path.sep}`);
      reply.header('Cache-Control', isForEver ? FOREVER : ASK_AGAIN);
    },
  });
  const manifest = JSON.stringify({
    ...(JSON.parse(fs.readFileSync(path.join(folder, MANIFEST), 'utf8')) as object),
    name,
    short_name: name,
  });
  app.get(`/${MANIFEST}`, (_request, reply) =>
    reply.header('Cache-Control', ASK_AGAIN).type('application/manifest+json').send(manifest),
  );
  app.get('/*', (request, reply) => {
    const [url] = request.url.split('?') as [string];
    if (url.startsWith('/api/') || looksLikeFile(url)) throw new UserError('not_found');
    return reply.sendFile('index.html');
  });
}

/** Addresses of the pages have no dot in their last part; a file that is missing is an error. */
const looksLikeFile = (url: string): boolean => url.slice(url.lastIndexOf('/')).includes('.');
