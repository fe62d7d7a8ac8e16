import type { VouchersMade } from '@contract/money-api.ts';
import Check from 'lucide-solid/icons/check';
import Copy from 'lucide-solid/icons/copy';
import Download from 'lucide-solid/icons/download';
import Printer from 'lucide-solid/icons/printer';
import { createSignal, For, lazy, onMount, Suspense } from 'solid-js';
import { locale, t } from '~/i18n';
import { formatDateTime } from '~/money';
import { useMoney } from '~/state';
import { announce, Button, toast } from '~/ui';
import { codesText, saveText } from './vouchers.ts';

const COPIED_MS = 2_500;
/** With the encoder of QR codes; it is there by the time that someone prints. */
const VoucherSheet = lazy(() => import('./voucher-sheet.tsx'));

/** The codes of a new batch, this once. */
export function CodesCard(props: { made: VouchersMade; onDone: () => void }) {
  const money = useMoney();
  let heading!: HTMLHeadingElement;
  onMount(() => heading.focus());
  const batch = () => props.made.batch;
  const what = () => {
    const words = t('vouchers.codesOf', {
      label: batch().label,
      count: batch().count,
      amount: money(batch().amountMinor),
    });
    const end = batch().expiresAt;
    return end === null ? words : `${words}, ${t('vouchers.expires', { when: formatDateTime(end, locale) })}`;
  };

  return (
    <section class="rounded-card border-2 border-brass bg-card p-5 shadow-card sm:p-6 print:border-0 print:shadow-none">
      <h2 ref={heading} tabindex="-1" class="text-xl font-semibold outline-none">
        {t('vouchers.codesTitle')}
      </h2>
      <p class="mt-1 text-ink-soft print:hidden">{t('vouchers.codesLead')}</p>
      <p class="mt-3 font-medium">{what()}</p>
      <div class="mt-4 flex flex-wrap gap-3 print:hidden">
        <CopyButton codes={props.made.codes} />
        <Button
          tone="quiet"
          icon={<Download size={18} />}
          onClick={() => saveText(t('vouchers.fileName', { id: batch().batchId }), codesText(props.made, what()))}
        >
          {t('common.download')}
        </Button>
        <Button tone="quiet" icon={<Printer size={18} />} onClick={() => window.print()}>
          {t('vouchers.printSheet')}
        </Button>
      </div>
      <section
        aria-label={t('vouchers.codesLabel')}
        tabindex="0"
        class="mt-4 max-h-96 overflow-y-auto rounded-2xl bg-sunken p-4 print:hidden"
      >
        <ul class="grid gap-x-6 gap-y-2 font-mono select-all grid-cols-[repeat(auto-fill,minmax(min(100%,15rem),1fr))]">
          <For each={props.made.codes}>{(code) => <li class="break-all">{code}</li>}</For>
        </ul>
      </section>
      <div class="mt-4">
        <Suspense>
          <VoucherSheet made={props.made} />
        </Suspense>
      </div>
      <div class="mt-5 print:hidden">
        <Button tone="quiet" icon={<Check size={18} />} onClick={() => props.onDone()}>
          {t('vouchers.codesDone')}
        </Button>
      </div>
    </section>
  );
}

function CopyButton(props: { codes: readonly string[] }) {
  const [isCopied, setCopied] = createSignal(false);

  async function copy() {
    try {
      await navigator.clipboard.writeText(props.codes.join('\n'));
      setCopied(true);
      announce(t('common.copied'));
      setTimeout(() => setCopied(false), COPIED_MS);
    } catch {
      toast(t('vouchers.copyFailed'), 'bad');
    }
  }

  return (
    <Button onClick={copy} icon={isCopied() ? <Check size={18} /> : <Copy size={18} />}>
      {isCopied() ? t('common.copied') : t('common.copyAll')}
    </Button>
  );
}
