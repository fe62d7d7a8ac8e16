import type { AddCredit, CreditAdded } from '@contract/api.ts';
import type {
  Adjust,
  CallRefunds,
  CreditReceived,
  Earnings,
  HistoryLines,
  HistoryQuery,
  LedgerState,
  MakeVouchers,
  Payment,
  PaymentLine,
  PaymentQuery,
  Payments,
  Payout,
  PayoutAction,
  PayoutQuery,
  Payouts,
  Providers,
  RedeemVoucher,
  RefundCall,
  RefundTip,
  Report,
  ReportQuery,
  RequestPayout,
  SettleTrouble,
  StartPayment,
  VoucherBatchDetail,
  VoucherBatches,
  VoucherBatchQuery,
  VoucherQuery,
  VouchersMade,
} from '@contract/money-api.ts';
import type { AuditQuery } from '@contract/studio.ts';
import { ask, query } from './ask.ts';

type PayoutStepPath = 'approve' | 'reject' | 'paid' | 'failed' | 'withdraw';

/** Money over HTTP, as the contract's money-api.ts has it. */
export const moneyApi = {
  history: (filter: HistoryQuery = {}) => ask<HistoryLines>('GET', `/history${query(filter)}`),
  refunds: (callId: number) => ask<CallRefunds>('GET', `/calls/${callId}/refunds`),
  refundTip: (callId: number, transferId: number, body: RefundTip) =>
    ask<CallRefunds>('POST', `/calls/${callId}/tips/${transferId}/refund`, body),
  refund: (callId: number, body: RefundCall) => ask<CallRefunds>('POST', `/calls/${callId}/refund`, body),
  addCredit: (personId: number, body: AddCredit) => ask<CreditAdded>('POST', `/people/${personId}/credit`, body),
  adjust: (personId: number, body: Adjust) => ask<CreditAdded>('POST', `/people/${personId}/adjustment`, body),

  redeemVoucher: (body: RedeemVoucher) => ask<CreditReceived>('POST', '/vouchers/redeem', body),
  voucherBatches: (page: VoucherBatchQuery = {}) => ask<VoucherBatches>('GET', `/voucher-batches${query(page)}`),
  makeVouchers: (body: MakeVouchers) => ask<VouchersMade>('POST', '/voucher-batches', body),
  voucherBatch: (batchId: number, filter: VoucherQuery = {}) =>
    ask<VoucherBatchDetail>('GET', `/voucher-batches/${batchId}${query(filter)}`),
  voidBatch: (batchId: number) => ask<VoucherBatchDetail>('POST', `/voucher-batches/${batchId}/void`),
  voidVoucher: (voucherId: number) => ask<VoucherBatchDetail>('POST', `/vouchers/${voucherId}/void`),

  providers: () => ask<Providers>('GET', '/payments/providers'),
  startPayment: (body: StartPayment) => ask<Payment>('POST', '/payments', body),
  payments: (filter: PaymentQuery = {}) => ask<Payments>('GET', `/payments${query(filter)}`),
  settleTrouble: (paymentId: number, body: SettleTrouble) =>
    ask<PaymentLine>('POST', `/payments/${paymentId}/settle-trouble`, body),
  payment: (paymentId: number) => ask<Payment>('GET', `/payments/${paymentId}`),

  earnings: (zone: string) => ask<Earnings>('GET', `/earnings${query({ zone })}`),
  requestPayout: (body: RequestPayout) => ask<Payout>('POST', '/payouts', body),
  payouts: (filter: PayoutQuery = {}) => ask<Payouts>('GET', `/payouts${query(filter)}`),
  stepPayout: (payoutId: number, step: PayoutStepPath, body: PayoutAction = {}) =>
    ask<Payout>('POST', `/payouts/${payoutId}/${step}`, body),

  report: (filter: ReportQuery) => ask<Report>('GET', `/reports${query(filter)}`),
  checkLedger: () => ask<LedgerState>('POST', '/ledger/check'),
};

/** Where the browser fetches a list as a file, with the filters of the list. */
export const csvPath = {
  history: (filter: HistoryQuery) => `/api/history.csv${query(filter)}`,
  payouts: (filter: PayoutQuery) => `/api/payouts.csv${query(filter)}`,
  report: (filter: ReportQuery) => `/api/reports.csv${query(filter)}`,
  audit: (filter: AuditQuery) => `/api/audit.csv${query(filter)}`,
};
