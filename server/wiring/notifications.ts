import type { Accounts } from '../accounts/index.ts';
import type { Calls } from '../calls/index.ts';
import type { Hub } from '../hub/index.ts';
import type { Threads } from '../messages/index.ts';
import type { Presence } from '../presence/index.ts';
import type { Push } from '../push/index.ts';
import type { Log } from '../telemetry/index.ts';

interface NotificationDeps {
  readonly push: Push;
  readonly hub: Hub;
  readonly presence: Presence;
  readonly calls: Calls;
  readonly threads: Threads;
  readonly accounts: Accounts;
  readonly log: Log;
}

/** Connects push: of what a person is notified who has no page open. */
export function connectNotifications({ push, hub, presence, calls, threads, accounts, log }: NotificationDeps): void {
  presence.onAway((modelId) => push.send(modelId, { kind: 'away' }));
  calls.onRing(({ callId, modelId, client }) => {
    const name = client.displayName;
    if (!hub.isOnline(modelId)) push.send(modelId, { kind: 'ring', name, callId });
  });
  threads.onMessage((personId, { clientId, modelId, content }) => {
    if (hub.isOnline(personId) || (content.kind !== 'text' && content.kind !== 'call')) return;
    const notify = async () => {
      const { personId: peerId, displayName: name } = await accounts.person(personId === clientId ? modelId : clientId);
      if (content.kind === 'text') push.send(personId, { kind: 'message', name, personId: peerId });
      else push.send(personId, { kind: 'missed', name, personId: peerId, callId: content.callId });
    };
    notify().catch((error: unknown) => log.warn({ err: error, personId }, 'could not notify of a message'));
  });
}
