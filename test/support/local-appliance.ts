import { once } from 'node:events';
import fs from 'node:fs';
import type { IncomingMessage } from 'node:http';
import https from 'node:https';
import path from 'node:path';
import { text as readText } from 'node:stream/consumers';
import { type Appliance, type Parts, startAppliance } from '../../server/main.ts';
import { loadSettings } from '../../server/settings/index.ts';
import { createLog } from '../../server/telemetry/index.ts';
import { type Answer, TestAppliance } from './appliance.ts';
import { newDatabaseUrl } from './database-url.ts';

const ROOT = path.resolve(import.meta.dirname, '../..');
const built = (name: string) => path.join(ROOT, 'dist', name);

const PARTS: Parts = {
  migrations: path.join(ROOT, 'server/store/migrations'),
  core: built('server/core.wasm'),
  mediaProgram: built('server/media-webrtc.mjs'),
  webTransportProgram: built('server/media-webtransport.mjs'),
  pages: built('web'),
  verifyProgram: built('server/parlour-verify.mjs'),
  version: 'test',
};

/** By which other devices reach it, too. */
const NAMES = ['calls.example.org'];
/** Connections of one address at once. */
const CONNECTIONS_MAX = 4;

type Overrides = NonNullable<Parameters<typeof loadSettings>[0]['overrides']>;

/** The appliance in the test's own process: its modules and its database are in reach beside its port. */
export class LocalAppliance extends TestAppliance {
  readonly #overrides: Overrides;
  #running: Appliance | null = null;
  /** By the address that they come from. */
  readonly #agents = new Map<string, https.Agent>();

  /** @param overrides sections of settings */
  constructor(overrides: Overrides = {}) {
    super();
    this.#overrides = overrides;
  }

  override async start(): Promise<void> {
    const settings = loadSettings({
      environment: {},
      overrides: {
        data: this.data,
        database: { url: await newDatabaseUrl() },
        ...this.#overrides,
        front: { host: '127.0.0.1', port: 0, names: NAMES },
        media: { address: '127.0.0.1', udpPort: 0 },
      },
    });
    const log = createLog('warn', {
      write: (line: string) => {
        this.log += line;
      },
    });
    this.#running = await startAppliance(settings, PARTS, log);
    this.url = this.#running.url;
    this.port = this.#running.port;
    this.setUpToken = (await this.#running.signIn.newSetUpLink()).token;
  }

  /** A request like that of a test appliance, on connections that are kept: a handshake for each would take longest. */
  override async request<T = Record<string, unknown>>(
    method: string,
    url: string,
    options: { body?: unknown; cookie?: string; headers?: Record<string, string>; from?: string } = {},
  ): Promise<Answer<T>> {
    const { body, cookie, headers, from = '127.0.0.1' } = options;
    const text = body === undefined ? null : JSON.stringify(body);
    const request = https.request({
      host: 'localhost',
      port: this.port,
      method,
      path: url,
      agent: this.#agentOf(from),
      headers: {
        Origin: this.url,
        ...(text !== null && { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(text) }),
        ...(cookie && { Cookie: cookie }),
        ...headers,
      },
    });
    request.end(text ?? undefined);
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    const answer = await readText(response);
    const isJson = String(response.headers['content-type']).includes('json');
    return {
      status: response.statusCode ?? 0,
      headers: response.headers,
      body: (isJson ? JSON.parse(answer) : answer) as T,
    };
  }

  #agentOf(from: string): https.Agent {
    const known = this.#agents.get(from);
    if (known) return known;
    const ca = fs.readFileSync(path.join(this.data, 'tls/authority.pem'));
    const agent = new https.Agent({ keepAlive: true, maxSockets: CONNECTIONS_MAX, localAddress: from, family: 4, ca });
    this.#agents.set(from, agent);
    return agent;
  }

  get modules(): Appliance {
    if (!this.#running) throw new Error('the appliance does not run');
    return this.#running;
  }

  override async end(): Promise<void> {
    for (const agent of this.#agents.values()) agent.destroy();
    await this.#running?.stop();
    this.#running = null;
    fs.rmSync(this.data, { recursive: true, force: true });
  }
}
