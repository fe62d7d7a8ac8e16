import { createEffect, onCleanup } from 'solid-js';
import { useHub } from '~/hub';
import { t } from '~/i18n';
import { chime } from '~/media';
import { notify, useSession } from '~/state';
import { announce } from '~/ui';

/** A short break of the connection does not matter. */
const QUIET_MS = 15_000;
const AGAIN_MS = 20_000;

/** Warns a model whose calls are on and whose page has lost the appliance: by sound, title and notification. */
export function AwayWarning() {
  const hub = useHub();
  const session = useSession();
  const isAvailable = () => Date.parse(session.me()?.availableUntil ?? '') > Date.now();
  createEffect(() => {
    if (hub.state() !== 'reconnecting' || !isAvailable()) return;
    const before = document.title;
    let takeAway = () => {};
    const warn = () => {
      chime();
      document.title = t('model.awayTitle');
      announce(t('model.awayWarning'));
      takeAway = notify(t('model.awayTitle'), t('model.awayWarning'), 'away');
    };
    let again = 0;
    const first = window.setTimeout(() => {
      warn();
      again = window.setInterval(warn, AGAIN_MS);
    }, QUIET_MS);
    onCleanup(() => {
      clearTimeout(first);
      clearInterval(again);
      takeAway();
      if (document.title === t('model.awayTitle')) document.title = before;
    });
  });
  return null;
}
