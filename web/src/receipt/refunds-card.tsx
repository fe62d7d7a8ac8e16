import type { CallRefunds } from '@contract/money-api.ts';
import type { Receipt } from '@contract/receipt.ts';
import { For, Show } from 'solid-js';
import { locale, t } from '~/i18n';
import { formatDateTime } from '~/money';
import { useMoney } from '~/state';
import { Card } from '~/ui';
import { groupRefunds, spansOf } from './sums.ts';
import { unitText } from './units-card.tsx';

/** "Minute 3", "4 minutes (1–4)", "Rest of the minimum". */
export function unitsText(units: readonly number[], tariff: Receipt['tariff']): string {
  const numbered = units.filter((unit) => unit > 0);
  const parts: string[] = [];
  if (numbered.length === 1) parts.push(unitText(numbered[0] ?? 0, tariff));
  if (numbered.length > 1) parts.push(`${t(`common.units.${tariff}`, numbered.length)} (${spansOf(numbered)})`);
  if (units.includes(0)) parts.push(unitText(0, tariff));
  return parts.join(' + ');
}

/** What went back to the client, by whom and why. */
export function RefundsCard(props: { receipt: Receipt; refunds: CallRefunds }) {
  const money = useMoney();
  return (
    <Card title={t('refund.listTitle')}>
      <ul class="grid gap-3">
        <For each={groupRefunds(props.refunds.refunds)}>
          {(group) => (
            <li class="flex items-baseline justify-between gap-4">
              <div class="min-w-0">
                <p class="font-medium">{unitsText(group.units, props.receipt.tariff)}</p>
                <p class="text-sm break-words text-ink-soft">
                  {formatDateTime(group.at, locale)}
                  <Show when={group.byName}>{(name) => ` · ${t('refund.by', { name: name() })}`}</Show>
                  {` · ${group.reason}`}
                </p>
              </div>
              <p class="figures font-semibold">{money(group.amountMinor)}</p>
            </li>
          )}
        </For>
      </ul>
    </Card>
  );
}
