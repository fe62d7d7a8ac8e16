import type { CallView } from '@contract/calls.ts';
import Phone from 'lucide-solid/icons/phone';
import PhoneOff from 'lucide-solid/icons/phone-off';
import Volume2 from 'lucide-solid/icons/volume-2';
import Wallet from 'lucide-solid/icons/wallet';
import { createSignal, onCleanup, onMount, Show } from 'solid-js';
import { useCall } from '~/call';
import { t } from '~/i18n';
import { isSoundBlocked, startRing, unlockSound } from '~/media';
import { createClock } from '~/meter';
import { formatCountdown } from '~/money';
import { PersonMenu } from '~/people';
import { notify } from '~/state';
import { Button } from '~/ui';
import { createBusy } from './busy.ts';
import { CallerFacts } from './caller-facts.tsx';
import { RejectDialog } from './reject-dialog.tsx';
import { RingingAvatar } from './ringing-avatar.tsx';

const TITLE_STEP_MS = 1_000;

/** Alternates the browser's title, so that the ring shows in a row of tabs. */
function blinkTitle(words: string): () => void {
  const before = document.title;
  let isOn = true;
  document.title = words;
  const timer = setInterval(() => {
    isOn = !isOn;
    document.title = isOn ? words : before;
  }, TITLE_STEP_MS);
  return () => {
    clearInterval(timer);
    document.title = before;
  };
}

const fundedText = (view: CallView): string =>
  view.isFunded ? t('ring.funded', { minutes: t('common.minutes', view.fundedMin) }) : t('ring.notFunded');

/** What the model sees and hears: it cannot be missed. */
export function IncomingRing(props: { view: CallView }) {
  const call = useCall();
  const now = createClock();
  const [isBusy, run] = createBusy();
  const [isRejecting, setRejecting] = createSignal(false);
  onMount(() => {
    onCleanup(startRing('incoming'));
    onCleanup(notify(t('ring.incoming', { name: props.view.peer.displayName }), fundedText(props.view), 'ring'));
    onCleanup(blinkTitle(t('ring.titleBlink', { name: props.view.peer.displayName })));
  });

  return (
    <div class="flex h-full flex-col items-center bg-[radial-gradient(circle_at_50%_30%,#3a2c14,transparent_65%)] text-center short:flex-row">
      <div class="flex min-h-0 w-full flex-1 flex-col items-center gap-8 overflow-y-auto px-4 pt-10 pb-4 *:first:mt-auto *:last:mb-auto short:max-h-full short:gap-3 short:py-3 sm:px-6">
        <RingingAvatar
          name={props.view.peer.displayName}
          personId={props.view.peer.personId}
          pictureUrl={props.view.peer.pictureUrl}
        />
        <Caller view={props.view} />
        <Show when={isSoundBlocked()}>
          <div class="grid max-w-sm justify-items-center gap-3 rounded-2xl bg-white/10 px-5 py-4">
            <p>{t('ring.soundOff')}</p>
            <Button tone="stage" icon={<Volume2 size={20} />} onClick={() => unlockSound()}>
              {t('ring.soundOn')}
            </Button>
          </div>
        </Show>
      </div>
      <div class="safe-bottom grid w-full max-w-md shrink-0 gap-4 px-4 pt-4 [--safe-min:1.5rem] short:w-96 sm:px-6">
        <p class="figures text-on-stage-soft" role="timer">
          {t('ring.countdown', { clock: formatCountdown(call.msLeft(now()) ?? 0) })}
        </p>
        <Answers view={props.view} isBusy={isBusy()} run={run} onRejectWith={() => setRejecting(true)} />
        <RejectDialog
          open={isRejecting()}
          onClose={() => setRejecting(false)}
          name={props.view.peer.displayName}
          onReject={(reason) => run(() => call.reject(reason))}
        />
      </div>
    </div>
  );
}

/** Who it is, and whether they can pay. */
function Caller(props: { view: CallView }) {
  return (
    <div class="grid justify-items-center gap-4">
      <h1 class="font-display text-4xl break-words sm:text-5xl">
        {t('ring.incoming', { name: props.view.peer.displayName })}
      </h1>
      <p
        class={`inline-flex items-center gap-2 rounded-full px-4 py-2 text-lg font-semibold ${props.view.isFunded ? 'bg-live/20 text-live' : 'bg-alarm text-white'}`}
      >
        <Wallet size={20} aria-hidden="true" />
        {fundedText(props.view)}
      </p>
      <CallerFacts view={props.view} />
      <Show when={!props.view.isFunded}>
        <p class="max-w-sm text-on-stage-soft">{t('ring.notFundedWhy')}</p>
      </Show>
    </div>
  );
}

/** Accept, reject, or reject with a reason. */
function Answers(props: {
  view: CallView;
  isBusy: boolean;
  run: (action: () => Promise<unknown>) => void;
  onRejectWith: () => void;
}) {
  const call = useCall();
  /** A client who has looked too often without connecting: the ring is a question. */
  const isAsked = () => (props.view.caller?.looksWithYou ?? 0) > 0;
  let accept!: HTMLDivElement;
  onMount(() => accept.querySelector('button')?.focus());
  return (
    <>
      <div class="grid grid-cols-[repeat(auto-fit,minmax(min(100%,8rem),1fr))] gap-3 sm:gap-4" ref={accept}>
        <Button
          tone="stageGo"
          size="lg"
          wide
          icon={<Phone size={22} />}
          busy={props.isBusy}
          onClick={() => props.run(() => Promise.all([unlockSound(), call.accept()]))}
        >
          {t(isAsked() ? 'ring.takeAnyway' : 'ring.accept')}
        </Button>
        <Button
          tone="stageDanger"
          size="lg"
          wide
          icon={<PhoneOff size={22} />}
          disabled={props.isBusy}
          onClick={() => props.run(() => call.reject())}
        >
          {t(isAsked() ? 'ring.refuseLook' : 'ring.reject')}
        </Button>
      </div>
      <div class="flex items-center justify-center gap-2">
        <Button tone="stage" size="sm" disabled={props.isBusy} onClick={() => props.onRejectWith()}>
          {t('ring.rejectWith')}
        </Button>
        <PersonMenu peer={props.view.peer} callId={props.view.callId} isInCall onStage />
      </div>
    </>
  );
}
