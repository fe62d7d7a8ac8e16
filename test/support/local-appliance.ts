import fs from 'node:fs';
import https from 'node:https';
import path from 'node:path';
import { type Appliance, type Parts, startAppliance } from '../../server/main.ts';
import { loadSettings } from '../../server/settings/index.ts';
import { createLog } from '../../server/telemetry/index.ts';
import { TestAppliance } from './appliance.ts';
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
/** The appliance closes what is idle for 10 s; what is sent at that moment would be lost. */
const IDLE_MS_MAX = 4_000;
const CONNECTIONS_MAX = 4;

type Overrides = NonNullable<Parameters<typeof loadSettings>[0]['overrides']>;

/** The appliance in the test's own process: its modules and its database are in reach beside its port. */
export class LocalAppliance extends TestAppliance {
  readonly #overrides: Overrides;
  #running: Appliance | null = null;
  /** Connections are kept: a handshake for each request would take longest. */
  protected override readonly agent = new https.Agent({
    keepAlive: true,
    maxSockets: CONNECTIONS_MAX,
    timeout: IDLE_MS_MAX,
  });

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

  get modules(): Appliance {
    if (!this.#running) throw new Error('the appliance does not run');
    return this.#running;
  }

  override async end(): Promise<void> {
    this.agent.destroy();
    await this.#running?.stop();
    this.#running = null;
    fs.rmSync(this.data, { recursive: true, force: true });
  }
}
