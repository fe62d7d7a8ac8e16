import type { CallView } from '@contract/calls.ts';
import Hourglass from 'lucide-solid/icons/hourglass';
import PhoneOff from 'lucide-solid/icons/phone-off';
import RotateCw from 'lucide-solid/icons/rotate-cw';
import Wallet from 'lucide-solid/icons/wallet';
import { Show } from 'solid-js';
import { onChange } from '~/app/onChange.ts';
import { useServices } from '~/app/services.tsx';
import { t } from '~/i18n';
import { formatCountdown } from '~/money';
import { Button } from '~/ui';
import { createClock } from '../clock.ts';
import { isMinimumOpen, unitPriceMinor } from '../meterFigures.ts';
import { createBusy } from './busy.ts';

/** The grace: what happened, how long there is, and what each side can do. */
export function SuspendedPanel(props: {
  view: CallView;
  onAddCredit: () => void;
  /** Credit has come, be it from elsewhere, such as the studio: the way on is here. */
  onEnough: () => void;
}) {
  const { call, session, money } = useServices();
  const now = createClock();
  const [isRestarting, runRestart] = createBusy();
  const [isEnding, runEnd] = createBusy();
  const isClient = () => props.view.mySide === 'client';
  const balanceMinor = () => session.me()?.balanceMinor ?? props.view.meter?.balanceMinor ?? 0;
  const unitMinor = () => unitPriceMinor(props.view.rateMinor, props.view.tariff);
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
          <div class="grid gap-2 rounded-2xl bg-white/8 px-5 py-4">
            <p class="flex items-baseline justify-between gap-4">
              <span class="text-on-stage-soft">{t('suspended.balance')}</span>
              <span class="figures text-xl font-semibold">{money(balanceMinor())}</span>
            </p>
            <p
              class="text-left text-sm"
              classList={{ 'text-live': mayRestart(), 'text-on-stage-soft': !mayRestart() }}
              role="status"
            >
              {mayRestart() ? t('suspended.ready') : t('suspended.notYet', { price: money(unitMinor()) })}
            </p>
          </div>
        </Show>
        <div class="grid gap-3">
          <Show when={isClient()}>
            <Button
              tone={mayRestart() ? 'stage' : 'stageGo'}
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
              disabled={!mayRestart()}
              busy={isRestarting()}
              onClick={() => runRestart(call.restart)}
            >
              {t('suspended.restart')}
            </Button>
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
