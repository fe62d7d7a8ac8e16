import type { IssueReport } from '@contract/trust.ts';
import { A } from '@solidjs/router';
import { type JSX, Show } from 'solid-js';
import { locale, t } from '~/i18n';
import { formatDateTime } from '~/money';
import { useMoney } from '~/state';
import { Badge } from '~/ui';

/** A report with its answer, as its reporter and the operator read it. */
export function ReportCard(props: { report: IssueReport; showReporter?: boolean; children?: JSX.Element }) {
  const money = useMoney();
  const report = () => props.report;
  return (
    <li class="grid gap-2 px-5 py-4 sm:px-6">
      <div class="flex flex-wrap items-center gap-x-3 gap-y-1.5">
        <p class="min-w-0 font-semibold break-words">{t(`issue.kind.${report().kind}`)}</p>
        <Badge tone={report().answer === null ? 'warn' : 'good'}>
          {t(report().answer === null ? 'people.waiting' : 'people.answered')}
        </Badge>
      </div>
      <p class="text-sm break-words text-ink-soft">
        <Show when={props.showReporter}>{`${report().reporter.displayName} → `}</Show>
        {report().about?.displayName} · {formatDateTime(report().at, locale)}
        <Show when={report().callId}>
          {(callId) => (
            <>
              {' · '}
              <A href={`/calls/${callId()}`} class="inline-block min-h-6 rounded underline underline-offset-4">
                {t('people.aboutCall', { id: callId() })}
              </A>
              <Show when={report().chargedMinor}>{(minor) => <span class="figures"> ({money(minor())})</span>}</Show>
            </>
          )}
        </Show>
      </p>
      <Show when={report().words}>
        <p class="break-words whitespace-pre-line">{report().words}</p>
      </Show>
      <Show when={report().answer}>
        <div class="rounded-2xl bg-brand-soft px-4 py-3 text-on-brand-soft">
          <p class="text-sm font-medium">
            {report().answeredBy ?? t('people.answer')}
            <Show when={report().answeredAt}>{(at) => ` · ${formatDateTime(at(), locale)}`}</Show>
          </p>
          <p class="break-words whitespace-pre-line">{report().answer}</p>
        </div>
      </Show>
      {props.children}
    </li>
  );
}
