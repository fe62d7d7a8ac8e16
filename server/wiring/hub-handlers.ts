import type { Accounts } from '../accounts/index.ts';
import type { Calls } from '../calls/index.ts';
import { toMinor, UserError } from '../contract/index.ts';
import type { Connection, Hub, MessageHandlers } from '../hub/index.ts';
import type { Ledger } from '../ledger/index.ts';
import type { Threads } from '../messages/index.ts';
import type { Presence } from '../presence/index.ts';
import type { Log } from '../telemetry/index.ts';
import type { Favourites } from '../trust/index.ts';

interface HubDeps {
  readonly hub: Hub;
  readonly calls: Calls;
  readonly presence: Presence;
  readonly accounts: Accounts;
  readonly favourites: Favourites;
  readonly ledger: Ledger;
  readonly threads: Threads;
  readonly log: Log;
}

/** Connects the hub: what each message of a page does, what a page is sent when it opens, who hears that it closed. */
export function connectHub(deps: HubDeps): void {
  const { hub, calls, presence, log } = deps;
  hub.handle({ ...callHandlers(calls), ...mediaHandlers(calls), ...peopleHandlers(deps) });
  hub.onOpen((connection) => {
    const { personId } = connection;
    sendFirst(connection, deps).catch((error: unknown) =>
      log.warn({ err: error, personId }, 'a page could not be sent what it opens with'),
    );
  });
  hub.onClose((connection) => {
    if (connection.role === 'model') presence.pageClosed(connection.personId);
    calls.pageClosed(connection);
  });
}

const nothing = (_done: unknown) => undefined;

type HandlersOf<Prefix extends string> = {
  [T in keyof MessageHandlers as T extends `${Prefix}.${string}` ? T : never]: MessageHandlers[T];
};

const callHandlers = (calls: Calls): HandlersOf<'call'> => ({
  'call.ring': async (from, { modelId }) => ({ callId: await calls.ring(from, modelId) }),
  'call.accept': (from, { callId }) => calls.act(from, callId, { type: 'accept' }).then(nothing),
  'call.reject': (from, { callId, reason }) => calls.act(from, callId, { type: 'reject', reason }).then(nothing),
  'call.connect': (from, { callId }) => calls.act(from, callId, { type: 'connect' }).then(nothing),
  'call.hangUp': (from, { callId }) => calls.act(from, callId, { type: 'hang_up' }).then(nothing),
  'call.restart': (from, { callId }) => calls.act(from, callId, { type: 'restart' }).then(nothing),
  'call.waive': (from, { callId }) => calls.act(from, callId, { type: 'waive' }).then(nothing),
  'call.attach': (from, { callId }) => calls.act(from, callId, { type: 'attached' }).then(nothing),
  'call.mute': (from, { callId, isMuted, isCameraOff }) =>
    calls.act(from, callId, { type: 'mute', isMuted, isCameraOff }).then(nothing),
  'call.tip': (from, { callId, amountMinor, key }) => calls.tip(from, callId, toMinor(amountMinor), key).then(nothing),
});

const mediaHandlers = (calls: Calls): HandlersOf<'media' | 'connection'> => ({
  'media.answer': async (from, message) => nothing(calls.media(from, message)),
  'media.candidate': async (from, message) => nothing(calls.media(from, message)),
  'media.probed': async (from, message) => nothing(calls.media(from, message)),
  'media.report': async (from, message) => nothing(calls.media(from, message)),
  'media.failed': async (from, message) => nothing(calls.media(from, message)),
  'media.stalled': async (from, message) => nothing(calls.media(from, message)),
  'media.able': async (from, { webTransport }) => nothing(calls.mediaAble(from, webTransport)),
  'connection.test': async (from, { isRelayOnly }) => nothing(calls.connectionTests.start(from, isRelayOnly ?? false)),
});

const peopleHandlers = ({ presence, threads, accounts }: HubDeps): HandlersOf<'model' | 'message'> => ({
  'model.notifyMe': async (from, { modelId, on }) => {
    if (from.role !== 'client') throw new UserError('not_allowed');
    return nothing(await presence.notifyMe(from.personId, modelId, on));
  },
  'message.send': async (from, { personId, text, key }) =>
    nothing(await threads.send(await accounts.person(from.personId), personId, text, key)),
  'message.read': async (from, { personId, messageId }) =>
    nothing(await threads.read(await accounts.person(from.personId), personId, messageId)),
});

/** What a page is sent when it has connected: all that it would have heard since the one before it. */
async function sendFirst(connection: Connection, deps: HubDeps): Promise<void> {
  const { hub, calls, presence, accounts, favourites, ledger, threads } = deps;
  const { connectionId, personId, role } = connection;
  if (role === 'client') {
    await presence.welcome(connection);
    hub.sendToConnection(connectionId, { type: 'favourites', modelIds: await favourites.of(personId) });
    if ((await presence.sendWishes(personId)).length > 0) await presence.meetWishes();
  }
  if (role === 'model') {
    const { availableUntil } = await accounts.model(personId);
    const isOn = availableUntil !== null && availableUntil.getTime() > Date.now();
    const until = isOn ? availableUntil.toISOString() : null;
    hub.sendToConnection(connectionId, { type: 'availability', availableUntil: until });
    presence.changed();
  }
  if (role !== 'operator') {
    hub.sendToConnection(connectionId, { type: 'balance', balanceMinor: await ledger.balanceOf(personId, role) });
    await threads.sendUnread(personId);
  }
  calls.pageOpened(connection);
}
