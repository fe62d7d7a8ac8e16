import { createMemo } from 'solid-js';
import { useCall } from '~/call';
import { t } from '~/i18n';
import { chime } from '~/media';
import { meterLabels, outcomeText } from '~/meter';
import { formatClock } from '~/money';
import { onChange, useMoney } from '~/state';
import { announce, toast } from '~/ui';

const UNITS_A_MINUTE = 60;

/** What was said last: how many charges, or minutes of charges by the second, and what they came to. */
type Charged = { told: number; minor: number };

/** Says state and money to screen readers, and keeps the browser's title in step. Shows nothing. */
export function CallAnnouncements() {
  const call = useCall();
  const money = useMoney();
  const view = () => call.view();
  const name = () => view()?.peer.displayName ?? '';

  const stateText = createMemo(() => {
    const current = view();
    if (!current) return '';
    if (current.state === 'ringing')
      return t(current.mySide === 'client' ? 'ring.outgoing' : 'ring.incoming', { name: name() });
    if (current.state === 'confirming') return t('confirm.question');
    if (current.state === 'suspended')
      return current.mySide === 'client' ? t('suspended.clientTitle') : t('suspended.modelTitle', { name: name() });
    if (current.state === 'ended')
      return current.outcome ? outcomeText(current.outcome, current.mySide, name()).title : '';
    const words = meterLabels(current);
    return t('tracker.said', { words: words.why ? `${words.state}. ${words.why}` : words.state });
  });
  onChange(stateText, (words) => words && announce(words));

  const charged = createMemo(
    (said: Charged): Charged => {
      const { meter, tariff, state } = view() ?? {};
      // By the second it is said by the minute: nobody can listen to sixty figures a minute and to the other person.
      const unitsTold = tariff === 'per_second' ? UNITS_A_MINUTE : 1;
      const told = Math.ceil((meter?.unitsCharged ?? 0) / unitsTold);
      const isBetween = told === said.told && state !== 'ended';
      return isBetween ? said : { told, minor: meter?.chargedMinor ?? said.minor };
    },
    { told: 0, minor: 0 },
    { equals: (before, now) => before.minor === now.minor },
  );
  onChange(charged, (now, before) => {
    const amount = now.minor - (before?.minor ?? 0);
    if (amount > 0) announce(t('tracker.charge', { amount: money(amount) }));
  });
  onChange(
    () => view()?.tipsMinor ?? 0,
    (tips, before) => {
      if (view()?.mySide !== 'model' || tips <= (before ?? 0)) return;
      const words = t('tip.got', { name: name(), amount: money(tips - (before ?? 0)) });
      toast(words);
      chime();
    },
    { defer: true },
  );
  onChange(
    () => view()?.state === 'live' && view()?.meter?.isLow === true,
    (low) => {
      const leftMs = call.figures(performance.now())?.timeLeftMs ?? 0;
      if (low) announce(`${t('call.lowLabel')}: ${formatClock(leftMs)}`);
    },
  );
  onChange(
    () => view()?.state === 'confirming' && view()?.them.isConnected === true,
    (isDone) => isDone && announce(t('confirm.theyConnected', { name: name() })),
  );
  return null;
}
