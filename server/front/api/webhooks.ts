import { UserError } from '../../contract/index.ts';
import type { Api } from './api.ts';
import type { ApiDeps } from './session.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The request proves itself by a signature over its bytes, not by a session and an origin. */
    isSigned?: boolean;
  }
}

/** Longest notification of a payment, in bytes. */
const NOTIFICATION_BYTES_MAX = 16 * 1024;
const PROVIDERS: Readonly<Record<string, string>> = { btcpay: 'btcpay', payment: 'webhook' };

/**
 * Notifications of payment providers. A signature covers the exact bytes, so the body is kept as it came, whatever
 * its type says. Any answer but 2xx makes a provider send it again.
 */
export function registerWebhooks(app: Api, { payments }: ApiDeps): void {
  app.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
    for (const [path, provider] of Object.entries(PROVIDERS)) {
      const options = { config: { isSigned: true }, bodyLimit: NOTIFICATION_BYTES_MAX };
      scope.post(`/api/webhooks/${path}`, options, async (request) => {
        if (!Buffer.isBuffer(request.body)) throw new UserError('malformed', 'The body is empty.');
        await payments.hear(provider, { headers: request.headers, body: request.body, nowMs: Date.now() });
        return {};
      });
    }
  });
}
