import { VOUCHER_CODE_LENGTH_MAX } from '@contract/limits.ts';
import ScanLine from 'lucide-solid/icons/scan-line';
import Ticket from 'lucide-solid/icons/ticket';
import { createSignal, lazy, Show, Suspense } from 'solid-js';
import { api, toUserFacing, UserFacing } from '~/api';
import { errorText, t } from '~/i18n';
import { useMoney, useSession } from '~/state';
import { announce, Button, Field, toast } from '~/ui';
import { Way } from './way.tsx';

const ScanDialog = lazy(() => import('./scan/scan-dialog.tsx'));

/**
 * A voucher's code, typed in, pasted, scanned, or carried by the address that was scanned elsewhere. In a call
 * the camera is the call's.
 */
export function VoucherForm(props: { code?: string | undefined; isInCall?: boolean; onAdded: () => void }) {
  const session = useSession();
  const money = useMoney();
  const [code, setCode] = createSignal(props.code ?? '');
  const [isBusy, setBusy] = createSignal(false);
  const [problem, setProblem] = createSignal<string>();
  const [isScanning, setScanning] = createSignal(false);

  function found(scanned: string) {
    setScanning(false);
    setCode(scanned);
    setProblem(undefined);
    announce(t('scan.read'));
  }

  async function submit(event: Event) {
    event.preventDefault();
    setProblem(undefined);
    if (code().trim() === '') return void setProblem(t('form.required'));
    setBusy(true);
    try {
      const { amountMinor, balanceMinor } = await api.redeemVoucher({ code: code().trim() });
      session.update({ balanceMinor });
      setCode('');
      toast(t('wallet.voucherDone', { amount: money(amountMinor), balance: money(balanceMinor) }));
      props.onAdded();
    } catch (thrown) {
      const error = thrown instanceof UserFacing && thrown.code === 'malformed' ? 'voucher_mistyped' : null;
      setProblem(error ? t('error.voucher_mistyped') : errorText(toUserFacing(thrown)));
    } finally {
      setBusy(false);
    }
  }

  return (
    <Way title={t('wallet.voucherTitle')}>
      <form onSubmit={submit} class="grid gap-3" novalidate>
        <div aria-live="polite">
          <Field
            label={t('wallet.voucherCode')}
            autocomplete="off"
            autocapitalize="characters"
            spellcheck={false}
            maxlength={VOUCHER_CODE_LENGTH_MAX}
            value={code()}
            onInput={(event) => setCode(event.currentTarget.value)}
            hint={t('wallet.voucherWhy')}
            error={problem()}
          />
        </div>
        <div class="flex flex-wrap gap-3">
          <Button type="submit" icon={<Ticket size={18} />} busy={isBusy()}>
            {t('wallet.voucherButton')}
          </Button>
          <Show when={!props.isInCall}>
            <Button tone="quiet" icon={<ScanLine size={18} />} onClick={() => setScanning(true)}>
              {t('scan.open')}
            </Button>
          </Show>
        </div>
      </form>
      <Show when={isScanning()}>
        <Suspense>
          <ScanDialog onClose={() => setScanning(false)} onFound={found} />
        </Suspense>
      </Show>
    </Way>
  );
}
