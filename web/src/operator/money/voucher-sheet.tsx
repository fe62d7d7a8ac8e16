import type { VouchersMade } from '@contract/money-api.ts';
import { For, Show } from 'solid-js';
import { locale, t } from '~/i18n';
import { formatDateTime } from '~/money';
import { useMoney, useSession } from '~/state';
import { voucherAddress } from '~/wallet';
import { QrCode } from '../qr-code.tsx';

/** One ticket for each code, three in a row, to be printed and cut. */
export default function VoucherSheet(props: { made: VouchersMade }) {
  const session = useSession();
  const money = useMoney();
  const batch = () => props.made.batch;
  return (
    <ul class="hidden grid-cols-3 print:grid" aria-label={t('vouchers.sheet')}>
      <For each={props.made.codes}>
        {(code) => (
          <li class="grid break-inside-avoid justify-items-center gap-1 border border-dashed border-line p-3 text-center text-black">
            <p class="font-semibold">{session.appliance()?.name}</p>
            <p class="figures text-2xl font-semibold">{money(batch().amountMinor)}</p>
            <QrCode text={voucherAddress(code)} label={t('vouchers.qrLabel', { ending: code.slice(-5) })} />
            <p class="font-mono text-xs whitespace-nowrap">{code}</p>
            <p class="text-xs">{t('vouchers.sheetHow', { address: location.host })}</p>
            <Show when={batch().expiresAt}>
              {(at) => <p class="text-xs">{t('vouchers.expires', { when: formatDateTime(at(), locale) })}</p>}
            </Show>
          </li>
        )}
      </For>
    </ul>
  );
}
