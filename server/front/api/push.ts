import { digestOf } from '../../accounts/index.ts';
import { type PushState, SetPush } from '../../contract/index.ts';
import type { Api } from './api.ts';
import { type ApiDeps, personOf } from './session.ts';

/** Tests of one's own notifications in a minute: each is a request to somebody else's machine. */
const TESTS_PER_MINUTE_MAX = 5;

/** Notifications of this session's browser, for whom there is something to tell. */
export function registerPush(app: Api, { signIn, push }: ApiDeps): void {
  const sessionOf = async (request: Parameters<typeof personOf>[0]) =>
    digestOf((await personOf(request, signIn, 'client', 'model')).token);

  app.get('/api/push', async (request): Promise<PushState> => push.state(await sessionOf(request)));

  app.put('/api/push', { schema: { body: SetPush } }, async (request): Promise<PushState> => {
    return push.subscribe(await sessionOf(request), request.body);
  });

  app.delete('/api/push', async (request): Promise<PushState> => push.unsubscribe(await sessionOf(request)));

  const limit = { rateLimit: { max: TESTS_PER_MINUTE_MAX, timeWindow: '1 minute' } };
  app.post('/api/push/test', { config: limit }, async (request) => {
    await push.test(await sessionOf(request));
    return {};
  });
}
