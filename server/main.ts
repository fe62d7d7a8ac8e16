// The composition root: builds the rooms, connects their doors, starts them in order and stops them
// in the opposite one. Nothing is decided here.
import { setTimeout as sleep } from 'node:timers/promises';
import { Accounts, SignIn } from './accounts/index.ts';
import { CallHistory, CallRecords, Calls, Presence } from './calls/index.ts';
import { HUB_CLOSE_RESTARTING } from './contract/index.ts';
import { ensureCertificate, startFront } from './front/index.ts';
import { Hub, type MessageHandlers } from './hub/index.ts';
import { Ledger } from './ledger/index.ts';
import { MediaControl } from './media/index.ts';
import { loadCore, Meter, MeterLog } from './meter/index.ts';
import { Bookkeeper, openProviders, Payments, Payouts, Vouchers } from './payments/index.ts';
import type { Settings } from './settings/index.ts';
import { holdDataFolder, openStore, type Store } from './store/index.ts';
import { createMetrics, type Log } from './telemetry/index.ts';

/** Without a database the last lines of the meter logs cannot be written; the ledger has their charges. */
const LAST_LINES_MS_MAX = 3_000;

/** Where the built parts lie. */
export interface Parts {
  readonly migrations: string;
  readonly core: string;
  readonly mediaProgram: string;
  readonly pages: string;
  readonly version: string;
}

/** A running appliance. */
export interface Appliance {
  readonly url: string;
  readonly port: number;
  readonly accounts: Accounts;
  readonly signIn: SignIn;
  readonly ledger: Ledger;
  readonly records: CallRecords;
  readonly history: CallHistory;
  readonly meterLog: MeterLog;
  readonly media: MediaControl;
  readonly store: Store;
  stop(): Promise<void>;
}

/** Starts everything; when a part does not start, what had started is stopped again. */
export async function startAppliance(settings: Settings, parts: Parts, log: Log): Promise<Appliance> {
  const stops: (() => void | Promise<void>)[] = [];
  const stop = async () => {
    for (const step of stops.splice(0).reverse()) await step();
  };
  try {
    return await build(settings, parts, log, stops, stop);
  } catch (error) {
    await stop();
    throw error;
  }
}

async function build(
  settings: Settings,
  parts: Parts,
  log: Log,
  stops: (() => void | Promise<void>)[],
  stop: () => Promise<void>,
): Promise<Appliance> {
  const metrics = createMetrics();
  stops.push(await holdDataFolder(settings.data));
  const store = await openStore(settings, parts.migrations, log);
  stops.push(() => store.close());

  const accounts = new Accounts(store.main);
  const signIn = new SignIn(store.main);
  const ledger = new Ledger(store);
  const vouchers = new Vouchers(store.main, ledger);
  const payouts = new Payouts(store.main, ledger, settings.payments);
  const payments = new Payments({ database: store.main, ledger, log }, openProviders(settings), settings.payments);
  const bookkeeper = new Bookkeeper({ ledger, vouchers, payouts, payments, store, log, metrics });
  const hub = new Hub(log, metrics);
  const meterLog = new MeterLog(store.main, log);
  stops.push(async () => {
    await Promise.race([meterLog.flush(), sleep(LAST_LINES_MS_MAX)]);
    meterLog.stop();
  });
  const meter = new Meter(loadCore(parts.core), settings.meter, {
    post: (charges) => ledger.postCharges(charges),
    meterLog,
    log,
    metrics,
  });
  stops.push(() => meter.stop());
  const media = new MediaControl(
    {
      program: parts.mediaProgram,
      dataDir: settings.data,
      udpPort: settings.media.udpPort,
      bindAddress: settings.media.address,
      publicAddress: settings.media.publicAddress,
    },
    log,
    metrics,
  );
  await media.start();
  stops.push(() => media.stop());

  const records = new CallRecords(store.main);
  const history = new CallHistory(records, meterLog, ledger);
  const presence = new Presence(accounts, hub, (personId) => calls.isInCall(personId), log);
  const calls: Calls = new Calls(
    { hub, ledger, meter, meterLog, media, records, presence, log, metrics },
    { tariff: settings.money.tariff, sharePercent: settings.money.modelSharePercent, graceMs: settings.meter.graceMs },
  );
  stops.push(() => {
    calls.stop();
    presence.stop();
  });
  ledger.onBalance((personId, balanceMinor) => {
    hub.sendToPerson(personId, { type: 'balance', balanceMinor });
    calls.balanceChanged(personId, balanceMinor);
  });
  connectHub(hub, calls, presence, accounts, ledger, log);
  await calls.recover();
  bookkeeper.start();
  stops.push(() => bookkeeper.stop());

  const certificate = await ensureCertificate(settings.data, settings.front.names, log);
  let port = settings.front.port;
  const front = await startFront(
    {
      settings,
      version: parts.version,
      accounts,
      signIn,
      hub,
      ledger,
      vouchers,
      payouts,
      payments,
      bookkeeper,
      calls,
      history,
      records,
      presence,
      media,
      store,
      log,
      metrics,
      linkBase: ({ host }) => `https://${host || `localhost:${port}`}`,
    },
    { host: settings.front.host, port: settings.front.port, pagesFolder: parts.pages, certificate },
  );
  port = front.port;
  stops.push(async () => {
    hub.close(HUB_CLOSE_RESTARTING, 'the appliance is stopping');
    await front.close();
  });
  const url = `https://localhost:${port}`;
  log.info({ url, media: media.udpPort }, 'Parlour is open');
  return { url, port, accounts, signIn, ledger, records, history, meterLog, media, store, stop };
}

/** What each message of a page does, and what a page hears when it comes. */
function connectHub(hub: Hub, calls: Calls, presence: Presence, accounts: Accounts, ledger: Ledger, log: Log): void {
  const nothing = (_done: unknown) => undefined;
  const handlers: MessageHandlers = {
    'call.ring': async (from, { modelId }) => ({ callId: await calls.ring(from, modelId) }),
    'call.accept': (from, { callId }) => calls.act(from, callId, { type: 'accept' }).then(nothing),
    'call.reject': (from, { callId }) => calls.act(from, callId, { type: 'reject' }).then(nothing),
    'call.connect': (from, { callId }) => calls.act(from, callId, { type: 'connect' }).then(nothing),
    'call.hangUp': (from, { callId }) => calls.act(from, callId, { type: 'hang_up' }).then(nothing),
    'call.restart': (from, { callId }) => calls.act(from, callId, { type: 'restart' }).then(nothing),
    'call.waive': (from, { callId }) => calls.act(from, callId, { type: 'waive' }).then(nothing),
    'call.attach': (from, { callId }) => calls.act(from, callId, { type: 'attached' }).then(nothing),
    'call.mute': (from, { callId, isMuted, isCameraOff }) =>
      calls.act(from, callId, { type: 'mute', isMuted, isCameraOff }).then(nothing),
    'media.answer': async (from, message) => nothing(calls.media(from, message)),
    'media.candidate': async (from, message) => nothing(calls.media(from, message)),
  };
  hub.handle(handlers);
  hub.onOpen((connection) => {
    const { connectionId, personId, role } = connection;
    const news = async () => {
      if (role === 'client') {
        hub.sendToConnection(connectionId, { type: 'models', models: await presence.cards() });
      }
      if (role === 'model') {
        const { availableUntil } = await accounts.model(personId);
        const isOn = availableUntil !== null && availableUntil.getTime() > Date.now();
        const until = isOn ? availableUntil.toISOString() : null;
        hub.sendToConnection(connectionId, { type: 'availability', availableUntil: until });
        presence.changed();
      }
      if (role !== 'operator') {
        hub.sendToConnection(connectionId, { type: 'balance', balanceMinor: await ledger.balanceOf(personId, role) });
      }
      calls.pageOpened(connection);
    };
    news().catch((error: unknown) => log.warn({ err: error, personId }, 'a page could not be told the news'));
  });
  hub.onClose((connection) => {
    if (connection.role === 'model') presence.changed();
    calls.pageClosed(connection);
  });
}
