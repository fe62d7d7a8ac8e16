import {
  type Earnings,
  EarningsQuery,
  type Payout,
  PayoutAction,
  PayoutParams,
  PayoutQuery,
  type Payouts,
  RequestPayout,
  toDecimal,
  toMinor,
} from '../../contract/index.ts';
import type { Api } from './api.ts';
import { Amount, sendCsv } from './csv.ts';
import { type ApiDeps, personOf } from './session.ts';

const OPERATOR_STEPS = [
  ['reject', 'payout_rejected'],
  ['paid', 'payout_paid'],
  ['failed', 'payout_failed'],
] as const;

/** What models earn, and how it is paid out. */
export function registerPayouts(app: Api, { signIn, ledger, payouts, settings }: ApiDeps): void {
  app.get('/api/earnings', { schema: { querystring: EarningsQuery } }, async (request): Promise<Earnings> => {
    const { personId } = await personOf(request, signIn, 'model');
    const [earned, balanceMinor, inPayout] = await Promise.all([
      ledger.earnings(personId, request.query.zone),
      ledger.balanceOf(personId, 'model'),
      payouts.inPayout(personId),
    ]);
    const { payoutMinMinor } = settings.payments;
    return { ...earned, balanceMinor, inPayoutMinor: toMinor(inPayout), payoutMinMinor };
  });

  app.post('/api/payouts', { schema: { body: RequestPayout } }, async (request, reply): Promise<Payout> => {
    const { personId } = await personOf(request, signIn, 'model');
    const payout = await payouts.request(personId, request.body);
    reply.code(201);
    return payout;
  });

  app.get('/api/payouts', { schema: { querystring: PayoutQuery } }, async (request): Promise<Payouts> => {
    const { personId, role } = await personOf(request, signIn, 'model', 'operator');
    return { payouts: await payouts.list(role === 'operator' ? null : personId, request.query) };
  });

  const config = { audit: 'report_exported' } as const;
  app.get('/api/payouts.csv', { schema: { querystring: PayoutQuery }, config }, async (request, reply) => {
    await personOf(request, signIn, 'operator');
    const { currency, minorDigits } = settings.money;
    const rows = (await payouts.list(null, request.query, 'file')).map((payout) => [
      payout.payoutId,
      payout.requestedAt,
      payout.model.displayName,
      new Amount(toDecimal(payout.amountMinor, minorDigits)),
      currency,
      payout.destination,
      payout.state,
      payout.approvedBy.map((person) => person.displayName).join(' and '),
    ]);
    const head = ['payout', 'requested', 'model', 'amount', 'currency', 'destination', 'state', 'approved by'];
    return sendCsv(reply, 'payouts', head, rows);
  });

  const schema = { params: PayoutParams, body: PayoutAction };

  app.post(
    '/api/payouts/:payoutId/approve',
    { schema, config: { audit: 'payout_approved' } },
    async (request): Promise<Payout> => {
      const { personId } = await personOf(request, signIn, 'operator');
      return payouts.approve(personId, request.params.payoutId, request.body.note ?? null);
    },
  );

  for (const [step, audit] of OPERATOR_STEPS) {
    app.post(`/api/payouts/:payoutId/${step}`, { schema, config: { audit } }, async (request): Promise<Payout> => {
      const { personId } = await personOf(request, signIn, 'operator');
      const by = { personId, ownOnly: false };
      return payouts.step(step, by, request.params.payoutId, request.body.note ?? null);
    });
  }

  app.post('/api/payouts/:payoutId/withdraw', { schema }, async (request): Promise<Payout> => {
    const { personId } = await personOf(request, signIn, 'model');
    const by = { personId, ownOnly: true };
    return payouts.step('withdraw', by, request.params.payoutId, request.body.note ?? null);
  });
}
