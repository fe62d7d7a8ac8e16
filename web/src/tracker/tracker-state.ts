import type { CallView } from '@contract/calls.ts';
import { t } from '~/i18n';
import { meterLabels, outcomeText } from '~/meter';

/** What the tracker says in its first line, and under it. */
export type TrackerState = {
  tone: 'quiet' | 'ring' | 'good' | 'warn' | 'bad';
  title: string;
  why: string | null;
};

const METER_TONES = { connected: 'quiet', charging: 'good', not_charging: 'warn', suspended: 'bad' } as const;

/** @param view null while there is no call */
export function trackerState(view: CallView | null, idle: TrackerState): TrackerState {
  if (!view) return idle;
  const name = view.peer.displayName;
  switch (view.state) {
    case 'ringing':
      return view.mySide === 'model'
        ? { tone: 'ring', title: t('ring.incoming', { name }), why: null }
        : { tone: 'quiet', title: t('ring.outgoing', { name }), why: t('ring.outgoingWhy') };
    case 'confirming':
      return view.me.isConnected
        ? { tone: 'quiet', title: t('tracker.connected'), why: t('confirm.waitThem', { name }) }
        : { tone: 'quiet', title: t('confirm.question'), why: t('trackerWindow.confirming', { name }) };
    case 'suspended':
      return { tone: 'bad', title: t('tracker.suspended'), why: t('trackerWindow.suspended', { name }) };
    case 'ended': {
      const words = outcomeText(view.outcome ?? 'failed', view.mySide, name);
      return { tone: 'quiet', title: words.title, why: words.why };
    }
    case 'live': {
      const words = meterLabels(view);
      return { tone: METER_TONES[words.kind], title: words.state, why: words.why };
    }
  }
}
