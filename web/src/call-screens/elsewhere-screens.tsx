import type { CallView } from '@contract/calls.ts';
import MonitorSmartphone from 'lucide-solid/icons/monitor-smartphone';
import PhoneCall from 'lucide-solid/icons/phone-call';
import { type JSX, Show } from 'solid-js';
import { DeviceProblemNotice, useCall } from '~/call';
import { t } from '~/i18n';
import { Button } from '~/ui';
import { createBusy } from './busy.ts';

function Frame(props: { icon: JSX.Element; title: string; why: string; children: JSX.Element }) {
  return (
    <div class="flex h-full items-center justify-center overflow-y-auto p-6">
      <div class="my-auto grid w-full max-w-md justify-items-center gap-5 text-center">
        <span class="flex size-20 items-center justify-center rounded-full bg-white/10 text-lamp" aria-hidden="true">
          {props.icon}
        </span>
        <h1 class="font-display text-3xl">{props.title}</h1>
        <p class="text-on-stage-soft">{props.why}</p>
        {props.children}
      </div>
    </div>
  );
}

/** Another page of this person has taken the call. */
export function TakenScreen(props: { view: CallView }) {
  const call = useCall();
  const [isBusy, run] = createBusy();
  return (
    <Frame
      icon={<MonitorSmartphone size={36} />}
      title={t('call.elsewhere')}
      why={t('call.elsewhereWhy', { name: props.view.peer.displayName })}
    >
      <Button tone="stageGo" size="lg" wide busy={isBusy()} onClick={() => run(call.attach)}>
        {t('call.takeBack')}
      </Button>
      <Button tone="stage" size="lg" wide onClick={() => call.dismiss()}>
        {t('call.leaveThere')}
      </Button>
    </Frame>
  );
}

/** The page was loaded anew in the middle of a call, and the browser wants a press before the camera. */
export function RejoinScreen(props: { view: CallView }) {
  const call = useCall();
  const [isBusy, run] = createBusy();
  return (
    <Frame
      icon={<PhoneCall size={36} />}
      title={t('call.rejoin', { name: props.view.peer.displayName })}
      why={t('call.rejoinWhy')}
    >
      <Show when={call.devices.problem()}>
        <DeviceProblemNotice onRetry={() => run(call.attach)} />
      </Show>
      <Button tone="stageGo" size="lg" wide busy={isBusy()} onClick={() => run(call.attach)}>
        {t('call.rejoinButton')}
      </Button>
      <Button tone="stageDanger" size="lg" wide onClick={() => call.hangUp()}>
        {t('call.hangUp')}
      </Button>
    </Frame>
  );
}
