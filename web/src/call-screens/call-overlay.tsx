import { createEffect, createMemo, Match, onCleanup, onMount, Switch } from 'solid-js';
import { useCall } from '~/call';
import { t } from '~/i18n';
import { onChange } from '~/state';
import { closeDialogs } from '~/ui/dialog.tsx';
import { CallAnnouncements } from './call-announcements.tsx';
import { RejoinScreen, TakenScreen } from './elsewhere-screens.tsx';
import { EndedScreen } from './ended-screen.tsx';
import { IncomingRing } from './incoming-ring.tsx';
import { OutgoingRing } from './outgoing-ring.tsx';
import { Stage } from './stage.tsx';

/** The call over the whole page, from the ring to the end. */
export default function CallOverlay() {
  const call = useCall();
  let root!: HTMLDivElement;
  const titleBefore = document.title;
  onMount(() => {
    // What was open on the page must not lie over a ring.
    closeDialogs();
    root.focus();
  });
  // What was pressed goes away with its screen: the focus stays in the call.
  onChange(
    () => `${call.view()?.state} ${call.attachment()}`,
    () => queueMicrotask(() => document.activeElement === document.body && root.focus()),
  );
  onCleanup(() => {
    document.title = titleBefore;
  });
  const view = () => call.view();
  const isHere = () => view()?.state !== 'ended' && call.attachment() !== 'taken' && call.attachment() !== 'asking';
  // A slip of the finger, such as the phone's way back, does not end what is paid for: the browser asks first.
  const asksFirst = createMemo(() => isHere() && view()?.state !== 'ringing');
  createEffect(() => {
    if (!asksFirst()) return;
    const ask = (event: BeforeUnloadEvent) => event.preventDefault();
    window.addEventListener('beforeunload', ask);
    onCleanup(() => window.removeEventListener('beforeunload', ask));
  });

  return (
    <div
      ref={root}
      role="dialog"
      aria-modal="true"
      aria-label={t('call.label', { name: view()?.peer.displayName ?? '' })}
      tabindex="-1"
      class="on-stage fixed inset-0 z-40 overflow-hidden bg-stage text-on-stage outline-none"
    >
      <CallAnnouncements />
      <Switch>
        <Match when={view()?.state === 'ended' && view()}>{(one) => <EndedScreen view={one()} />}</Match>
        <Match when={call.attachment() === 'taken' && view()}>{(one) => <TakenScreen view={one()} />}</Match>
        <Match when={call.attachment() === 'asking' && view()}>{(one) => <RejoinScreen view={one()} />}</Match>
        <Match when={isHere() && view()?.state === 'ringing' && view()?.mySide === 'client' && view()}>
          {(one) => <OutgoingRing view={one()} />}
        </Match>
        <Match when={isHere() && view()?.state === 'ringing' && view()}>{(one) => <IncomingRing view={one()} />}</Match>
        <Match when={isHere() && view()}>{(one) => <Stage view={one()} />}</Match>
      </Switch>
    </div>
  );
}
