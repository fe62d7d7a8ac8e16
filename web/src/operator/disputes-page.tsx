import { ISSUE_WORDS_LENGTH_MAX } from '@contract/limits.ts';
import type { IssueReport } from '@contract/trust.ts';
import Flag from 'lucide-solid/icons/flag';
import ReceiptText from 'lucide-solid/icons/receipt-text';
import { createSignal, onCleanup, Show } from 'solid-js';
import { api } from '~/api';
import { useHub } from '~/hub';
import { t } from '~/i18n';
import { ReportCard } from '~/people';
import { createForm, createPaged } from '~/state';
import {
  Button,
  Card,
  EmptyState,
  FormError,
  LinkButton,
  Listed,
  More,
  PageHead,
  Rows,
  Segments,
  TextArea,
  toast,
} from '~/ui';

type Shown = 'open' | 'answered';

/** What clients and models have reported; the operator answers, and refunds from the call's receipt. */
export default function DisputesPage() {
  const hub = useHub();
  const [shown, setShown] = createSignal<Shown>('open');
  const reports = createPaged<IssueReport>(
    (report) => report.reportId,
    async (page) => (await api.issueReports({ ...page, state: shown() })).reports,
    { filter: shown },
  );
  onCleanup(hub.listen((message) => message.type === 'report.changed' && void reports.refresh()));
  return (
    <div class="max-w-4xl">
      <PageHead title={t('disputes.title')} lead={t('disputes.lead')}>
        <Segments
          label={t('disputes.show')}
          options={[
            { value: 'open', label: t('disputes.open') },
            { value: 'answered', label: t('disputes.answered') },
          ]}
          value={shown()}
          onChange={setShown}
        />
      </PageHead>
      <Card flush>
        <Listed
          items={reports.lines()}
          error={reports.lines() ? undefined : reports.problem()}
          onRetry={reports.more}
          empty={
            <EmptyState
              icon={<Flag size={28} />}
              title={t(shown() === 'open' ? 'disputes.none' : 'disputes.noneAnswered')}
              why={t('disputes.noneWhy')}
            />
          }
        >
          {(list) => (
            <ul class="divide-y divide-line">
              <Rows each={list()} idOf={(report) => report.reportId}>
                {(report) => (
                  <ReportCard report={report()} showReporter>
                    <Show when={report().answer === null}>
                      <Answer report={report()} onAnswered={reports.refresh} />
                    </Show>
                  </ReportCard>
                )}
              </Rows>
            </ul>
          )}
        </Listed>
        <More list={reports} error={reports.problem()} />
      </Card>
    </div>
  );
}

function Answer(props: { report: IssueReport; onAnswered: () => Promise<void> }) {
  const [isOpen, setOpen] = createSignal(false);
  const [words, setWords] = createSignal('');
  const form = createForm(
    () => words().trim() !== '',
    async () => {
      await api.answerReport(props.report.reportId, { words: words().trim() });
      toast(t('disputes.sent', { name: props.report.reporter.displayName }));
      await props.onAnswered();
    },
  );
  return (
    <Show
      when={isOpen()}
      fallback={
        <div class="mt-1 flex flex-wrap gap-2">
          <Button size="sm" onClick={() => setOpen(true)}>
            {t('disputes.answer')}
          </Button>
          <Show when={props.report.callId}>
            {(callId) => (
              <LinkButton href={`/calls/${callId()}`} size="sm" tone="quiet" icon={<ReceiptText size={16} />}>
                {t('disputes.receipt')}
              </LinkButton>
            )}
          </Show>
        </div>
      }
    >
      <form onSubmit={form.submit} class="mt-1 grid gap-3" novalidate>
        <TextArea
          label={t('disputes.answerTo', { name: props.report.reporter.displayName })}
          hint={t('disputes.answerHint')}
          rows={3}
          maxLength={ISSUE_WORDS_LENGTH_MAX}
          value={words()}
          onInput={(event) => setWords(event.currentTarget.value)}
          error={form.isTried() && words().trim() === '' ? t('disputes.answerEmpty') : undefined}
        />
        <FormError text={form.problem()} />
        <div class="flex flex-wrap gap-2">
          <Button type="submit" busy={form.isBusy()}>
            {t('disputes.send')}
          </Button>
          <Button tone="quiet" onClick={() => setOpen(false)}>
            {t('common.cancel')}
          </Button>
        </div>
      </form>
    </Show>
  );
}
