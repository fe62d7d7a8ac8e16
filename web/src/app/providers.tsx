import { type JSX, onCleanup } from 'solid-js';
import { CallProvider, createCall } from '~/call';
import { createModels, ModelsProvider } from '~/client';
import { createHub, HubProvider } from '~/hub';
import { createUnread, UnreadProvider } from '~/messages';
import { createSession, forgetDrafts, onChange, SessionProvider } from '~/state';

/** Builds what outlives the pages, and hands each feature's part to whoever reads it. */
export function Providers(props: { children: JSX.Element }) {
  const session = createSession();
  const hub = createHub(session.leave);
  const call = createCall(hub);
  const models = createModels(hub);
  const unread = createUnread(hub);

  onCleanup(
    hub.listen((message) => {
      if (message.type === 'balance') session.update({ balanceMinor: message.balanceMinor });
      // In a call its views tell what a person has, with the charge that changed it.
      if (message.type === 'call' && message.call.balanceMinor !== null)
        session.update({ balanceMinor: message.call.balanceMinor });
      if (message.type === 'availability') session.update({ availableUntil: message.availableUntil });
    }),
  );
  // What else changes about the person, such as a balance, does not touch the socket.
  onChange(
    () => session.me()?.personId ?? null,
    (personId) => {
      hub.close();
      forgetDrafts();
      models.forget();
      unread.forget();
      call.forget();
      if (personId !== null) hub.open();
    },
  );
  onCleanup(hub.close);
  void session.load();

  return (
    <SessionProvider value={session}>
      <HubProvider value={hub}>
        <CallProvider value={call}>
          <ModelsProvider value={models}>
            <UnreadProvider value={unread}>{props.children}</UnreadProvider>
          </ModelsProvider>
        </CallProvider>
      </HubProvider>
    </SessionProvider>
  );
}
