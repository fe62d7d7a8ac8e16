import type { HubMessage, PageRequest } from '@contract/hub.ts';
import { HUB_CLOSE_RESTARTING, HUB_CLOSE_SIGNED_OUT } from '@contract/limits.ts';
import { type Accessor, createSignal } from 'solid-js';
import { UserFacing } from '~/api';

/** `off`: not wanted. `reconnecting`: lost, and trying to come back. */
export type HubState = 'off' | 'connecting' | 'open' | 'reconnecting';
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

type Waiting = { resolve(answer: HubAnswer): void; reject(error: UserFacing): void; timer: number };

export function createHub(onSignedOut: () => void): Hub {
  const [state, setState] = createSignal<HubState>('off');
  const listeners = new Set<(message: HubMessage) => void>();
  const waiting = new Map<number, Waiting>();
  let socket: WebSocket | null = null;
  let retryTimer = 0;
  let attempt = 0;
  let lastId = 0;

  function settle(id: number): Waiting | undefined {
    const entry = waiting.get(id);
    waiting.delete(id);
    if (entry) clearTimeout(entry.timer);
    return entry;
  }

  function receive(message: HubMessage) {
    if (message.type === 'ok') return settle(message.id)?.resolve({ callId: message.callId });
    if (message.type === 'error') {
      const error = new UserFacing(message.error.code as UserFacing['code'], message.error.message);
      return message.id === null ? console.error('hub:', error.code) : settle(message.id)?.reject(error);
    }
    if (message.type === 'hello') {
      attempt = 0;
      setState('open');
    }
    for (const listener of listeners) listener(message);
  }

  function connect() {
    clearTimeout(retryTimer);
    const mine = new WebSocket(`${location.protocol === 'http:' ? 'ws' : 'wss'}://${location.host}/hub`);
    socket = mine;
    mine.onmessage = (event) => {
      if (socket === mine) receive(JSON.parse(event.data as string) as HubMessage);
    };
    mine.onclose = (event) => {
      if (socket !== mine) return;
      socket = null;
      for (const id of [...waiting.keys()]) settle(id)?.reject(new UserFacing('no_connection'));
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
    for (const id of [...waiting.keys()]) settle(id)?.reject(new UserFacing('no_connection'));
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
      lastId += 1;
      const id = lastId;
      socket.send(JSON.stringify({ id, ...message }));
      return new Promise((resolve, reject) => {
        const timer = window.setTimeout(() => settle(id)?.reject(new UserFacing('no_answer')), ANSWER_MS_MAX);
        waiting.set(id, { resolve, reject, timer });
      });
    },
    listen(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
