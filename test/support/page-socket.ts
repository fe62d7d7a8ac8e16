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

/** A page's hub connection without the page: for what happens before and beside media. */
export class TestSocket {
  readonly heard: HubMessage[] = [];
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
  async ask(message: PageRequest): Promise<Extract<HubMessage, { type: 'ok' | 'error' }>> {
    const id = this.#nextId++;
    this.sendText(JSON.stringify({ id, ...message }));
    return (await this.until((one) => (one.type === 'ok' || one.type === 'error') && one.id === id)) as never;
  }

  sendText(text: string): void {
    this.#socket.send(text);
  }

  /** The newest view of the call, once it is as wanted. */
  async call(isWanted: (view: CallView) => boolean): Promise<CallView> {
    const find = () => {
      const views = this.heard.flatMap((message) => (message.type === 'call' ? [message.call] : []));
      const last = views.at(-1);
      return last && isWanted(last) ? last : undefined;
    };
    return this.#wait(find, () => `the call as wanted; heard ${JSON.stringify(this.heard.at(-1))}`);
  }

  /** The models as the client sees them, once they are as wanted. */
  models(isWanted: (models: readonly ModelCard[]) => boolean): Promise<readonly ModelCard[]> {
    const find = () => (this.#models && isWanted(this.#models) ? this.#models : undefined);
    return this.#wait(find, () => `the models as wanted; heard of ${JSON.stringify(this.#models)}`);
  }

  /** The first message that fits, of those heard so far or to come. */
  until(fits: (message: HubMessage) => boolean, waitMs = WAIT_MS_MAX): Promise<HubMessage> {
    return this.#wait(
      () => this.heard.find(fits),
      () =>
        `a message; heard ${this.heard.map((message) => message.type).join(', ')}; closed with ${this.closedWith} ${this.trouble}`,
      waitMs,
    );
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
