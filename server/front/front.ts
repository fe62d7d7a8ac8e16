import type { HttpRequest, HttpResponse, TemplatedApp } from 'uWebSockets.js';
import fs from 'node:fs';
import cookie from '@fastify/cookie';
import helmet from '@fastify/helmet';
import rateLimit from '@fastify/rate-limit';
import { type TypeBoxTypeProvider, TypeBoxValidatorCompiler } from '@fastify/type-provider-typebox';
import { getUws, serverFactory } from '@geut/fastify-uws';
import fastify, { type FastifyError, type FastifyReply, type FastifyRequest, type FastifyServerFactory } from 'fastify';
import { holdsNul, NO_NUL, sentenceOf, UserError } from '../contract/index.ts';
import { StoreUnavailable } from '../store/index.ts';
import type { Log, Metrics } from '../telemetry/index.ts';
import { type Api, registerApi } from './api.ts';
import { registerAccount } from './api-account.ts';
import { registerCallApi } from './api-calls.ts';
import { registerHouse } from './api-house.ts';
import { registerMoney } from './api-money.ts';
import { registerPayouts } from './api-payouts.ts';
import { registerPeopleApi } from './api-people.ts';
import { registerPush } from './api-push.ts';
import { registerReports } from './api-reports.ts';
import { registerWebhooks } from './api-webhooks.ts';
import { registerAuditHook } from './audit-hook.ts';
import type { CertificateFiles } from './certificate.ts';
import { isOwnOrigin, registerHub } from './hub-socket.ts';
import { loadPages, nameManifest, packedFor } from './pages.ts';
import { type ApiRooms, sessionToken } from './session.ts';

export interface FrontRooms extends ApiRooms {
  readonly log: Log;
  readonly metrics: Metrics;
}

export interface FrontOptions {
  readonly host: string;
  readonly port: number;
  readonly pagesFolder: string;
  readonly verifyProgram: string;
  /** UDP port of media over WebTransport; 0 when it is off. */
  readonly webTransportPort: number;
  readonly certificate: CertificateFiles;
}

/** Largest body of an API request. */
const BODY_BYTES_MAX = 64 * 1024;
/** API requests of one address in a minute; signing in has a stricter limit of its own. */
const REQUESTS_PER_MINUTE_MAX = 600;

export interface Front {
  /** The port's number, useful when 0 was asked for. */
  readonly port: number;
  /** Every route that it answers, as `GET /api/session`. */
  readonly routes: readonly string[];
  close(): Promise<void>;
}

/** Opens the port. */
export async function startFront(rooms: FrontRooms, options: FrontOptions): Promise<Front> {
  const { keyFile, certFile } = options.certificate;
  const app = fastify({
    serverFactory: uwsServer({ key_file_name: keyFile, cert_file_name: certFile }),
    bodyLimit: BODY_BYTES_MAX,
    logger: false,
    exposeHeadRoutes: false,
  }).withTypeProvider<TypeBoxTypeProvider>();
  const routes = routesOf(app);
  app.setValidatorCompiler(TypeBoxValidatorCompiler);
  app.setErrorHandler((error: FastifyError, request, reply) => answerError(error, request, reply, rooms.log));

  await app.register(cookie);
  await app.register(helmet, {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'self'"],
        scriptSrc: ["'self'", "'wasm-unsafe-eval'"],
        styleSrc: ["'self'", "'unsafe-inline'"],
        imgSrc: ["'self'", 'data:', 'blob:'],
        mediaSrc: ["'self'", 'blob:'],
        // Of https only WebTransport's port, on whatever name the page came by.
        connectSrc: ["'self'", 'wss:', ...(options.webTransportPort ? [`https://*:${options.webTransportPort}`] : [])],
        objectSrc: ["'none'"],
        baseUri: ["'none'"],
        formAction: ["'self'"],
        frameAncestors: ["'none'"],
      },
    },
    // A browser that has clicked through our own authority's certificate must be able to do so again.
    hsts: false,
    crossOriginEmbedderPolicy: false,
    referrerPolicy: { policy: 'no-referrer' },
  });
  await app.register(rateLimit, {
    max: REQUESTS_PER_MINUTE_MAX,
    timeWindow: '1 minute',
    allowList: (request) => !request.url.startsWith('/api/'),
  });
  app.addHook('onRequest', async (request, reply) => {
    reply.header('Permissions-Policy', 'camera=(self), microphone=(self), display-capture=(), geolocation=()');
    if (request.url.startsWith('/api/')) reply.header('Cache-Control', 'no-store');
    const changes = request.method !== 'GET' && request.method !== 'HEAD';
    // A webhook comes from no page: its signature stands in for the origin.
    const isSigned = request.routeOptions.config.isSigned === true;
    if (changes && !isSigned && !isOwnOrigin(request.headers.origin, request.headers.host))
      throw new UserError('bad_origin');
  });

  // No text of PostgreSQL holds a NUL: at this door it is the sender's mistake, behind it it would be ours.
  app.addHook('preValidation', async (request) => {
    if ([request.body, request.query, request.params].some(holdsNul)) {
      throw new UserError('malformed', NO_NUL);
    }
  });

  registerAuditHook(app, rooms);
  registerApi(app, rooms);
  registerAccount(app, rooms);
  registerHouse(app, rooms, certFile);
  registerMoney(app, rooms);
  registerPayouts(app, rooms);
  registerReports(app, rooms);
  registerWebhooks(app, rooms);
  registerCallApi(app, rooms);
  registerPeopleApi(app, rooms);
  registerPush(app, rooms);
  registerPages(app, options, rooms.settings.name);

  const uws = getUws(app) as TemplatedApp;
  guardRawHandlers(uws, rooms.log);
  registerHub(uws, rooms, sessionToken);
  await app.listen({ host: options.host, port: options.port });
  const address = app.server.address();
  if (typeof address !== 'object' || !address) throw new Error('the port did not open');
  return { port: address.port, routes, close: () => app.close() };
}

/** A list that grows with each route that is registered from now on. */
function routesOf(app: Api): readonly string[] {
  const routes: string[] = [];
  app.addHook('onRoute', ({ method, url }) => void routes.push(...[method].flat().map((one) => `${one} ${url}`)));
  return routes;
}

/** Fastify on uWebSockets; the key is given as a file, so that no copy of it is written elsewhere. */
function uwsServer(https: { key_file_name: string; cert_file_name: string }): FastifyServerFactory {
  return ((handler: never, options: object) =>
    serverFactory(handler, { ...options, https })) as unknown as FastifyServerFactory;
}

function registerPages(app: Api, options: FrontOptions, name: string): void {
  const pages = loadPages(options.pagesFolder);
  nameManifest(pages, name);
  const authority = fs.readFileSync(options.certificate.authorityFile);
  app.get('/authority.pem', (_request, reply) =>
    reply
      .header('Content-Disposition', 'attachment; filename="parlour-authority.pem"')
      .type('application/x-pem-file')
      .send(authority),
  );
  const verifyProgram = fs.readFileSync(options.verifyProgram);
  app.get('/parlour-verify.mjs', (_request, reply) =>
    reply
      .header('Content-Disposition', 'attachment; filename="parlour-verify.mjs"')
      .type('text/javascript; charset=utf-8')
      .send(verifyProgram),
  );
  app.get('/*', (request, reply) => {
    const [url] = request.url.split('?') as [string];
    if (url.startsWith('/api/')) throw new UserError('not_found');
    const page = pages.get(url) ?? (looksLikeFile(url) ? undefined : pages.get('/'));
    if (!page) throw new UserError('not_found');
    reply.header('Cache-Control', page.cacheControl).header('ETag', page.etag);
    if (request.headers['if-none-match'] === page.etag) return reply.code(304).send();
    reply.type(page.contentType);
    if (page.packed.length > 0) reply.header('Vary', 'Accept-Encoding');
    const packed = packedFor(page, request.headers['accept-encoding']);
    if (!packed) return reply.send(page.body);
    return reply.header('Content-Encoding', packed.coding).send(packed.body);
  });
}

/** Addresses of the pages have no dot in their last part; a file that is missing is an error. */
const looksLikeFile = (url: string): boolean => url.slice(url.lastIndexOf('/')).includes('.');

function answerError(error: FastifyError, request: FastifyRequest, reply: FastifyReply, log: Log): FastifyReply {
  const known = asUserError(error);
  if (!known) log.error({ err: error, url: request.url, method: request.method }, 'a request failed');
  const answer = known ?? new UserError('internal');
  return reply.code(answer.httpStatus).send(answer.toBody());
}

function asUserError(error: FastifyError): UserError | null {
  if (error instanceof UserError) return error;
  if (error instanceof StoreUnavailable) return new UserError('unavailable');
  if (error.validation) {
    return new UserError('malformed', sentenceOf(error.validation[0], error.validationContext ?? 'request'));
  }
  if (error.statusCode === 413) return new UserError('too_large');
  if (error.statusCode === 429) return new UserError('too_many_requests');
  if (error.statusCode && error.statusCode < 500) return new UserError('malformed', error.message);
  return null;
}

/** A throw in a raw handler of uWebSockets ends the process: none gets out. */
function guardRawHandlers(uws: TemplatedApp, log: Log): void {
  const any = uws.any.bind(uws);
  uws.any = (pattern, handler) =>
    any(pattern, (response: HttpResponse, request: HttpRequest) => {
      try {
        return handler(response, request);
      } catch (error) {
        log.error({ err: error }, 'a raw request handler threw');
        response.close();
      }
    });
}
