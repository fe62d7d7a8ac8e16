import { CallParams } from '../contract/index.ts';
import type { Api } from './api.ts';
import { type ApiRooms, personOf } from './session.ts';

/** What the operator can do to a call that goes on. */
export function registerCallApi(app: Api, { calls, signIn }: ApiRooms): void {
  app.post(
    '/api/calls/:callId/end',
    { schema: { params: CallParams }, config: { audit: 'call_ended' } },
    async (request) => {
      await personOf(request, signIn, 'operator');
      await calls.endByOperator(request.params.callId);
      return {};
    },
  );
}
