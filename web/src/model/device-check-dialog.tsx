import CircleAlert from 'lucide-solid/icons/circle-alert';
import CircleCheck from 'lucide-solid/icons/circle-check';
import CircleHelp from 'lucide-solid/icons/circle-question-mark';
import Power from 'lucide-solid/icons/power';
import Volume2 from 'lucide-solid/icons/volume-2';
import { createEffect, createSignal, type JSX, Match, onMount, Show, Switch } from 'solid-js';
import { DeviceChoices, DeviceProblemNotice, useCall } from '~/call';
import { locale, t } from '~/i18n';
import { chime } from '~/media';
import { Button } from '~/ui';
import { Dialog } from '~/ui/dialog.tsx';
import { type CheckState, createDeviceCheck, type DeviceCheck } from './device-check.ts';

/** Camera, microphone, speaker and uplink before calls are turned on; she passes, or overrides knowingly. */
export function DeviceCheckDialog(props: { open: boolean; isBusy: boolean; onClose: () => void; onReady: () => void }) {
  return (
    <Dialog open={props.open} onClose={props.onClose} title={t('check.title')} lead={t('check.lead')}>
      <Rows isBusy={props.isBusy} onReady={props.onReady} />
    </Dialog>
  );
}

function Rows(props: { isBusy: boolean; onReady: () => void }) {
  const call = useCall();
  const check = createDeviceCheck();
  onMount(check.start);
  return (
    <div class="grid gap-5">
      <ul class="grid gap-4">
        <Row state={check.camera()} title={t('device.kind.videoinput')}>
          <Preview />
        </Row>
        <Row state={check.microphone()} title={t('device.kind.audioinput')}>
          <p class="text-sm text-ink-soft">
            {t(check.microphone() === 'good' ? 'check.microphoneGood' : 'check.microphoneSay')}
          </p>
          <Level check={check} />
        </Row>
        <SpeakerRow check={check} />
        <UplinkRow check={check} />
      </ul>
      <DeviceProblemNotice onRetry={check.testDevices} />
      <details class="rounded-2xl border border-line px-4 py-3">
        <summary class="min-h-6 cursor-pointer font-medium">{t('check.devices')}</summary>
        <div class="mt-3">
          <DeviceChoices />
        </div>
      </details>
      <Show when={!check.isPassed()}>
        <p class="text-sm text-ink-soft">{t('check.override')}</p>
      </Show>
      <Button
        size="lg"
        wide
        tone={check.isPassed() ? 'primary' : 'quiet'}
        icon={<Power size={20} aria-hidden="true" />}
        busy={props.isBusy}
        disabled={call.devices.isAsking()}
        onClick={() => props.onReady()}
      >
        {t(check.isPassed() ? 'check.goOnline' : 'model.onAnyway')}
      </Button>
    </div>
  );
}

function SpeakerRow(props: { check: DeviceCheck }) {
  const [hasPlayed, setPlayed] = createSignal(false);
  const play = () => {
    chime();
    setPlayed(true);
  };
  return (
    <Row state={props.check.speaker()} title={t('device.kind.audiooutput')}>
      <div class="mt-1 flex flex-wrap items-center gap-2">
        <Button tone="quiet" size="sm" icon={<Volume2 size={16} aria-hidden="true" />} onClick={play}>
          {t('check.playSound')}
        </Button>
        <Show when={hasPlayed()}>
          <Button
            tone="quiet"
            size="sm"
            aria-pressed={props.check.speaker() === 'good'}
            onClick={() => props.check.setSpeaker('good')}
          >
            {t('check.heard')}
          </Button>
        </Show>
      </div>
    </Row>
  );
}

function UplinkRow(props: { check: DeviceCheck }) {
  const uplinkText = () => {
    const result = props.check.uplinkResult();
    if (props.check.uplink() === 'running' || !result) {
      return t(props.check.uplink() === 'unsure' ? 'check.uplinkUnsure' : 'check.uplinkRunning');
    }
    if (result.verdict === 'inconclusive') return t('check.uplinkUnsure');
    const mbps = new Intl.NumberFormat(locale, { maximumFractionDigits: 1 }).format(result.kbps / 1_000);
    return t(result.verdict === 'pass' ? 'check.uplinkGood' : 'check.uplinkBad', { mbps });
  };
  return (
    <Row state={props.check.uplink()} title={t('check.uplink')}>
      <p class="text-sm text-ink-soft" role="status">
        {uplinkText()}
      </p>
      <Show when={props.check.uplink() === 'bad' || props.check.uplink() === 'unsure'}>
        <div class="mt-1.5">
          <Button tone="quiet" size="sm" onClick={props.check.testLink}>
            {t('check.again')}
          </Button>
        </div>
      </Show>
    </Row>
  );
}

function Row(props: { state: CheckState; title: string; children: JSX.Element }) {
  return (
    <li class="flex items-start gap-3">
      <span class="mt-0.5 flex size-6 shrink-0 items-center justify-center">
        <Switch>
          <Match when={props.state === 'good'}>
            <CircleCheck size={24} class="text-brand" aria-hidden="true" />
          </Match>
          <Match when={props.state === 'bad'}>
            <CircleAlert size={24} class="text-danger" aria-hidden="true" />
          </Match>
          <Match when={props.state === 'running'}>
            <span
              class="size-5 animate-spin rounded-full border-2 border-brand border-r-transparent"
              aria-hidden="true"
            />
          </Match>
          <Match when={true}>
            <CircleHelp size={24} class="text-brass" aria-hidden="true" />
          </Match>
        </Switch>
      </span>
      <div class="min-w-0 flex-1">
        <h3 class="font-semibold">
          {props.title}
          <span class="sr-only">: {t(`check.state.${props.state}`)}</span>
        </h3>
        {props.children}
      </div>
    </li>
  );
}

function Preview() {
  const call = useCall();
  const hasCamera = () => (call.devices.stream()?.getVideoTracks().length ?? 0) > 0;
  let video!: HTMLVideoElement;
  createEffect(() => {
    video.srcObject = call.devices.stream();
  });
  return (
    <>
      <video
        ref={video}
        autoplay
        playsinline
        muted
        aria-label={t('call.yourPicture')}
        class="mt-1.5 aspect-video w-full max-w-64 -scale-x-100 rounded-xl bg-sunken object-cover"
        classList={{ hidden: !hasCamera() }}
      />
      <Show when={!hasCamera() && !call.devices.isAsking()}>
        <p class="text-sm text-ink-soft">{t('device.noCamera')}</p>
      </Show>
    </>
  );
}

/** Loudness as a bar; it moves while she speaks. */
function Level(props: { check: DeviceCheck }) {
  const percent = () => Math.round(Math.min(1, props.check.level() * 2) * 100);
  return (
    <meter aria-label={t('check.level')} value={percent()} min={0} max={100} class="level mt-1.5 w-full max-w-64" />
  );
}
