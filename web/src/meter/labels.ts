import type { CallView, Outcome, PauseReason, Side } from '@contract/calls.ts';
import { t } from '~/i18n';
import type { Tone } from '~/ui';

/** What the tracker says of the meter. */
export type MeterLabels = {
  kind: 'connected' | 'charging' | 'not_charging' | 'suspended';
  state: string;
  why: string | null;
};

/** The reason that says most, when there are several. */
const ORDER: PauseReason[] = [
  'model_waived',
  'appliance_reconnecting',
  'reconnecting',
  'client_reconnecting',
  'client_no_media',
  'no_media',
  'slow_link',
  'ledger_wait',
];

export function meterLabels(view: CallView): MeterLabels {
  const { meter } = view;
  if (!meter)
    return { kind: 'connected', state: t('tracker.connected'), why: t(`tracker.why.starting.${view.mySide}`) };
  if (meter.state === 'charging') return { kind: 'charging', state: t('tracker.charging'), why: null };
  if (meter.state === 'suspended') return { kind: 'suspended', state: t('tracker.suspended'), why: null };
  const reason = ORDER.find((one) => meter.reasons.includes(one)) ?? 'starting';
  const why = t(`tracker.why.${reason}.${view.mySide}`, { name: view.peer.displayName });
  return { kind: 'not_charging', state: t('tracker.notCharging'), why };
}

/** Which side, if any, is gone from a live call. */
export function lostSide(view: CallView): 'me' | 'them' | null {
  const reasons = view.meter?.reasons ?? [];
  if (view.state !== 'live') return null;
  if (reasons.includes('reconnecting')) return view.mySide === 'model' ? 'me' : 'them';
  if (reasons.includes('client_reconnecting')) return view.mySide === 'client' ? 'me' : 'them';
  if (!reasons.includes('appliance_reconnecting')) return null;
  if (!view.them.isPresent || (view.me.hasMedia && !view.them.hasMedia)) return 'them';
  return 'me';
}

export function outcomeText(outcome: Outcome, side: Side, name: string): { title: string; why: string } {
  return { title: t(`outcome.${outcome}.${side}`, { name }), why: t(`outcomeWhy.${outcome}.${side}`) };
}

export function outcomeTone(outcome: Outcome | null): Tone {
  if (outcome === null) return 'quiet';
  if (outcome === 'client_ended' || outcome === 'model_ended') return 'good';
  if (outcome === 'missed' || outcome === 'network_lost' || outcome === 'failed') return 'bad';
  return outcome === 'out_of_funds' ? 'warn' : 'quiet';
}
