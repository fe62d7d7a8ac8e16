import type { VouchersMade } from '@contract/money-api.ts';
import encodeQR from 'qr';
import { For, Show } from 'solid-js';
import { useServices } from '~/app/services.tsx';
import { t } from '~/i18n';
import { formatDateTime } from '~/money';
import { voucherAddress } from '~/wallet/scan/code.ts';

/** Light modules around a code, so that a camera finds it (ISO/IEC 18004 asks for four). */
const QUIET_MODULES = 4;

/** One ticket for each code, three in a row, to be printed and cut. */
export default function VoucherSheet(props: { made: VouchersMade }) {
  const { session, money, locale } = useServices();
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

function QrCode(props: { text: string; label: string }) {
  const modules = () => encodeQR(props.text, 'raw', { ecc: 'medium', border: QUIET_MODULES });
  const side = () => modules().length;
  return (
    <svg
      viewBox={`0 0 ${side()} ${side()}`}
      class="size-36 bg-white"
      shape-rendering="crispEdges"
      role="img"
      aria-label={props.label}
    >
      <path fill="#000" d={pathOf(modules())} />
    </svg>
  );
}

/** The dark modules as one path, a run of them in a row as one rectangle. */
function pathOf(modules: readonly (readonly boolean[])[]): string {
  const runs: string[] = [];
  modules.forEach((row, y) => {
    for (let x = 0; x < row.length; x += 1) {
      if (!row[x]) continue;
      const from = x;
      while (row[x + 1]) x += 1;
      runs.push(`M${from} ${y}h${x - from + 1}v1h-${x - from + 1}z`);
    }
  });
  return runs.join('');
}
