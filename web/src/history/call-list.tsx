import type { CallLine } from '@contract/calls.ts';
import PhoneOff from 'lucide-solid/icons/phone-off';
import ReceiptText from 'lucide-solid/icons/receipt-text';
import { Show } from 'solid-js';
import { locale, t } from '~/i18n';
import { outcomeTone } from '~/meter';
import { formatDateTime, formatLength } from '~/money';
import { FindModels } from '~/people';
import { useMoney } from '~/state';
import { Avatar, Badge, EmptyState, LinkButton, Listed, Rows } from '~/ui';

/** A person's calls, newest first; undefined while they load. */
export function CallList(props: { calls: CallLine[] | undefined; problem?: string | undefined; onRetry?: () => void }) {
  return (
    <Listed
      items={props.calls}
      error={props.problem}
      onRetry={() => props.onRetry?.()}
      empty={
        <EmptyState icon={<PhoneOff size={28} />} title={t('history.noCalls')} why={t('history.noCallsWhy')}>
          <FindModels />
        </EmptyState>
      }
    >
      {(calls) => (
        <ul class="@container divide-y divide-line">
          <Rows each={calls()} idOf={(line) => line.callId}>
            {(line) => <Line line={line()} />}
          </Rows>
        </ul>
      )}
    </Listed>
  );
}

function Line(props: { line: CallLine }) {
  const money = useMoney();
  const when = () => formatDateTime(props.line.rangAt, locale);
  const wasLive = () => props.line.billableMs > 0 || props.line.chargedMinor > 0;
  const length = () => formatLength(props.line.billableMs, locale);
  const amount = () => money(props.line.earnedMinor ?? props.line.chargedMinor - props.line.refundedMinor);
  return (
    <li class="flex flex-wrap items-center gap-x-4 gap-y-2.5 px-5 py-4 sm:px-6">
      <div class="flex min-w-0 flex-1 basis-56 items-center gap-4">
        <Avatar name={props.line.peer.displayName} personId={props.line.peer.personId} size="sm" />
        <div class="min-w-0 flex-1">
          <p class="truncate font-semibold">{props.line.peer.displayName}</p>
          <p class="text-sm text-ink-soft">
            {when()}
            <Show when={wasLive()}>
              <span class="figures whitespace-nowrap @2xl:hidden">{` · ${length()}`}</span>
            </Show>
            <Show when={props.line.refundedMinor > 0}>
              <span class="figures whitespace-nowrap">
                {' · '}
                {t(
                  props.line.refundedMinor < props.line.chargedMinor ? 'history.refundedPart' : 'history.refundedAll',
                  {
                    amount: money(props.line.refundedMinor),
                  },
                )}
              </span>
            </Show>
          </p>
        </div>
        <Show when={wasLive()}>
          <p class="figures font-semibold @2xl:hidden">{amount()}</p>
        </Show>
      </div>
      <div class="flex basis-full flex-wrap items-center gap-x-4 gap-y-2 @2xl:basis-auto">
        <Badge tone={outcomeTone(props.line.outcome)}>{t(`outcomeShort.${props.line.outcome ?? 'none'}`)}</Badge>
        <Show when={wasLive()}>
          <p class="figures hidden min-w-24 text-right text-ink-soft @2xl:block">{length()}</p>
          <p class="figures hidden min-w-20 text-right font-semibold @2xl:block">{amount()}</p>
          <div class="ml-auto">
            <LinkButton
              href={`/calls/${props.line.callId}`}
              tone="quiet"
              size="sm"
              icon={<ReceiptText size={16} />}
              aria-label={t('history.receiptLabel', { name: props.line.peer.displayName, when: when() })}
            >
              {t('history.receipt')}
            </LinkButton>
          </div>
        </Show>
      </div>
    </li>
  );
}
