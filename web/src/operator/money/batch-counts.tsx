import type { VoucherBatch } from '@contract/money-api.ts';
import { Show } from 'solid-js';
import { t } from '~/i18n';
import { Badge } from '~/ui';
import { isExpired, openCount } from './vouchers.ts';

/** How many of a batch are open, used and void. */
export function BatchCounts(props: { batch: VoucherBatch }) {
  return (
    <>
      <Show when={openCount(props.batch) > 0}>
        <Badge tone={isExpired(props.batch) ? 'quiet' : 'warn'}>
          {t(isExpired(props.batch) ? 'vouchers.counts.expired' : 'vouchers.counts.open', {
            n: openCount(props.batch),
          })}
        </Badge>
      </Show>
      <Show when={props.batch.redeemedCount > 0}>
        <Badge tone="good">{t('vouchers.counts.redeemed', { n: props.batch.redeemedCount })}</Badge>
      </Show>
      <Show when={props.batch.voidedCount > 0}>
        <Badge tone="quiet">{t('vouchers.counts.voided', { n: props.batch.voidedCount })}</Badge>
      </Show>
    </>
  );
}
