import type { FastifyRequest } from 'fastify';
import { detailOf } from '../../audit/index.ts';
import type { AuditAction, ErrorBody, PersonMade } from '../../contract/index.ts';
import type { Api } from './api.ts';
import { type ApiDeps, personOf } from './session.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** What the audit log calls it when an operator does this. */
    audit?: AuditAction;
    /** It is written down whoever does it. */
    isAuditedForAll?: boolean;
  }
}

/**
 * Writes down what an operator is about to do, before it is done: where the line cannot be written, nothing is done.
 * How it ended follows before the operator hears so. Who asks for what is not open to them is written down, too.
 */
export function registerAuditHook(app: Api, { signIn, audit }: ApiDeps): void {
  const begun = new WeakMap<FastifyRequest, number>();
  const actorOf = (request: FastifyRequest) => personOf(request, signIn).catch(() => null);

  app.addHook('preHandler', async (request) => {
    const { audit: action, isAuditedForAll } = request.routeOptions.config;
    if (action === undefined) return;
    const actor = await actorOf(request);
    if (!actor || (actor.role !== 'operator' && isAuditedForAll !== true)) return;
    const { personId = null, ...params } = (request.params ?? {}) as { personId?: number };
    const detail = detailOf(params, request.query, request.body);
    begun.set(request, await audit.begin({ actorId: actor.personId, action, personId, detail }));
  });

  app.addHook('onSend', async (request, reply, payload) => {
    const entryId = begun.get(request);
    const isDone = reply.statusCode < 300;
    if (entryId !== undefined) {
      const isMade = isDone && request.routeOptions.config.audit === 'person_made';
      await audit.end(entryId, isDone ? 'done' : codeOf(payload), isMade ? madeIdOf(payload) : null);
    } else if (reply.statusCode === 403 && codeOf(payload) === 'not_allowed') {
      const actorId = (await actorOf(request))?.personId ?? null;
      const detail = { route: `${request.method} ${request.routeOptions.url ?? ''}` };
      await audit.refused({ actorId, action: 'access_refused', personId: null, detail }, 'not_allowed');
    }
    return payload;
  });
}

/** The code of an answer that says what went wrong. */
const codeOf = (payload: unknown): string =>
  typeof payload === 'string' ? ((JSON.parse(payload) as Partial<ErrorBody>).code ?? 'internal') : 'internal';

const madeIdOf = (payload: unknown): number | null =>
  typeof payload === 'string' ? ((JSON.parse(payload) as PersonMade).person?.personId ?? null) : null;
