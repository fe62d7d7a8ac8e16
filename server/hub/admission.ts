import {
  ERRORS,
  HUB_CLOSE_SIGNED_OUT,
  HUB_CLOSE_TOO_MANY,
  HUB_CLOSE_UNAVAILABLE,
  type Role,
} from '../contract/index.ts';
import type { Log } from '../telemetry/index.ts';
import type { Connection, Hub, PageSocket } from './hub.ts';

/** How long it may take to find out whose session a socket has. */
export const SIGN_IN_MS_MAX = 5_000;
/** Sockets at once whose session is not known to be good: of one address, and of all. */
export const STRANGERS_PER_ADDRESS_MAX = 64;
export const STRANGERS_MAX = 1_024;
/** What such a socket may say before it is known: it is kept, and read afterwards. */
export const HELD_MESSAGES_MAX = 16;
export const HELD_CHARACTERS_MAX = 16 * 1024;

type Person = { readonly personId: number; readonly role: Role };

export interface AdmissionDeps {
  readonly hub: Pick<Hub, 'connect' | 'receive' | 'disconnect'>;
  readonly signIn: { personOfSession(token: string): Promise<Person | null> };
  readonly log: Log;
}

/**
 * Admission to the hub. A socket opens before anybody has looked whose it is, since uWebSockets upgrades within the
 * request's own handler and nowhere else safely; so strangers are bounded in number, in time and in what they
 * may say, and nothing that they say is handled before the session is known to be good.
 */
export class HubAdmission {
  readonly #deps: AdmissionDeps;
  readonly #signInMsMax: number;
  /** Strangers by address; an address without any has no entry. */
  readonly #strangers = new Map<string, number>();
  #count = 0;

  constructor(deps: AdmissionDeps, signInMsMax = SIGN_IN_MS_MAX) {
    this.#deps = deps;
    this.#signInMsMax = signInMsMax;
  }

  /** Whether one more stranger of this address may open a socket. */
  hasRoomFor(address: string): boolean {
    return this.#count < STRANGERS_MAX && (this.#strangers.get(address) ?? 0) < STRANGERS_PER_ADDRESS_MAX;
  }

  /** Takes a socket that has just opened with a session's token. */
  enter(socket: PageSocket, session: string, address: string): Visitor {
    this.#add(address, 1);
    const visitor = new Visitor(this.#deps, socket, session, address, () => this.#add(address, -1));
    visitor.signIn(this.#signInMsMax);
    return visitor;
  }

  #add(address: string, change: 1 | -1): void {
    this.#count += change;
    const count = (this.#strangers.get(address) ?? 0) + change;
    if (count === 0) this.#strangers.delete(address);
    else this.#strangers.set(address, count);
  }
}

/** One socket, from its opening to its close: a stranger first, then a page of somebody. */
export class Visitor {
  readonly #deps: AdmissionDeps;
  readonly #socket: PageSocket;
  readonly #session: string;
  readonly #address: string;
  readonly #noStranger: () => void;
  #state: 'stranger' | 'known' | 'gone' = 'stranger';
  #timer: NodeJS.Timeout | undefined;
  #connection: Connection | null = null;
  #held: string[] = [];
  #heldCharacters = 0;

  constructor(deps: AdmissionDeps, socket: PageSocket, session: string, address: string, noStranger: () => void) {
    this.#deps = deps;
    this.#socket = socket;
    this.#session = session;
    this.#address = address;
    this.#noStranger = noStranger;
  }

  get personId(): number | null {
    return this.#connection?.personId ?? null;
  }

  /** Finds out whose session it is; the socket is closed when it is nobody's, or when that takes too long. */
  signIn(msMax: number): void {
    const unavailable = () => this.#refuse(HUB_CLOSE_UNAVAILABLE, ERRORS.unavailable[1]);
    this.#timer = setTimeout(unavailable, msMax);
    this.#ask().catch((error) => {
      this.#deps.log.warn({ err: error }, 'a socket could not be let in');
      unavailable();
    });
  }

  /** A text of the page. */
  says(text: string): void {
    if (this.#connection) return void this.#deps.hub.receive(this.#connection, text);
    if (this.#state !== 'stranger') return;
    this.#held.push(text);
    this.#heldCharacters += text.length;
    if (this.#held.length > HELD_MESSAGES_MAX || this.#heldCharacters > HELD_CHARACTERS_MAX)
      this.#refuse(HUB_CLOSE_TOO_MANY, 'too much before the sign-in was checked');
  }

  /** The socket is closed. */
  leaves(): void {
    const connection = this.#connection;
    this.#become('gone');
    this.#connection = null;
    if (connection) this.#deps.hub.disconnect(connection);
  }

  async #ask(): Promise<void> {
    const person = await this.#deps.signIn.personOfSession(this.#session);
    if (this.#state !== 'stranger') return;
    if (person) this.#welcome(person);
    else this.#refuse(HUB_CLOSE_SIGNED_OUT, ERRORS.not_signed_in[1]);
  }

  #welcome({ personId, role }: Person): void {
    const held = this.#held;
    this.#become('known');
    const [session, address] = [this.#session, this.#address];
    const connection = this.#deps.hub.connect(this.#socket, { personId, role, session, address });
    // A page that reads nothing can have been closed by the first words to it.
    if (this.#isGone()) return this.#deps.hub.disconnect(connection);
    this.#connection = connection;
    for (const text of held) this.says(text);
  }

  #refuse(code: number, reason: string): void {
    if (this.#state !== 'stranger') return;
    this.#become('gone');
    this.#socket.close(code, reason);
  }

  #isGone(): boolean {
    return this.#state === 'gone';
  }

  #become(state: 'known' | 'gone'): void {
    if (this.#state === 'stranger') this.#noStranger();
    this.#state = state;
    clearTimeout(this.#timer);
    this.#held = [];
    this.#heldCharacters = 0;
  }
}
