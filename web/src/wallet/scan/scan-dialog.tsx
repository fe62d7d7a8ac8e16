import CameraOff from 'lucide-solid/icons/camera-off';
import { onMount, Show } from 'solid-js';
import { t } from '~/i18n';
import { Button } from '~/ui';
import { Dialog } from '~/ui/dialog.tsx';
import { createScanner, type ScanState } from './scanner.ts';

/** The camera, looking for a printed voucher. */
export default function ScanDialog(props: { onClose: () => void; onFound: (code: string) => void }) {
  return (
    <Dialog open onClose={props.onClose} title={t('scan.title')} lead={t('scan.lead')}>
      <Scanner onFound={props.onFound} />
    </Dialog>
  );
}

const LOOKING: ReadonlySet<ScanState> = new Set(['asking', 'looking', 'foreign', 'found']);

function Scanner(props: { onFound: (code: string) => void }) {
  const scanner = createScanner((code) => props.onFound(code));
  let video!: HTMLVideoElement;
  let status!: HTMLDivElement;
  onMount(() => void scanner.start(video));
  /** The button goes; the focus stays in the dialog. */
  const tryAgain = () => {
    status.focus();
    void scanner.start(video);
  };
  const isLooking = () => LOOKING.has(scanner.state());
  return (
    <div class="grid gap-4">
      <div class="relative overflow-hidden rounded-2xl bg-black" classList={{ hidden: !isLooking() }}>
        <video ref={video} muted playsinline class="aspect-square w-full object-cover" aria-label={t('scan.picture')} />
        <div
          aria-hidden="true"
          class="pointer-events-none absolute inset-[16%] rounded-2xl border-4 border-white shadow-[0_0_0_100vmax_rgb(0_0_0/0.4)]"
          classList={{ 'border-live': scanner.state() === 'found' }}
        />
      </div>
      <Show when={!isLooking()}>
        <CameraOff size={36} class="mx-auto text-ink-soft" aria-hidden="true" />
      </Show>
      <div ref={status} role="status" tabindex="-1" class="text-center outline-none">
        <p class="font-semibold">{t(`scan.state.${scanner.state()}`)}</p>
        <p class="mt-1 text-sm text-ink-soft">{t(`scan.why.${scanner.state()}`)}</p>
      </div>
      <Show when={!isLooking()}>
        <Button wide onClick={tryAgain}>
          {t('common.tryAgain')}
        </Button>
      </Show>
    </div>
  );
}
