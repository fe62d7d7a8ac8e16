import type { Receipt, ReceiptUnit } from '@contract/receipt.ts';
import { createSignal, For, type JSX, onCleanup, Show } from 'solid-js';
import { locale, t } from '~/i18n';
import { formatClock, formatTimeExact } from '~/money';
import { useMoney } from '~/state';
import { Badge, Button, Card } from '~/ui';

/** A call by the second has thousands: the rest is a press away. */
const UNITS_SHOWN = 30;

export function unitText(unit: number, tariff: Receipt['tariff']): string {
  return unit === 0 ? t('receipt.minimumRest') : t(`receipt.unit.${tariff}`, { unit });
}

/** Each charge with its time, what was given back, and the sums. */
export function UnitsCard(props: { receipt: Receipt; refundedUnits: ReadonlySet<number>; refundedMinor: number }) {
  const money = useMoney();
  const [isWhole, setWhole] = createSignal(false);
  const showAll = () => setWhole(true);
  window.addEventListener('beforeprint', showAll);
  onCleanup(() => window.removeEventListener('beforeprint', showAll));
  const shown = () => (isWhole() ? props.receipt.units : props.receipt.units.slice(0, UNITS_SHOWN));
  return (
    <Card title={t('receipt.charges')}>
      <Show when={props.receipt.units.length > 0} fallback={<p class="text-ink-soft">{t('receipt.nothing')}</p>}>
        <ul class="figures divide-y divide-line">
          <For each={shown()}>
            {(unit) => (
              <UnitLine
                unit={unit}
                tariff={props.receipt.tariff}
                isRefunded={props.refundedUnits.has(unit.unit)}
                amount={money(unit.amountMinor)}
              />
            )}
          </For>
        </ul>
        <Show when={shown().length < props.receipt.units.length}>
          <div class="mt-3 flex justify-center print:hidden">
            <Button tone="quiet" size="sm" onClick={showAll}>
              {t('receipt.showUnits', { count: props.receipt.units.length })}
            </Button>
          </div>
        </Show>
      </Show>
      <dl class="figures mt-3 grid gap-1 border-t-2 border-ink pt-3">
        <Sum label={t(`receipt.total.${props.receipt.mySide}`)}>{money(props.receipt.chargedMinor)}</Sum>
        <Show when={props.refundedMinor > 0}>
          <Sum label={t('receipt.refunded')}>{money(-props.refundedMinor)}</Sum>
          <Sum label={t(`receipt.remaining.${props.receipt.mySide}`)}>
            {money(props.receipt.chargedMinor - props.refundedMinor)}
          </Sum>
        </Show>
        <Show when={props.receipt.earnedMinor !== null}>
          <Sum label={t(props.receipt.mySide === 'model' ? 'receipt.earned' : 'receipt.modelEarned')}>
            {money(props.receipt.earnedMinor ?? 0)}
          </Sum>
        </Show>
        <Show when={props.receipt.studioMinor !== null}>
          <Sum label={t('receipt.studioKept')}>{money(props.receipt.studioMinor ?? 0)}</Sum>
        </Show>
      </dl>
    </Card>
  );
}

function UnitLine(props: { unit: ReceiptUnit; tariff: Receipt['tariff']; isRefunded: boolean; amount: string }) {
  return (
    <li class="flex items-baseline justify-between gap-4 py-2">
      <span class="flex flex-wrap items-baseline gap-x-2 gap-y-1">
        <span>{unitText(props.unit.unit, props.tariff)}</span>
        <span class="text-sm text-ink-soft">
          {t('receipt.at', { clock: formatClock(props.unit.billableMs) })} · {formatTimeExact(props.unit.at, locale)}
        </span>
        <Show when={props.isRefunded}>
          <Badge tone="good">{t('refund.badge')}</Badge>
        </Show>
      </span>
      <span class="font-medium" classList={{ 'text-ink-soft line-through': props.isRefunded }}>
        {props.amount}
      </span>
    </li>
  );
}

function Sum(props: { label: string; children: JSX.Element }) {
  return (
    <div class="flex items-baseline justify-between gap-4 text-lg font-semibold">
      <dt>{props.label}</dt>
      <dd>{props.children}</dd>
    </div>
  );
}
