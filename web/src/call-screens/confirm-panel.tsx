import type { CallView } from '@contract/calls.ts';
import Link from 'lucide-solid/icons/link';
import { Show } from 'solid-js';
import { useCall } from '~/call';
import { t } from '~/i18n';
import { createClock } from '~/meter';
import { formatCountdown } from '~/money';
import { useMoney } from '~/state';
import { Button } from '~/ui';
import { createBusy } from './busy.ts';
import { ConnectionLine } from './connection-line.tsx';

/** Under the pictures, until both have connected: the question, the price, Connect or Leave. */
export function ConfirmPanel(props: { view: CallView }) {
  const call = useCall();
  const now = createClock();
  const isClient = () => props.view.mySide === 'client';
  const name = () => props.view.peer.displayName;
  /** The model connects first; a call that is not funded cannot go live (charging rule 6). */
  const mayConnect = () =>
    hasDevices() && !props.view.me.isConnected && (!isClient() || (props.view.them.isConnected && props.view.isFunded));
  const hasDevices = () => call.devices.stream() !== null;

  const status = () => {
    if (!hasDevices()) return t('confirm.waitDevices');
    if (props.view.me.isConnected) return t('confirm.waitThem', { name: name() });
    if (props.view.them.isConnected) return t('confirm.theyConnected', { name: name() });
    if (isClient()) return t('confirm.waitModel', { name: name() });
    return props.view.them.hasMedia ? t('confirm.tip') : t('confirm.waitMedia');
  };

  return (
    <section class="safe-bottom max-h-[78%] shrink-0 overflow-y-auto border-t border-stage-line short:max-h-full short:w-[60%] short:border-t-0 short:border-l bg-[#1e1916] [--safe-min:1.25rem]">
      <div class="mx-auto grid max-w-6xl gap-4 px-5 pt-5 lg:tall:grid-cols-[1fr_auto] lg:items-center lg:gap-10 lg:pb-2">
        <div>
          <div class="flex flex-wrap items-start justify-between gap-x-4 gap-y-2 min-[22rem]:flex-nowrap">
            <h1 class="font-display text-2xl sm:text-3xl">{t('confirm.question')}</h1>
            <p class="figures shrink-0 rounded-full bg-white/10 px-3 py-1.5 text-sm font-medium lg:hidden" role="timer">
              {formatCountdown(call.msLeft(now()) ?? 0)}
            </p>
          </div>
          <p class="mt-1.5 text-on-stage-soft">{t('confirm.lead', { name: name() })}</p>
          <Price view={props.view} />
          <ConnectionLine name={name()} class="mt-3" />
          <Show when={!props.view.isFunded}>
            <p class="mt-3 rounded-xl bg-alarm px-4 py-2.5 font-medium text-white">{t('confirm.notFunded')}</p>
          </Show>
        </div>
        <div class="sticky bottom-0 -mx-5 grid gap-3 bg-[#1e1916] px-5 pt-1 pb-2 lg:w-88">
          <p class="hidden justify-between text-on-stage-soft lg:flex">
            <span class="figures" role="timer">
              {t('confirm.left', { clock: formatCountdown(call.msLeft(now()) ?? 0) })}
            </span>
          </p>
          <p class="font-medium" classList={{ 'text-live': props.view.them.isConnected }}>
            {status()}
          </p>
          <ConnectButtons mayConnect={mayConnect()} />
        </div>
      </div>
    </section>
  );
}

/** What it costs, and from when. */
function Price(props: { view: CallView }) {
  const money = useMoney();
  return (
    <p class="mt-3">
      <strong class="font-semibold text-lamp">{t('confirm.price', { price: money(props.view.rateMinor) })}</strong>
      <Show when={props.view.minimumMin > 0}>
        <span>
          {', '}
          {t('confirm.minimum', {
            minutes: t('common.minutes', props.view.minimumMin),
            price: money(props.view.rateMinor * props.view.minimumMin),
          })}
        </span>
      </Show>
      <span>. {t(props.view.mySide === 'client' ? 'confirm.fromFirst' : 'confirm.theyPay')}</span>
    </p>
  );
}

function ConnectButtons(props: { mayConnect: boolean }) {
  const call = useCall();
  const [isConnecting, runConnect] = createBusy();
  const [isLeaving, runLeave] = createBusy();
  return (
    <div class="grid grid-cols-[2fr_1fr] gap-3">
      <Button
        tone="stageGo"
        size="lg"
        wide
        icon={<Link size={20} />}
        disabled={!props.mayConnect}
        busy={isConnecting()}
        onClick={() => runConnect(call.connect)}
      >
        {t('confirm.connect')}
      </Button>
      <Button tone="stage" size="lg" busy={isLeaving()} onClick={() => runLeave(call.hangUp)}>
        {t('confirm.leave')}
      </Button>
    </div>
  );
}
