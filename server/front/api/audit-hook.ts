import { detailOf } from '../../audit/index.ts';
import type { AuditAction, PersonMade } from '../../contract/index.ts';
import type { Api } from './api.ts';
import { type ApiDeps, personOf } from './session.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** What the audit log calls it when an operator has done this. */
    audit?: AuditAction;
  }
}

/** Writes down what an operator did, once it is done and before the operator hears so. */
export function registerAuditHook(app: Api, { signIn, audit }: ApiDeps): void {
  app.addHook('onSend', async (request, reply, payload) => {
    const { audit: action } = request.routeOptions.config;
    if (action === undefined || reply.statusCode >= 300) return payload;
    const actor = await personOf(request, signIn).catch(() => null);
    if (actor?.role !== 'operator') return payload;
    const { personId: named, ...params } = (request.params ?? {}) as { personId?: number };
    await audit.note({
      actorId: actor.personId,
      action,
      personId: named ?? (action === 'person_made' ? madeId(payload) : null),
      detail: detailOf(params, request.body),
    });
    return payload;
  });
}

const madeId = (payload: unknown): number | null =>
  typeof payload === 'string' ? ((JSON.parse(payload) as PersonMade).person?.personId ?? null) : null;
