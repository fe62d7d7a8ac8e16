// The sockets of one run: which pages there are, and the newest view that each person was sent.
import type { CallHub } from '../../../server/calls/deps.ts';
import type { CallView, HubMessage, PersonId } from '../../../server/contract/index.ts';
import { Fault } from './rows.ts';

export type ProbeOrder = Extract<HubMessage, { type: 'media.probe' }>;

export class Pages {
  readonly open = new Map<number, PersonId>();
  readonly views = new Map<PersonId, CallView>();
  /** A page is asked for a burst. */
  onProbe: (connectionId: number, order: ProbeOrder) => void = () => {};
  static #nextId = 1;

  connect(personId: PersonId): number {
    const connectionId = Pages.#nextId++;
    this.open.set(connectionId, personId);
    return connectionId;
  }

  of(personId: PersonId): number[] {
    return [...this.open].filter(([, owner]) => owner === personId).map(([connectionId]) => connectionId);
  }

  readonly hub: CallHub = {
    isConnected: (connectionId) => this.open.has(connectionId),
    sendToConnection: (connectionId, message) => {
      const personId = this.open.get(connectionId);
      if (personId === undefined) return;
      if (message.type === 'call') this.#receive(personId, message.call);
      if (message.type === 'media.probe') this.onProbe(connectionId, message);
    },
    sendToRole: () => {},
    sendToPerson: (personId, message) => {
      if (message.type === 'call') this.#receive(personId, message.call);
    },
  };

  #receive(personId: PersonId, call: CallView): void {
    const before = this.views.get(personId);
    if (before?.callId === call.callId && call.seq <= before.seq) throw new Fault('a view that is older than the last');
    if (before?.callId === call.callId && before.state === 'ended' && call.state !== 'ended') {
      throw new Fault(`call ${call.callId} had ended and is ${call.state}`);
    }
    this.views.set(personId, call);
  }
}
