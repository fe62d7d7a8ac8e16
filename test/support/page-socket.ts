import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import { WebSocket } from 'ws';
import {
  type CallView,
  type HubMessage,
  type ModelCard,
  type PageRequest,
  withChanges,
} from '../../server/contract/index.ts';

import type { TestAppliance } from './appliance.ts';

const WAIT_MS_MAX = 20_000;

export type HubAnswer = Extract<HubMessage, { type: 'ok' | 'error' }>;

/** A page's hub connection without the page: for what happens before and beside media. */
export class TestSocket {
  readonly heard: HubMessage[] = [];
  /** How many of them `next` has gone past. */
  #passed = 0;
  /** Called for every message as it comes. */
  onMessage: (message: HubMessage) => void = () => {};
  readonly #socket: WebSocket;
  readonly #waiting = new Set<() => void>();
  #models: readonly ModelCard[] | null = null;
  #nextId = 1;
  #why = '';
  closedWith: number | null = null;
  /** Why the connection broke, when it did. */
  trouble = '';

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.on('message', (text) => {
      const message = JSON.parse(String(text)) as HubMessage;
      this.heard.push(message);
      if (message.type === 'models') this.#models = message.models;
      if (message.type === 'models.changed') this.#models &&= withChanges(this.#models, message);
      this.onMessage(message);
      for (const check of [...this.#waiting]) check();
    });
    socket.on('close', (code, why) => {
      this.closedWith = code;
      this.#why = String(why);
      for (const check of [...this.#waiting]) check();
    });
    socket.on('error', (error) => {
      this.trouble = String(error);
    });
  }

  static async open(
    appliance: Pick<TestAppliance, 'url' | 'data'>,
    cookie: string,
    origin = appliance.url,
  ): Promise<TestSocket> {
    const socket = new WebSocket(`${appliance.url.replace('https', 'wss')}/hub`, {
      ca: fs.readFileSync(path.join(appliance.data, 'tls/authority.pem')),
      headers: { Cookie: cookie, Origin: origin },
    });
    const page = new TestSocket(socket);
    await once(socket, 'open');
    return page;
  }

  /** Sends a request and waits for its answer. */
  async ask(message: PageRequest): Promise<HubAnswer> {
    const id = this.#nextId++;
    this.sendText(JSON.stringify({ id, ...message }));
    const isAnswer = (one: HubMessage): one is HubAnswer =>
      (one.type === 'ok' || one.type === 'error') && one.id === id;
    return this.#seen(isAnswer);
  }

  sendText(text: string): void {
    this.#socket.send(text);
  }

  /** The same as bytes, which no page of ours does. */
  sendBytes(bytes: Buffer): void {
    this.#socket.send(bytes);
  }

  /** The newest view of the call, once it is as wanted. */
  async call(isWanted: (view: CallView) => boolean, waitMs = WAIT_MS_MAX): Promise<CallView> {
    const find = () => {
      const views = this.heard.flatMap((message) => (message.type === 'call' ? [message.call] : []));
      const last = views.at(-1);
      return last && isWanted(last) ? last : undefined;
    };
    return this.#wait(find, () => `the call as wanted; heard ${JSON.stringify(this.heard.at(-1))}`, waitMs);
  }

  /** The models as the client sees them, once they are as wanted. */
  models(isWanted: (models: readonly ModelCard[]) => boolean): Promise<readonly ModelCard[]> {
    const find = () => (this.#models && isWanted(this.#models) ? this.#models : undefined);
    return this.#wait(find, () => `the models as wanted; heard of ${JSON.stringify(this.#models)}`);
  }

  /**
   * The next message that fits: one that came after what the last `next` has given, or is still to come. What was heard
   * before it is passed over; waits that begin together begin at the same message.
   */
  async next(fits: (message: HubMessage) => boolean, waitMs = WAIT_MS_MAX): Promise<HubMessage> {
    const from = this.#passed;
    const find = () => {
      const index = this.heard.findIndex((message, at) => at >= from && fits(message));
      return index < 0 ? undefined : index;
    };
    const index = await this.#wait(find, () => `a new message; ${this.#whatWasHeard()}`, waitMs);
    this.#passed = Math.max(this.#passed, index + 1);
    return this.heard[index] as HubMessage;
  }

  /** The first message that fits, of all that were ever heard or are to come: for what is said once. */
  seen(fits: (message: HubMessage) => boolean, waitMs = WAIT_MS_MAX): Promise<HubMessage> {
    return this.#seen((message): message is HubMessage => fits(message), waitMs);
  }

  #seen<M extends HubMessage>(fits: (message: HubMessage) => message is M, waitMs = WAIT_MS_MAX): Promise<M> {
    return this.#wait(
      () => this.heard.find(fits),
      () => `a message; ${this.#whatWasHeard()}`,
      waitMs,
    );
  }

  #whatWasHeard(): string {
    const types = this.heard.map((message) => message.type).join(', ');
    return `heard ${types}; closed with ${this.closedWith} ${this.trouble}`;
  }

  closed(): Promise<number> {
    return this.#wait(
      () => this.closedWith ?? undefined,
      () => 'the close',
    );
  }

  /** Why it was closed, in the appliance's words. */
  get closedBecause(): string {
    return this.#why;
  }

  close(): void {
    this.#socket.terminate();
  }

  #wait<T>(find: () => T | undefined, what: () => string, waitMs = WAIT_MS_MAX): Promise<T> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#waiting.delete(check);
        reject(new Error(`waited in vain for ${what()}`));
      }, waitMs);
      const check = () => {
        const found = find();
        if (found === undefined) return;
        clearTimeout(timer);
        this.#waiting.delete(check);
        resolve(found);
      };
      this.#waiting.add(check);
      check();
    });
  }
}
