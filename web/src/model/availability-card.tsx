import { AVAILABLE_HOURS_MAX } from '@contract/limits.ts';
import Minus from 'lucide-solid/icons/minus';
import Plus from 'lucide-solid/icons/plus';
import Power from 'lucide-solid/icons/power';
import Volume2 from 'lucide-solid/icons/volume-2';
import { createEffect, createSignal, Show } from 'solid-js';
import { api, toUserFacing } from '~/api';
import { errorText, locale, t } from '~/i18n';
import { unlockSound } from '~/media';
import { formatClock, formatTime } from '~/money';
import { askNotify, useSession } from '~/state';
import { TrackerButton } from '~/tracker';
import { announce, Badge, Button, toast } from '~/ui';
import { DeviceCheckDialog } from './device-check-dialog.tsx';
import { createWallClock } from './wall-clock.ts';

/** Calls on for 1 to 12 hours, off at any time. */
export function AvailabilityCard() {
  const session = useSession();
  const now = createWallClock();
  const [hours, setHours] = createSignal(2);
  const [isBusy, setBusy] = createSignal(false);
  const [isChecking, setChecking] = createSignal(false);
  const until = () => session.me()?.availableUntil ?? null;
  const leftMs = () => {
    const end = until();
    return end === null ? 0 : Math.max(0, Date.parse(end) - now());
  };
  const isOn = () => until() !== null && leftMs() > 0;
  createEffect((before: boolean | undefined) => {
    if (before !== undefined && before !== isOn()) announce(t(isOn() ? 'model.on' : 'model.off'));
    return isOn();
  });

  async function set(wanted: number) {
    setBusy(true);
    try {
      session.update({ availableUntil: (await api.setAvailability({ hours: wanted })).availableUntil });
    } catch (thrown) {
      toast(errorText(toUserFacing(thrown)), 'bad');
    } finally {
      setBusy(false);
    }
  }

  function turnOn() {
    void unlockSound();
    void askNotify();
    setChecking(true);
  }

  return (
    <section
      aria-label={t('model.availability')}
      class={`rounded-card border p-5 shadow-card sm:p-7 ${isOn() ? 'border-transparent bg-brand-soft text-on-brand-soft' : 'border-line bg-card'}`}
    >
      <Status until={isOn() ? until() : null} leftMs={leftMs()} />
      <div class="mt-6 flex flex-wrap items-center gap-x-6 gap-y-4">
        <HoursPicker hours={hours()} onChange={setHours} />
        <Switch hours={hours()} isOn={isOn()} isBusy={isBusy()} onTurnOn={turnOn} onSet={set} />
      </div>

      <Stay isOn={isOn()} />
      <DeviceCheckDialog
        open={isChecking()}
        isBusy={isBusy()}
        onClose={() => setChecking(false)}
        onReady={async () => {
          await set(hours());
          setChecking(false);
        }}
      />
    </section>
  );
}

/** Whether calls are on, until when, and how much longer. */
function Status(props: { until: string | null; leftMs: number }) {
  const isOn = () => props.until !== null;
  return (
    <div class="flex flex-wrap items-start justify-between gap-4">
      <div class="min-w-0 flex-1 basis-64">
        <Badge tone={isOn() ? 'good' : 'quiet'} icon={<Power size={15} aria-hidden="true" />}>
          {t(isOn() ? 'presence.available' : 'presence.off')}
        </Badge>
        <h2 class="mt-3 font-display text-3xl">{t(isOn() ? 'model.on' : 'model.off')}</h2>
        <p class="mt-1.5">
          <Show when={props.until} fallback={<span class="text-ink-soft">{t('model.offWhy')}</span>}>
            {(end) => t('model.onUntil', { time: formatTime(end(), locale) })}
          </Show>
        </p>
      </div>
      <Show when={isOn()}>
        <div class="text-right">
          <p class="text-sm">{t('model.timeLeft')}</p>
          <p class="figures text-4xl font-semibold" role="timer">
            {formatClock(props.leftMs)}
          </p>
        </div>
      </Show>
    </div>
  );
}

/** On; or longer, or off. */
function Switch(props: {
  hours: number;
  isOn: boolean;
  isBusy: boolean;
  onTurnOn: () => void;
  onSet: (hours: number) => void;
}) {
  return (
    <Show
      when={props.isOn}
      fallback={
        <Button size="lg" icon={<Power size={20} />} busy={props.isBusy} onClick={() => props.onTurnOn()}>
          {t('model.turnOn')}
        </Button>
      }
    >
      <div class="flex flex-wrap gap-3">
        <Button tone="quiet" busy={props.isBusy} onClick={() => props.onSet(props.hours)}>
          {t('model.extend', { hours: t('common.hours', props.hours) })}
        </Button>
        <Button tone="danger" icon={<Power size={18} />} busy={props.isBusy} onClick={() => props.onSet(0)}>
          {t('model.turnOff')}
        </Button>
      </div>
    </Show>
  );
}

/** While calls are on, this page must stay. */
function Stay(props: { isOn: boolean }) {
  return (
    <div class="mt-5 grid gap-3 empty:hidden">
      <Show when={props.isOn}>
        <p class="flex items-center gap-2 text-sm">
          <Volume2 size={18} class="shrink-0" aria-hidden="true" />
          {t('model.stay')}
        </p>
        <div class="flex flex-wrap items-center gap-3">
          <TrackerButton />
          <p class="min-w-0 flex-1 basis-48 text-sm">{t('trackerWindow.why')}</p>
        </div>
      </Show>
    </div>
  );
}

/** Whole hours, 1 to 12, by two buttons around the figure. */
function HoursPicker(props: { hours: number; onChange: (hours: number) => void }) {
  const step = (by: number) => {
    const next = Math.min(AVAILABLE_HOURS_MAX, Math.max(1, props.hours + by));
    props.onChange(next);
    announce(t('common.hours', next));
  };
  const button =
    'flex size-11 items-center justify-center rounded-full border border-line-strong bg-card text-ink hover:bg-sunken disabled:opacity-50';
  return (
    <fieldset aria-label={t('model.howLong')} class="flex items-center gap-2">
      <button
        type="button"
        class={button}
        aria-label={t('model.shorter')}
        disabled={props.hours <= 1}
        onClick={() => step(-1)}
      >
        <Minus size={20} aria-hidden="true" />
      </button>
      <p class="figures min-w-24 text-center text-lg font-semibold">{t('common.hours', props.hours)}</p>
      <button
        type="button"
        class={button}
        aria-label={t('model.longer')}
        disabled={props.hours >= AVAILABLE_HOURS_MAX}
        onClick={() => step(1)}
      >
        <Plus size={20} aria-hidden="true" />
      </button>
    </fieldset>
  );
}
