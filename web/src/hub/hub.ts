import type { HubMessage, PageRequest } from '@contract/hub.ts';
import { HUB_CLOSE_RESTARTING, HUB_CLOSE_SIGNED_OUT } from '@contract/limits.ts';
import { type Accessor, createSignal } from 'solid-js';
import { UserFacing } from '~/api';

/** `off`: not wanted. `reconnecting`: lost, and trying to come back. */
type HubState = 'off' | 'connecting' | 'open' | 'reconnecting';
export type HubAnswer = { callId?: number | undefined };
export type Hub = {
  state: Accessor<HubState>;
  open(): void;
  close(): void;
  /** Sends a message; rejects with UserFacing when refused, unanswered or not connected. */
  request(message: PageRequest): Promise<HubAnswer>;
  /** Returns the function that stops listening. */
  listen(listener: (message: HubMessage) => void): () => void;
};

const ANSWER_MS_MAX = 10_000;
const BACK_OFF_FIRST_MS = 250;
const BACK_OFF_MAX_MS = 8_000;

/** Half of the wait is chance, so that a restarted appliance is not met by all pages at once. */
export function backOffMs(attempt: number, chance: number): number {
  const full = Math.min(BACK_OFF_MAX_MS, BACK_OFF_FIRST_MS * 2 ** attempt);
  return Math.round(full / 2 + (full / 2) * chance);
}

/** Requests that wait for their answers. */
function createRequests() {
  type Waiting = { resolve(answer: HubAnswer): void; reject(error: UserFacing): void; timer: number };
  const waiting = new Map<number, Waiting>();
  let lastId = 0;
  function settle(id: number): Waiting | undefined {
    const entry = waiting.get(id);
    waiting.delete(id);
    if (entry) clearTimeout(entry.timer);
    return entry;
  }
  return {
    settle,
    rejectAll() {
      for (const id of [...waiting.keys()]) settle(id)?.reject(new UserFacing('no_connection'));
    },
    send(socket: WebSocket, message: PageRequest): Promise<HubAnswer> {
      lastId += 1;
      const id = lastId;
      socket.send(JSON.stringify({ id, ...message }));
      return new Promise((resolve, reject) => {
        const timer = window.setTimeout(() => settle(id)?.reject(new UserFacing('no_answer')), ANSWER_MS_MAX);
        waiting.set(id, { resolve, reject, timer });
      });
    },
  };
}

/** Matches answers to requests, and hands every other message to whoever listens. */
function createInbox(requests: ReturnType<typeof createRequests>, onHello: () => void) {
  const listeners = new Set<(message: HubMessage) => void>();
  function receive(message: HubMessage) {
    if (message.type === 'ok') return requests.settle(message.id)?.resolve({ callId: message.callId });
    if (message.type === 'error') {
      const error = new UserFacing(message.error.code as UserFacing['code'], message.error.message);
      return message.id === null ? console.error('hub:', error.code) : requests.settle(message.id)?.reject(error);
    }
    if (message.type === 'hello') onHello();
    for (const listener of listeners) listener(message);
  }
  return {
    receive,
    listen(listener: (message: HubMessage) => void) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

export function createHub(onSignedOut: () => void): Hub {
  const [state, setState] = createSignal<HubState>('off');
  const requests = createRequests();
  let socket: WebSocket | null = null;
  let retryTimer = 0;
  let attempt = 0;

  const inbox = createInbox(requests, () => {
    attempt = 0;
    setState('open');
  });

  function connect() {
    clearTimeout(retryTimer);
    const mine = new WebSocket(`${location.protocol === 'http:' ? 'ws' : 'wss'}://${location.host}/hub`);
    socket = mine;
    mine.onmessage = (event) => {
      if (socket === mine) inbox.receive(JSON.parse(event.data as string) as HubMessage);
    };
    mine.onclose = (event) => {
      if (socket !== mine) return;
      socket = null;
      requests.rejectAll();
      if (event.code === HUB_CLOSE_SIGNED_OUT) {
        setState('off');
        return onSignedOut();
      }
      setState('reconnecting');
      const wait = event.code === HUB_CLOSE_RESTARTING ? BACK_OFF_FIRST_MS : backOffMs(attempt, Math.random());
      attempt += 1;
      retryTimer = window.setTimeout(connect, wait);
    };
  }

  function drop() {
    clearTimeout(retryTimer);
    const old = socket;
    socket = null;
    old?.close();
    requests.rejectAll();
  }

  // A changed network leaves the old socket hanging for minutes: start anew at once.
  window.addEventListener('online', () => {
    if (state() === 'off') return;
    drop();
    setState('reconnecting');
    connect();
  });

  return {
    state,
    open() {
      if (state() !== 'off') return;
      setState('connecting');
      connect();
    },
    close() {
      setState('off');
      drop();
    },
    request(message) {
      if (state() !== 'open' || !socket) return Promise.reject(new UserFacing('no_connection'));
      return requests.send(socket, message);
    },
    listen: inbox.listen,
  };
}
