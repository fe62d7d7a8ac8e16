import type { FastifyRequest } from 'fastify';
import {
  Adjust,
  CallParams,
  type CallRefunds,
  type CreditAdded,
  type CreditReceived,
  type HistoryLine,
  type HistoryLines,
  HistoryQuery,
  MakeVouchers,
  type Payment,
  type PaymentLine,
  PaymentParams,
  PaymentQuery,
  type Payments,
  PersonParams,
  type Providers,
  RedeemVoucher,
  RefundCall,
  RefundTip,
  SettleTrouble,
  StartPayment,
  TipParams,
  toDecimal,
  toMinor,
  UserError,
  type VoucherBatchDetail,
  type VoucherBatches,
  VoucherBatchParams,
  VoucherBatchQuery,
  VoucherParams,
  VoucherQuery,
  type VouchersMade,
} from '../../contract/index.ts';
import type { Refunder } from '../../ledger/index.ts';
import type { Api } from './api.ts';
import { Amount, sendCsv } from './csv.ts';
import { type ApiDeps, personOf } from './session.ts';

/** What people see of their money, and the ways in and back: history, refunds, vouchers, payments. */
export function registerMoney(app: Api, deps: ApiDeps): void {
  registerHistory(app, deps);
  registerRefunds(app, deps);
  registerVouchers(app, deps);
  registerPayments(app, deps);
}

function registerHistory(app: Api, { signIn, ledger, accounts, settings }: ApiDeps): void {
  /** One's own, or for the operator the one of the person named. */
  const whose = async (request: FastifyRequest<{ Querystring: HistoryQuery }>): Promise<number> => {
    const { personId } = request.query;
    if (personId === undefined) return (await personOf(request, signIn)).personId;
    await personOf(request, signIn, 'operator');
    return (await accounts.person(personId)).personId;
  };

  app.get('/api/history', { schema: { querystring: HistoryQuery } }, async (request): Promise<HistoryLines> => {
    return { lines: await ledger.history(await whose(request), request.query) };
  });

  app.get('/api/history.csv', { schema: { querystring: HistoryQuery } }, async (request, reply) => {
    const lines = await ledger.history(await whose(request), request.query, 'file');
    const { currency, minorDigits } = settings.money;
    const amount = (minor: number) => new Amount(toDecimal(minor, minorDigits));
    const row = (line: HistoryLine) => [
      line.at,
      line.kind,
      amount(line.amountMinor),
      amount(line.balanceMinor),
      currency,
      line.callId,
      line.unit,
      line.reason,
      line.transferId,
    ];
    const head = ['time', 'kind', 'amount', 'balance', 'currency', 'call', 'unit', 'reason', 'transfer'];
    return sendCsv(reply, 'history', head, lines.map(row));
  });

  app.post(
    '/api/people/:personId/adjustment',
    { schema: { params: PersonParams, body: Adjust }, config: { audit: 'balance_corrected' } },
    async (request): Promise<CreditAdded> => {
      const operator = await personOf(request, signIn, 'operator');
      const { personId, role } = await accounts.person(request.params.personId);
      if (role === 'operator') throw new UserError('no_wallet');
      const { key, amountMinor, reason } = request.body;
      if (amountMinor === 0) throw new UserError('malformed', 'amountMinor must not be 0.');
      const balanceMinor = await ledger.adjust({
        key,
        personId,
        role,
        amountMinor: toMinor(amountMinor),
        reason,
        actorId: operator.personId,
      });
      return { balanceMinor };
    },
  );
}

function registerRefunds(app: Api, { signIn, ledger, records, calls }: ApiDeps): void {
  app.get('/api/calls/:callId/refunds', { schema: { params: CallParams } }, async (request): Promise<CallRefunds> => {
    const { personId, role } = await personOf(request, signIn);
    const { callId } = request.params;
    const { clientId, modelId } = await records.read(callId);
    const isTheirs = role === 'operator' || personId === clientId || personId === modelId;
    if (!isTheirs) throw new UserError('call_not_found');
    return ledger.refundsOfCall(callId, role === 'client' ? null : ({ role, personId } satisfies Refunder));
  });

  /** The model of the call, or an operator. */
  const refunderOf = async (request: FastifyRequest, callId: number): Promise<Refunder> => {
    const { personId, role } = await personOf(request, signIn, 'model', 'operator');
    if (role === 'client') throw new UserError('not_allowed');
    const { modelId } = await records.read(callId);
    if (role === 'model' && modelId !== personId) throw new UserError('call_not_found');
    return { role, personId };
  };

  app.post(
    '/api/calls/:callId/tips/:transferId/refund',
    { schema: { params: TipParams, body: RefundTip }, config: { audit: 'tip_refunded' } },
    async (request): Promise<CallRefunds> => {
      const { callId, transferId } = request.params;
      const by = await refunderOf(request, callId);
      const refunds = await ledger.refundTip({ callId, transferId, reason: request.body.reason, by });
      await calls.tipsChanged(callId);
      return refunds;
    },
  );

  app.post(
    '/api/calls/:callId/refund',
    { schema: { params: CallParams, body: RefundCall }, config: { audit: 'call_refunded' } },
    async (request): Promise<CallRefunds> => {
      const { callId } = request.params;
      return ledger.refund({ callId, ...request.body, by: await refunderOf(request, callId) });
    },
  );
}

function registerVouchers(app: Api, { signIn, vouchers }: ApiDeps): void {
  app.post('/api/vouchers/redeem', { schema: { body: RedeemVoucher } }, async (request): Promise<CreditReceived> => {
    const { personId } = await personOf(request, signIn, 'client');
    return vouchers.redeem(personId, request.body.code, request.ip);
  });

  app.get(
    '/api/voucher-batches',
    { schema: { querystring: VoucherBatchQuery } },
    async (request): Promise<VoucherBatches> => {
      await personOf(request, signIn, 'operator');
      return { batches: await vouchers.batches(request.query) };
    },
  );

  app.post(
    '/api/voucher-batches',
    { schema: { body: MakeVouchers }, config: { audit: 'vouchers_made' } },
    async (request, reply): Promise<VouchersMade> => {
      const { personId } = await personOf(request, signIn, 'operator');
      reply.code(201);
      return vouchers.make(personId, request.body);
    },
  );

  app.get(
    '/api/voucher-batches/:batchId',
    { schema: { params: VoucherBatchParams, querystring: VoucherQuery } },
    async (request): Promise<VoucherBatchDetail> => {
      await personOf(request, signIn, 'operator');
      return vouchers.batch(request.params.batchId, request.query);
    },
  );

  app.post(
    '/api/voucher-batches/:batchId/void',
    { schema: { params: VoucherBatchParams }, config: { audit: 'batch_voided' } },
    async (request): Promise<VoucherBatchDetail> => {
      await personOf(request, signIn, 'operator');
      return vouchers.void({ batchId: request.params.batchId });
    },
  );

  app.post(
    '/api/vouchers/:voucherId/void',
    { schema: { params: VoucherParams }, config: { audit: 'voucher_voided' } },
    async (request): Promise<VoucherBatchDetail> => {
      await personOf(request, signIn, 'operator');
      return vouchers.void({ voucherId: request.params.voucherId });
    },
  );
}

function registerPayments(app: Api, { signIn, payments, linkBase }: ApiDeps): void {
  app.get('/api/payments/providers', async (request): Promise<Providers> => {
    await personOf(request, signIn);
    return payments.ways();
  });

  app.post('/api/payments', { schema: { body: StartPayment } }, async (request, reply): Promise<Payment> => {
    const { personId } = await personOf(request, signIn, 'client');
    const base = linkBase({ host: request.host });
    const payment = await payments.start(personId, request.body, (paymentId) => `${base}/payments/${paymentId}`);
    reply.code(201);
    return payment;
  });

  app.get('/api/payments', { schema: { querystring: PaymentQuery } }, async (request): Promise<Payments> => {
    const { personId, role } = await personOf(request, signIn, 'client', 'operator');
    return { payments: await payments.list(role === 'operator' ? null : personId, request.query) };
  });

  app.post(
    '/api/payments/:paymentId/settle-trouble',
    { schema: { params: PaymentParams, body: SettleTrouble }, config: { audit: 'trouble_settled' } },
    async (request): Promise<PaymentLine> => {
      const { personId } = await personOf(request, signIn, 'operator');
      return payments.settleTrouble(personId, request.params.paymentId, request.body.note);
    },
  );

  app.get('/api/payments/:paymentId', { schema: { params: PaymentParams } }, async (request): Promise<Payment> => {
    const { personId } = await personOf(request, signIn, 'client');
    return payments.read(personId, request.params.paymentId);
  });
}
