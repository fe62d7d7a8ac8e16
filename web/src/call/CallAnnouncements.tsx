import { createEffect, createMemo, on } from 'solid-js';
import { useServices } from '~/app/services.tsx';
import { t } from '~/i18n';
import { announce } from '~/ui';
import { meterWords, outcomeWords } from './words.ts';

/** Says state and money to screen readers, and keeps the browser's title in step. Shows nothing. */
export function CallAnnouncements() {
  const { call, money } = useServices();
  const view = () => call.view();
  const name = () => view()?.peer.displayName ?? '';

  const stateWords = createMemo(() => {
    const current = view();
    if (!current) return '';
    if (current.state === 'ringing')
      return t(current.mySide === 'client' ? 'ring.outgoing' : 'ring.incoming', { name: name() });
    if (current.state === 'confirming') return t('confirm.question');
    if (current.state === 'suspended')
      return current.mySide === 'client' ? t('suspended.clientTitle') : t('suspended.modelTitle', { name: name() });
    if (current.state === 'ended')
      return current.outcome ? outcomeWords(current.outcome, current.mySide, name()).title : '';
    const words = meterWords(current);
    return words.why ? `${words.state}. ${words.why}` : words.state;
  });
  createEffect(on(stateWords, (words) => words && announce(words)));

  createEffect(
    on(
      () => view()?.meter?.chargedMinor,
      (charged, before) => {
        if (charged !== undefined && charged > (before ?? 0))
          announce(t('tracker.charge', { amount: money(charged - (before ?? 0)) }));
      },
    ),
  );
  createEffect(
    on(
      () => view()?.meter?.isLow,
      (isLow) => isLow && announce(t('call.lowLabel')),
    ),
  );
  createEffect(
    on(
      () => view()?.them.isConnected,
      (isConnected) => {
        if (isConnected && view()?.state === 'confirming') announce(t('confirm.theyConnected', { name: name() }));
      },
    ),
  );
  return null;
}
