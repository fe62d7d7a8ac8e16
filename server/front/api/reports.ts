import { type LedgerState, type Report, type ReportFigures, ReportQuery, toDecimal } from '../../contract/index.ts';
import type { Api } from './api.ts';
import { Amount, sendCsv } from './csv.ts';
import { type ApiDeps, personOf } from './session.ts';

/** The figures of a report, in the order of the file's columns. */
const FIGURES = [
  ['turnover', 'turnoverMinor'],
  ['models', 'modelMinor'],
  ['studio', 'studioMinor'],
  ['refunds', 'refundsMinor'],
  ['credit', 'creditMinor'],
  ['bonus', 'bonusMinor'],
  ['adjustments', 'adjustmentsMinor'],
  ['payouts', 'payoutsMinor'],
] as const satisfies [string, keyof ReportFigures][];

/** The studio's figures for the operator, and the state of the ledger. */
export function registerReports(app: Api, { signIn, ledger, bookkeeper, settings }: ApiDeps): void {
  app.get('/api/reports', { schema: { querystring: ReportQuery } }, async (request): Promise<Report> => {
    await personOf(request, signIn, 'operator');
    return ledger.report(request.query);
  });

  const config = { audit: 'report_exported' } as const;
  app.get('/api/reports.csv', { schema: { querystring: ReportQuery }, config }, async (request, reply) => {
    await personOf(request, signIn, 'operator');
    const report = await ledger.report(request.query);
    const { currency, minorDigits } = settings.money;
    const rows = report.rows.map((row) => [
      row.day ?? row.person?.displayName ?? '',
      row.calls,
      ...FIGURES.map(([, figure]) => new Amount(toDecimal(row[figure], minorDigits))),
      currency,
    ]);
    const head = [report.by, 'calls', ...FIGURES.map(([name]) => name), 'currency'];
    return sendCsv(reply, `report-by-${report.by}`, head, rows);
  });

  app.post('/api/ledger/check', { config: { audit: 'ledger_checked' } }, async (request): Promise<LedgerState> => {
    await personOf(request, signIn, 'operator');
    return bookkeeper.check();
  });
}
