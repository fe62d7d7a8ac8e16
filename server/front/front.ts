import type { HttpRequest, HttpResponse, TemplatedApp } from 'uWebSockets.js';
import fs from 'node:fs';
import path from 'node:path';
import cookie from '@fastify/cookie';
import helmet from '@fastify/helmet';
import rateLimit from '@fastify/rate-limit';
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import { getUws, serverFactory } from '@geut/fastify-uws';
import fastify, { type FastifyError, type FastifyReply, type FastifyRequest, type FastifyServerFactory } from 'fastify';
import { faultOfTexts, sentenceOf, UserError } from '../contract/index.ts';
import { registerHub } from '../hub/index.ts';
import { StoreUnavailable } from '../store/index.ts';
import type { Log, Metrics } from '../telemetry/index.ts';
import { networkOf } from './addresses.ts';
import { registerAccount } from './api/account.ts';
import { type Api, registerApi } from './api/api.ts';
import { registerAuditHook } from './api/audit-hook.ts';
import { registerCallApi } from './api/calls.ts';
import { registerMoney } from './api/money.ts';
import { registerPayouts } from './api/payouts.ts';
import { registerPeopleApi } from './api/people.ts';
import { registerPush } from './api/push.ts';
import { registerReports } from './api/reports.ts';
import { type ApiDeps, sessionToken } from './api/session.ts';
import { registerStudio } from './api/studio.ts';
import { registerWebhooks } from './api/webhooks.ts';
import { canonicalUrl } from './canonical-url.ts';
import type { CertificateFiles } from './certificate.ts';
import { hubSource, isOwnOrigin } from './origin.ts';
import { registerPages } from './pages.ts';
import { validatorCompiler } from './text-values.ts';

export interface FrontDeps extends ApiDeps {
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
export async function startFront(deps: FrontDeps, options: FrontOptions): Promise<Front> {
  const { keyFile, certFile } = options.certificate;
  const app = fastify({
    serverFactory: uwsServer({ key_file_name: keyFile, cert_file_name: certFile }),
    bodyLimit: BODY_BYTES_MAX,
    rewriteUrl: ({ url }) => canonicalUrl(url ?? '/'),
    logger: false,
    exposeHeadRoutes: false,
  }).withTypeProvider<TypeBoxTypeProvider>();
  const routes = routesOf(app, options.pagesFolder);
  app.setValidatorCompiler(validatorCompiler);
  app.setErrorHandler((error: FastifyError, request, reply) => answerError(error, request, reply, deps.log));

  await registerGuards(app, options);
  registerRoutes(app, deps, certFile);
  registerDownloads(app, options);
  await registerPages(app, options.pagesFolder, deps.settings.name);

  const uws = getUws(app) as TemplatedApp;
  guardRawHandlers(uws, deps.log);
  registerHub(uws, deps, { isOwnOrigin, sessionToken, networkOf });
  await app.listen({ host: options.host, port: options.port });
  const address = app.server.address();
  if (typeof address !== 'object' || !address) throw new Error('the port did not open');
  return { port: address.port, routes, close: () => app.close() };
}

/** By the route that answers it: an address can be written in many ways. */
const isOfApi = ({ routeOptions }: FastifyRequest): boolean => routeOptions.url?.startsWith('/api/') ?? false;

/** What every request passes before its route: headers, rates, the page's origin. */
async function registerGuards(app: Api, options: FrontOptions): Promise<void> {
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
        // The hub under the page's own name; of https only WebTransport's port, on whatever name the page came by.
        connectSrc: [
          "'self'",
          ({ headers }) => hubSource(headers.host),
          ...(options.webTransportPort ? [`https://*:${options.webTransportPort}`] : []),
        ],
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
    keyGenerator: ({ ip }) => networkOf(ip),
    allowList: (request) => !isOfApi(request),
  });
  app.addHook('onRequest', async (request, reply) => {
    reply.header('Permissions-Policy', 'camera=(self), microphone=(self), display-capture=(), geolocation=()');
    if (isOfApi(request)) reply.header('Cache-Control', 'no-store');
    const changes = request.method !== 'GET' && request.method !== 'HEAD';
    // A webhook comes from no page: its signature stands in for the origin.
    const isSigned = request.routeOptions.config.isSigned === true;
    if (changes && !isSigned && !isOwnOrigin(request.headers.origin, request.headers.host))
      throw new UserError('bad_origin');
  });

  // What no database keeps, or no page shows as it is: here it is the sender's mistake, further in it would be ours.
  app.addHook('preValidation', async (request) => {
    const fault = faultOfTexts(request.body) ?? faultOfTexts(request.query) ?? faultOfTexts(request.params);
    if (fault) throw new UserError('malformed', fault);
  });
}

function registerRoutes(app: Api, deps: FrontDeps, certFile: string): void {
  registerAuditHook(app, deps);
  registerApi(app, deps);
  registerAccount(app, deps);
  registerStudio(app, deps, certFile);
  registerMoney(app, deps);
  registerPayouts(app, deps);
  registerReports(app, deps);
  registerWebhooks(app, deps);
  registerCallApi(app, deps);
  registerPeopleApi(app, deps);
  registerPush(app, deps);
}

/** A list that grows with each route that is registered from now on; the built files are no routes of their own. */
function routesOf(app: Api, pagesFolder: string): readonly string[] {
  const routes: string[] = [];
  app.addHook('onRoute', ({ method, url }) => {
    if (fs.existsSync(path.join(pagesFolder, url))) return;
    routes.push(...[method].flat().map((one) => `${one} ${url}`));
  });
  return routes;
}

/** Fastify on uWebSockets; the key is given as a file, so that no copy of it is written elsewhere. */
function uwsServer(https: { key_file_name: string; cert_file_name: string }): FastifyServerFactory {
  return ((handler: never, options: object) =>
    serverFactory(handler, { ...options, https })) as unknown as FastifyServerFactory;
}

/** What anybody may take away: the authority to trust, the program that checks a call. */
function registerDownloads(app: Api, options: FrontOptions): void {
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
}

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
