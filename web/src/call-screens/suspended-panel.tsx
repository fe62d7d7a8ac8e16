import type { CallView } from '@contract/calls.ts';
import Hourglass from 'lucide-solid/icons/hourglass';
import PhoneOff from 'lucide-solid/icons/phone-off';
import RotateCw from 'lucide-solid/icons/rotate-cw';
import Wallet from 'lucide-solid/icons/wallet';
import { Show } from 'solid-js';
import { useCall } from '~/call';
import { t } from '~/i18n';
import { createClock, isMinimumOpen, nextUnitMinor } from '~/meter';
import { formatCountdown } from '~/money';
import { onChange, useMoney, useSession } from '~/state';
import { Button } from '~/ui';
import { createBusy } from './busy.ts';

/** The grace: what happened, how long there is, and what each side can do. */
export function SuspendedPanel(props: {
  view: CallView;
  onAddCredit: () => void;
  /** Credit has come, be it from elsewhere, such as the studio: the way on is here. */
  onEnough: () => void;
}) {
  const call = useCall();
  const session = useSession();
  const now = createClock();
  const [isEnding, runEnd] = createBusy();
  const isClient = () => props.view.mySide === 'client';
  const balanceMinor = () => session.me()?.balanceMinor ?? props.view.meter?.balanceMinor ?? 0;
  const unitMinor = () => nextUnitMinor(props.view);
  const mayRestart = () => balanceMinor() >= unitMinor() || (props.view.meter?.timeLeftMs ?? 0) > 0;

  onChange(mayRestart, (may, before) => may && before === false && props.onEnough());

  return (
    <div class="absolute inset-0 z-10 flex items-center justify-center overflow-y-auto p-4">
      <div class="my-auto grid w-full max-w-lg gap-5 rounded-card bg-panel p-6 text-center shadow-float sm:p-9">
        <div class="grid justify-items-center gap-3">
          <Hourglass size={32} class="text-lamp" aria-hidden="true" />
          <h1 class="font-display text-3xl">
            {isClient() ? t('suspended.clientTitle') : t('suspended.modelTitle', { name: props.view.peer.displayName })}
          </h1>
          <p class="text-on-stage-soft">
            {isClient() ? t('suspended.clientWhy') : t('suspended.modelWhy', { name: props.view.peer.displayName })}
          </p>
        </div>
        <div>
          <p class="text-sm text-on-stage-soft">{t('suspended.left')}</p>
          <p class="figures text-5xl font-semibold" role="timer" aria-label={t('suspended.left')}>
            {formatCountdown(call.figures(now())?.graceLeftMs ?? 0)}
          </p>
        </div>
        <Show when={isClient()}>
          <Balance balanceMinor={balanceMinor()} unitMinor={unitMinor()} mayRestart={mayRestart()} />
        </Show>
        <div class="grid gap-3">
          <Show when={isClient()}>
            <ClientWays mayRestart={mayRestart()} onAddCredit={() => props.onAddCredit()} />
          </Show>
          <Button tone="stage" wide icon={<PhoneOff size={20} />} busy={isEnding()} onClick={() => runEnd(call.hangUp)}>
            {t('suspended.end')}
          </Button>
          <Show when={isMinimumOpen(props.view) && balanceMinor() > 0}>
            <p class="text-sm text-on-stage-soft">
              {t('call.hangUpMinimum', { minutes: t('common.minutes', props.view.minimumMin) })}
            </p>
          </Show>
        </div>
      </div>
    </div>
  );
}

/** The credit, and whether it is enough to go on. */
function Balance(props: { balanceMinor: number; unitMinor: number; mayRestart: boolean }) {
  const money = useMoney();
  return (
    <div class="grid gap-2 rounded-2xl bg-white/8 px-5 py-4">
      <p class="flex items-baseline justify-between gap-4">
        <span class="text-on-stage-soft">{t('suspended.balance')}</span>
        <span class="figures text-xl font-semibold">{money(props.balanceMinor)}</span>
      </p>
      <p
        class="text-left text-sm"
        classList={{ 'text-live': props.mayRestart, 'text-on-stage-soft': !props.mayRestart }}
        role="status"
      >
        {props.mayRestart ? t('suspended.ready') : t('suspended.notYet', { price: money(props.unitMinor) })}
      </p>
    </div>
  );
}

function ClientWays(props: { mayRestart: boolean; onAddCredit: () => void }) {
  const call = useCall();
  const [isRestarting, runRestart] = createBusy();
  return (
    <>
      <Button
        tone={props.mayRestart ? 'stage' : 'stageGo'}
        size="lg"
        wide
        icon={<Wallet size={20} />}
        onClick={() => props.onAddCredit()}
      >
        {t('call.addCredit')}
      </Button>
      <Button
        tone="stageGo"
        size="lg"
        wide
        icon={<RotateCw size={20} />}
        disabled={!props.mayRestart}
        busy={isRestarting()}
        onClick={() => runRestart(call.restart)}
      >
        {t('suspended.restart')}
      </Button>
    </>
  );
}
