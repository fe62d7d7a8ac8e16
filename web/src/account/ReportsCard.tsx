import type { IssueReport } from '@contract/trust.ts';
import { createEffect, For, on, onCleanup } from 'solid-js';
import { api } from '~/api';
import { createPaged } from '~/app/pages.ts';
import { useServices } from '~/app/services.tsx';
import { t } from '~/i18n';
import { ReportCard } from '~/people';
import { Card, Listed, More } from '~/ui';

/** What this person has told the operator, and the answers. */
export function ReportsCard() {
  const { hub } = useServices();
  const reports = createPaged<IssueReport>(
    (report) => report.reportId,
    async (page) => (await api.issueReports(page)).reports,
  );
  onCleanup(hub.listen((message) => message.type === 'report.changed' && void reports.refresh()));
  createEffect(on(hub.state, (state) => state === 'open' && void reports.refresh(), { defer: true }));
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
            <For each={list()}>{(report) => <ReportCard report={report} />}</For>
          </ul>
        )}
      </Listed>
      <More list={reports} error={reports.problem()} />
    </Card>
  );
}
