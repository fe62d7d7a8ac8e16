import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import https from 'node:https';
import net, { type Socket } from 'node:net';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Accounts, SignIn } from '../../server/accounts/index.ts';
import type { Receipt } from '../../server/contract/index.ts';
import { isAlive, readPostmaster } from '../../server/store/embedded/process-identity.ts';
import type { Store } from '../../server/store/index.ts';
import { joinTestStore, temporaryFolder } from './store.ts';

const program = path.resolve(import.meta.dirname, '../../dist/server/parlour.mjs');
const START_MS_MAX = 60_000;
const SETTLED_MS_MAX = 45_000;
const POLL_MS = 20;

export interface Answer<T = Record<string, unknown>> {
  readonly status: number;
  readonly body: T;
  readonly headers: Record<string, string | string[] | undefined>;
}

/** Tests ring and leave more often than people do; the limits have tests of their own. */
const UNTIRED = {
  PARLOUR_PEOPLE_RINGS_PER_MINUTE_MAX: '1000',
  PARLOUR_PEOPLE_RINGS_OF_PAIR_PER_HOUR_MAX: '1000',
  PARLOUR_PEOPLE_LOOKS_PER_DAY_MAX: '1000',
  PARLOUR_PEOPLE_LOOKS_MAX: '1000',
};

/** A test file that is killed ends nothing itself: a shell that reads a pipe of it does so for it. */
function watchOver(child: ChildProcess): void {
  const watchdog = spawn('sh', ['-c', `cat > /dev/null; kill -9 ${child.pid}`], {
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  watchdog.unref();
  (watchdog.stdin as Socket).unref();
  child.once('exit', () => watchdog.kill('SIGKILL'));
}

/** The built appliance as its operator runs it: a process of its own, on loopback, on free ports. */
export class TestAppliance {
  readonly data: string;
  readonly #environment: Record<string, string>;
  /** Of its requests: each has a connection of its own. */
  protected readonly agent: https.Agent | false = false;
  #process: ChildProcess | null = null;
  url = '';
  port = 0;
  setUpToken = '';
  log = '';

  constructor(environment: Record<string, string> = {}) {
    this.data = temporaryFolder('appliance');
    this.#environment = environment;
  }

  get pid(): number {
    return this.#process?.pid as number;
  }

  /** Starts, or starts again on the same data and the same port. */
  async start(): Promise<void> {
    if (this.port === 0) this.port = await freePort();
    const child = spawn(process.execPath, [program, 'start'], {
      cwd: this.data,
      stdio: ['ignore', 'ignore', 'pipe'],
      env: {
        PATH: process.env.PATH ?? '',
        PARLOUR_DATA: this.data,
        PARLOUR_FRONT_HOST: '127.0.0.1',
        PARLOUR_FRONT_PORT: String(this.port),
        PARLOUR_MEDIA_ADDRESS: '127.0.0.1',
        PARLOUR_MEDIA_UDP_PORT: '0',
        ...UNTIRED,
        ...this.#environment,
      },
    });
    this.#process = child;
    // A test that is ended early must not leave an appliance behind.
    process.once('exit', () => child.kill('SIGKILL'));
    watchOver(child);
    let text = '';
    child.stderr?.on('data', (chunk: Buffer) => {
      text += chunk;
      this.log += chunk;
    });
    const giveUpAt = performance.now() + START_MS_MAX;
    for (;;) {
      const url = /is open at (https:\/\/localhost:(\d+))\n/.exec(text);
      if (url && (/\/set-up#(\S+)/.test(text) || this.setUpToken !== '')) {
        this.url = url[1] as string;
        this.port = Number(url[2]);
        this.setUpToken = /\/set-up#(\S+)/.exec(text)?.[1] ?? this.setUpToken;
        return;
      }
      if (child.exitCode !== null || performance.now() > giveUpAt)
        throw new Error(`the appliance did not start:\n${text}`);
      await sleep(20);
    }
  }

  /** Ends in order and forgets its data. */
  async end(): Promise<void> {
    const child = this.#process;
    if (child && child.exitCode === null && child.signalCode === null) {
      child.kill('SIGCONT');
      child.kill('SIGTERM');
      await once(child, 'exit');
    }
    fs.rmSync(this.data, { recursive: true, force: true });
  }

  /** kill -9 for main and everything below it, at once, as a power cut would. */
  async killTree(): Promise<void> {
    const pids = [this.pid, ...descendants(this.pid)];
    for (const pid of pids) if (isAlive(pid)) process.kill(pid, 'SIGKILL');
    while (pids.some(isAlive)) await sleep(10);
  }

  /** kill -9 for main alone; what is below it ends by itself. */
  async killMain(): Promise<void> {
    const pid = this.pid;
    process.kill(pid, 'SIGKILL');
    while (isAlive(pid)) await sleep(10);
  }

  /** kill -9 for the media process alone. */
  killMedia(): void {
    process.kill(this.mediaPid, 'SIGKILL');
  }

  get sessionsPid(): number {
    return Number(fs.readFileSync(path.join(this.data, 'media-webtransport.pid'), 'utf8'));
  }

  get mediaPid(): number {
    return Number(fs.readFileSync(path.join(this.data, 'media-webrtc.pid'), 'utf8'));
  }

  /** UDP port of media, as the log says. */
  get mediaPort(): number {
    return Number(/"media":(\d+)/.exec(this.log)?.[1]);
  }

  /** kill -9 for the database server alone. */
  killDatabase(): void {
    process.kill(readPostmaster(path.join(this.data, 'postgres'))?.pid as number, 'SIGKILL');
  }

  /** The database server stands still in `act`, as on a disk that does not answer. */
  async withDatabaseHeld(act: () => Promise<void>): Promise<void> {
    const postmaster = readPostmaster(path.join(this.data, 'postgres'))?.pid as number;
    const pids = [postmaster, ...descendants(postmaster)];
    for (const pid of pids) process.kill(pid, 'SIGSTOP');
    try {
      await act();
    } finally {
      for (const pid of pids) process.kill(pid, 'SIGCONT');
    }
  }

  signal(signal: NodeJS.Signals): void {
    this.#process?.kill(signal);
  }

  /** A request to the API, with the appliance's certificate checked against its own authority. */
  request<T = Record<string, unknown>>(
    method: string,
    url: string,
    options: { body?: unknown; cookie?: string; headers?: Record<string, string>; from?: string } = {},
  ): Promise<Answer<T>> {
    const text = options.body === undefined ? null : JSON.stringify(options.body);
    return this.#send(method, url, text, { ...options, type: 'application/json' });
  }

  /** A file, as a form of a page sends it. */
  upload(url: string, bytes: Buffer, type: string, cookie: string): Promise<Answer> {
    return this.#send('PUT', url, bytes, { type, cookie });
  }

  #send<T>(
    method: string,
    url: string,
    content: string | Buffer | null,
    options: { type: string; cookie?: string; headers?: Record<string, string>; from?: string },
  ): Promise<Answer<T>> {
    return new Promise((resolve, reject) => {
      const request = https.request(
        {
          host: 'localhost',
          port: this.port,
          method,
          path: url,
          agent: this.agent,
          ...(options.from && { localAddress: options.from, family: 4 }),
          ca: fs.readFileSync(path.join(this.data, 'tls/authority.pem')),
          headers: {
            Origin: this.url,
            ...(content !== null && { 'Content-Type': options.type, 'Content-Length': Buffer.byteLength(content) }),
            ...(options.cookie && { Cookie: options.cookie }),
            ...options.headers,
          },
        },
        (response) => {
          let body = '';
          response.setEncoding('utf8');
          response.on('data', (chunk) => {
            body += chunk;
          });
          response.on('end', () => {
            const isJson = String(response.headers['content-type']).includes('json');
            resolve({
              status: response.statusCode ?? 0,
              headers: response.headers,
              body: (isJson ? JSON.parse(body) : body) as T,
            });
          });
        },
      );
      request.on('error', reject);
      request.end(content ?? undefined);
    });
  }

  /** Becomes the operator by the printed link. @returns the session's cookie */
  async becomeOperator(): Promise<string> {
    const body = { token: this.setUpToken, username: 'boss', displayName: 'Boss', password: 'a long password' };
    return cookieOf(await this.request('POST', '/api/set-up', { body }));
  }

  /** Another operator, made at the machine as the command does it, with a session. */
  makeOperator(name: string): Promise<{ personId: number; cookie: string }> {
    return this.#atMachine(async (store) => {
      const { personId } = await new Accounts(store.main).makePerson('operator', name.toLowerCase(), name);
      return { personId, cookie: `__Host-parlour_session=${await new SignIn(store.main).openSession(personId)}` };
    });
  }

  /** A one-time link for somebody, made at the machine as the command does it; for operators there is no other. */
  linkAtMachine(personId: number): Promise<string> {
    return this.#atMachine(async (store) => {
      const { token } = await new SignIn(store.main).newLink(personId);
      return `${this.url}/sign-in#${token}`;
    });
  }

  async #atMachine<T>(act: (store: Store) => Promise<T>): Promise<T> {
    const store = await joinTestStore(this);
    try {
      return await act(store);
    } finally {
      await store.close();
    }
  }

  /** A new person, made by the operator. */
  async makePerson(
    cookie: string,
    role: 'model' | 'client',
    name: string,
  ): Promise<{ personId: number; linkUrl: string }> {
    const body = { role, username: name.toLowerCase(), displayName: name };
    const answer = await this.request<{ person: { personId: number }; link: { url: string } }>('POST', '/api/people', {
      body,
      cookie,
    });
    if (answer.status !== 201) throw new Error(JSON.stringify(answer.body));
    return { personId: answer.body.person.personId, linkUrl: answer.body.link.url };
  }

  /** A further link for a person: for another device of theirs. */
  async newLink(cookie: string, personId: number): Promise<string> {
    const { body } = await this.request<{ url: string }>('POST', `/api/people/${personId}/sign-in-link`, { cookie });
    return body.url;
  }

  /**
   * Signs a person in by their link.
   * @param from the loopback address that they come from: ten sign-ins of one address are a minute's worth
   * @returns the session's cookie
   */
  async signIn(linkUrl: string, from = '127.0.0.1'): Promise<string> {
    const body = { token: linkUrl.split('#')[1] };
    return cookieOf(await this.request('POST', '/api/session/link', { body, from }));
  }

  /** The receipt of a call that is over, once its money is settled. */
  async receipt(cookie: string, callId: number): Promise<Receipt> {
    for (const giveUpAtMs = performance.now() + SETTLED_MS_MAX; ; await sleep(POLL_MS)) {
      const { body } = await this.request<Receipt>('GET', `/api/calls/${callId}/receipt`, { cookie });
      if (body.agrees !== null) return body;
      if (performance.now() > giveUpAtMs) throw new Error(`call ${callId} was not settled: ${JSON.stringify(body)}`);
    }
  }

  /** What a person has: credit of a client, earnings of a model; in minor units. */
  async balance(cookie: string, personId: number): Promise<number> {
    type People = { people: { personId: number; balanceMinor: number }[] };
    const { body } = await this.request<People>('GET', '/api/people', { cookie });
    const person = body.people.find((one) => one.personId === personId);
    if (!person) throw new Error(`person ${personId} is not on the first page of people`);
    return person.balanceMinor;
  }

  /**
   * Takes a client's credit down to `amountMinor`, in a live call, too: what falls due meanwhile leaves less.
   * @returns what was taken, in minor units
   */
  async leaveCredit(cookie: string, personId: number, amountMinor: number): Promise<number> {
    for (;;) {
      const takenMinor = (await this.balance(cookie, personId)) - amountMinor;
      if (takenMinor <= 0) return 0;
      const key = `leave-${personId}-${takenMinor}-${Math.random().toString(36).slice(2)}`;
      const body = { key, amountMinor: -takenMinor, reason: 'test' };
      const answer = await this.request('POST', `/api/people/${personId}/adjustment`, { cookie, body });
      if (answer.status < 300) return takenMinor;
      if (answer.body.code !== 'balance_too_low') throw new Error(JSON.stringify(answer.body));
    }
  }

  addCredit(
    cookie: string,
    personId: number,
    amountMinor: number,
    key = `key-${Math.random().toString(36).slice(2)}-x`,
  ) {
    return this.request('POST', `/api/people/${personId}/credit`, {
      cookie,
      body: { key, amountMinor, reason: 'test' },
    });
  }
}

/**
 * A port that is free now. The appliance must be given a number: on port 0 uWebSockets sets no
 * SO_REUSEADDR, and a second start on the same port would wait for the first one's orphaned sockets.
 */
export async function freePort(): Promise<number> {
  const server = net.createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as net.AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

export function cookieOf(answer: Answer): string {
  const [cookie] = (answer.headers['set-cookie'] as string[] | undefined) ?? [];
  if (!cookie) throw new Error(`no session: ${JSON.stringify(answer.body)}`);
  return cookie.split(';')[0] as string;
}

/** Every process below one, by the parents that /proc names. */
function descendants(root: number): number[] {
  const parents = new Map<number, number>();
  for (const name of fs.readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const stat = fs.readFileSync(`/proc/${name}/stat`, 'utf8');
      parents.set(Number(name), Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]));
    } catch {
      // ended meanwhile
    }
  }
  const found = [root];
  for (const pid of found) for (const [child, parent] of parents) if (parent === pid) found.push(child);
  return found.slice(1);
}
