import { type CallLines, CallParams, PageQuery, type Receipt } from '../../contract/index.ts';
import { currencyOf } from '../../settings/index.ts';
import type { Api } from './api.ts';
import { sendJsonFile } from './download.ts';
import { type ApiDeps, personOf } from './session.ts';

/** What people read about their calls, and what the operator can do to one that goes on. */
export function registerCallApi(app: Api, { calls, history, signIn, settings }: ApiDeps): void {
  const ofCall = { schema: { params: CallParams } };

  app.get('/api/calls', { schema: { querystring: PageQuery } }, async (request): Promise<CallLines> => {
    const person = await personOf(request, signIn);
    return { calls: await history.lines(person, request.query) };
  });

  app.get('/api/calls/:callId/receipt', ofCall, async (request): Promise<Receipt> => {
    const person = await personOf(request, signIn);
    return history.receipt(person, request.params.callId);
  });

  app.get('/api/calls/:callId/receipt.json', ofCall, async (request, reply) => {
    const person = await personOf(request, signIn);
    const { callId } = request.params;
    const file = await history.receiptFile(person, callId, currencyOf(settings));
    return sendJsonFile(reply, `parlour-call-${callId}-receipt`, file);
  });

  app.get('/api/calls/:callId/log.json', ofCall, async (request, reply) => {
    const person = await personOf(request, signIn);
    const { callId } = request.params;
    return sendJsonFile(reply, `parlour-call-${callId}-log`, await history.logFile(person, callId));
  });

  app.post('/api/calls/:callId/end', { ...ofCall, config: { audit: 'call_ended' } }, async (request) => {
    await personOf(request, signIn, 'operator');
    await calls.endByOperator(request.params.callId);
    return {};
  });
}
