import type { Receipt } from '@contract/receipt.ts';
import { For } from 'solid-js';
import { t } from '~/i18n';
import { formatClockExact } from '~/money';
import { useMoney } from '~/state';
import { Card } from '~/ui';
import { priceOf, type Sums, sumsOf } from './sums.ts';

/** The way from the billable time to the sum, in sentences that a person with a calculator can follow. */
export function SumsCard(props: { receipt: Receipt; refundedMinor: number }) {
  const money = useMoney();
  return (
    <Card title={t('receipt.sumTitle')}>
      <ol class="figures grid list-decimal gap-2 pl-5">
        <For each={sentences(props.receipt, props.refundedMinor, money)}>{(words) => <li>{words}</li>}</For>
      </ol>
    </Card>
  );
}

function sentences(receipt: Receipt, refundedMinor: number, money: (minor: number) => string): string[] {
  const sums = sumsOf(receipt);
  const lines = [...unitSentences(receipt, sums, money), ...minimumSentences(receipt, sums, money)];
  const total = money(sums.totalMinor);
  if (sums.restMinor !== null)
    lines.push(t('receipt.sum.sum', { units: money(sums.unitsMinor), rest: money(sums.restMinor), total }));
  if (refundedMinor > 0) {
    const rest = money(sums.totalMinor - refundedMinor);
    lines.push(t('receipt.sum.refunded', { refunded: money(refundedMinor), total, rest }));
  }
  if (receipt.earnedMinor !== null && receipt.mySide !== 'client')
    lines.push(
      t(`receipt.sum.share.${receipt.mySide}`, { percent: receipt.sharePercent, share: money(receipt.earnedMinor) }),
    );
  return lines;
}

function unitSentences(receipt: Receipt, sums: Sums, money: (minor: number) => string): string[] {
  const { tariff, rateMinor } = receipt;
  const words = (units: number) => t(`common.units.${tariff}`, units);
  const lines: string[] = [];
  if (sums.begun === 0) lines.push(t('receipt.sum.none'));
  else lines.push(t('receipt.sum.began', { clock: formatClockExact(receipt.billableMs), units: words(sums.begun) }));
  if (sums.charged < sums.begun) lines.push(t('receipt.sum.fewer', { charged: words(sums.charged) }));
  if (sums.charged > sums.begun) lines.push(t('receipt.sum.more', { charged: words(sums.charged) }));
  if (sums.charged > 0)
    lines.push(
      t(`receipt.sum.price.${tariff}`, {
        rate: money(rateMinor),
        count: sums.charged,
        units: words(sums.charged),
        total: money(priceOf(sums.charged, rateMinor, tariff)),
        smallest: money(1),
      }),
    );
  return lines;
}

function minimumSentences(receipt: Receipt, sums: Sums, money: (minor: number) => string): string[] {
  if (receipt.minimumMin === 0) return [];
  const figures = {
    minutes: t('common.minutes', receipt.minimumMin),
    rate: money(receipt.rateMinor),
    total: money(sums.minimumMinor),
    rest: money(sums.restMinor ?? 0),
  };
  if (sums.restMinor !== null) return [t('receipt.sum.minimum', figures)];
  if (sums.unitsMinor >= sums.minimumMinor) return [t('receipt.sum.minimumMet', figures)];
  // Until the call is settled the rest of it can still be taken.
  const why = receipt.agrees === null ? 'open' : receipt.minimum.why;
  return [`${t('receipt.sum.minimumNot', figures)} ${t(`receipt.sum.minimumWhy.${why}`)}`];
}
