import type { IssueReport } from '@contract/trust.ts';
import { onCleanup } from 'solid-js';
import { api } from '~/api';
import { useHub } from '~/hub';
import { t } from '~/i18n';
import { ReportCard } from '~/people';
import { createPaged } from '~/state';
import { Card, Listed, More, Rows } from '~/ui';

/** What this person has told the operator, and the answers. */
export function ReportsCard() {
  const hub = useHub();
  const reports = createPaged<IssueReport>(
    (report) => report.reportId,
    async (page) => (await api.issueReports(page)).reports,
  );
  onCleanup(hub.listen((message) => message.type === 'report.changed' && void reports.refresh()));
  return (
    <Card title={t('people.reports')} flush>
      <Listed
        items={reports.lines()}
        error={reports.lines() ? undefined : reports.problem()}
        onRetry={reports.more}
        empty={<p class="px-5 py-4 text-ink-soft sm:px-6">{t('people.noReports')}</p>}
      >
        {(list) => (
          <ul class="divide-y divide-line">
            <Rows each={list()} idOf={(report) => report.reportId}>
              {(report) => <ReportCard report={report()} />}
            </Rows>
          </ul>
        )}
      </Listed>
      <More list={reports} error={reports.problem()} />
    </Card>
  );
}
