// The composition root: builds the rooms, connects their doors, starts them in order and stops them
// in the opposite one. Nothing is decided here.
import { setTimeout as sleep } from 'node:timers/promises';
import { Accounts, Pictures, SignIn } from './accounts/index.ts';
import { Audit } from './audit/index.ts';
import { CallHistory, CallRecords, Calls, looksToAskFor, Presence } from './calls/index.ts';
import { AWAY_AFTER_MS, HUB_CLOSE_RESTARTING, toMinor, UserError } from './contract/index.ts';
import { ensureCertificate, networkUrls, startFront } from './front/index.ts';
import { Hub, type MessageHandlers } from './hub/index.ts';
import { Ledger } from './ledger/index.ts';
import { iceServersFor, MediaControl, publicAddresses, startWebTransport } from './media/index.ts';
import { CallLines, Threads } from './messages/index.ts';
import { loadCore, Meter, MeterLog } from './meter/index.ts';
import { Bookkeeper, MoneyNews, openProviders, Payments, Payouts, Vouchers } from './payments/index.ts';
import { Push } from './push/index.ts';
import { currencyOf, type Settings } from './settings/index.ts';
import { holdDataFolder, openStore, type Store } from './store/index.ts';
import { createMetrics, type Log } from './telemetry/index.ts';
import { Blocks, callerCard, Favourites, FreeNotices, IssueReports, Ratings } from './trust/index.ts';

/** Without a database the last lines of the meter logs cannot be written; the ledger has their charges. */
const LAST_LINES_MS_MAX = 3_000;

/** How often it is looked for what would stick. */
const SWEEP_MS = 60_000;

/** How often the public address is looked for anew. */
const ADDRESS_MS = 300_000;

/** Where the built parts lie. */
export interface Parts {
  readonly migrations: string;
  readonly core: string;
  readonly mediaProgram: string;
  readonly webTransportProgram: string;
  readonly pages: string;
  /** The program that checks a call's files without the appliance; for everybody to download. */
  readonly verifyProgram: string;
  readonly version: string;
}

/** A running appliance. */
export interface Appliance {
  readonly url: string;
  /** The addresses by which other devices of the network reach the pages. */
  readonly networkUrls: readonly string[];
  readonly port: number;
  /** Every route that the port answers, as `GET /api/session`. */
  readonly routes: readonly string[];
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
  await ledger.holdCurrency(currencyOf(settings));
  const vouchers = new Vouchers(store.main, ledger);
  const payouts = new Payouts(store.main, ledger, settings.payments);
  const payments = new Payments({ database: store.main, ledger, log }, openProviders(settings), settings.payments);
  const news = new MoneyNews((to) =>
    to === 'operators' ? hub.sendToRole('operator', { type: 'money' }) : hub.sendToPerson(to, { type: 'money' }),
  );
  stops.push(() => news.stop());
  vouchers.onChange(() => news.changed());
  for (const room of [payouts, payments]) room.onChange((personId) => news.changed(personId));
  const bookkeeper = new Bookkeeper({ ledger, vouchers, payouts, payments, log, metrics });
  const hub = new Hub(log, metrics);
  const pictures = new Pictures(store.main);
  const blocks = new Blocks(store.main);
  const favourites = new Favourites(store.main);
  const audit = new Audit(store.main, log);
  const ratings = new Ratings(store.main);
  const issueReports = new IssueReports(store.main);
  const freeNotices = new FreeNotices(store.main);
  const push = new Push({ database: store.main, settings, log, metrics });
  const threads = new Threads({ database: store.main, accounts, blocks, hub });
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
      transport: 'webrtc',
      program: parts.mediaProgram,
      dataDir: settings.data,
      udpPort: settings.media.udpPort,
      bindAddress: settings.media.address,
    },
    log,
    metrics,
  );
  await media.start();
  stops.push(() => media.stop());
  stops.push(announceAddresses(media, settings, log));
  const webTransport = await startWebTransport(media, settings, parts.webTransportProgram, log);
  stops.push(() => webTransport.stop());

  const records = new CallRecords(store.main);
  const history = new CallHistory(records, meterLog, ledger);
  const isInCall = (personId: number) => calls.isInCall(personId);
  const presence = new Presence({
    accounts,
    hub,
    blocks,
    ratings,
    freeNotices,
    isInCall,
    elsewhere: {
      reachable: (people) => push.reachable(people),
      tellFree: (clientId, { personId, displayName: name }) => push.tell(clientId, { kind: 'free', name, personId }),
    },
    awayAfterMs: AWAY_AFTER_MS,
    log,
  });
  const callers = {
    isBlocked: (clientId: number, modelId: number) => blocks.standsBetween(clientId, modelId),
    cardOf: async (clientId: number, modelId: number) => {
      const looks = looksToAskFor(await records.ringHistory(clientId, modelId), settings.people);
      return callerCard(store.main, ratings, clientId, modelId, settings.people.showStaff, looks);
    },
  };
  const calls: Calls = new Calls(
    { hub, ledger, meter, meterLog, media, records, presence, callers, log, metrics },
    {
      tariff: settings.money.tariff,
      sharePercent: settings.money.modelSharePercent,
      graceMs: settings.meter.graceMs,
      rings: settings.people,
      media: {
        slowLinkKbps: settings.meter.slowLinkKbps,
        iceServers: (personId) => iceServersFor(settings.media, personId),
        transport: settings.media.transport,
        certificateHashes: webTransport.hashes,
      },
    },
  );
  stops.push(() => {
    calls.stop();
    presence.stop();
  });
  ledger.onBalance((personId, balanceMinor) => {
    hub.sendToPerson(personId, { type: 'balance', balanceMinor });
    calls.balanceChanged(personId, balanceMinor);
    news.changed();
  });
  connectHub({ hub, calls, presence, accounts, favourites, ledger, threads, log });
  connectPush({ push, hub, presence, calls, threads, accounts, log });
  const callLines = new CallLines({
    threads,
    meterLog,
    storyOf: (callId) => records.read(callId),
    tipsOf: (callId) => ledger.tipsOfCalls([callId]),
    log,
  });
  calls.onStory((callId) => void callLines.bring(callId));
  await calls.recover();
  stops.push(startSweep([() => calls.sweep(), () => callLines.sweep()], log));
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
      pictures,
      blocks,
      favourites,
      audit,
      ratings,
      issueReports,
      threads,
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
      push,
      media,
      store,
      log,
      metrics,
      linkBase: ({ host }) => `https://${host || `localhost:${port}`}`,
      networkUrls: () => networkUrls(settings.front.names, port),
    },
    {
      host: settings.front.host,
      port: settings.front.port,
      pagesFolder: parts.pages,
      verifyProgram: parts.verifyProgram,
      webTransportPort: media.udpPortOf('webtransport'),
      certificate,
    },
  );
  port = front.port;
  stops.push(async () => {
    hub.close(HUB_CLOSE_RESTARTING, 'the appliance is stopping');
    await front.close();
  });
  const url = `https://localhost:${port}`;
  log.info({ url, media: media.udpPort }, 'Parlour is open');
  return {
    url,
    networkUrls: networkUrls(settings.front.names, port),
    port,
    routes: front.routes,
    accounts,
    signIn,
    ledger,
    records,
    history,
    meterLog,
    media,
    store,
    stop,
  };
}

/** Tells the media process where pages outside reach it, again and again: such addresses change. */
function announceAddresses(media: MediaControl, settings: Settings, log: Log): () => void {
  let known = '';
  const look = async () => {
    const addresses = await publicAddresses(settings.media);
    const { publicAddress, stunServer } = settings.media;
    if (addresses.length === 0 && (publicAddress || stunServer)) {
      return log.warn({ publicAddress, stunServer }, 'the public address of media could not be found');
    }
    if (addresses.join() === known) return;
    known = addresses.join();
    log.info({ addresses }, 'public address of media');
    media.announce(addresses);
  };
  const lookAndLog = () => void look().catch((error: unknown) => log.warn({ err: error }, 'public address of media'));
  lookAndLog();
  const timer = setInterval(lookAndLog, ADDRESS_MS);
  return () => clearInterval(timer);
}

/** What each message of a page does, and what a page hears when it comes. */
function connectHub(rooms: {
  hub: Hub;
  calls: Calls;
  presence: Presence;
  accounts: Accounts;
  favourites: Favourites;
  ledger: Ledger;
  threads: Threads;
  log: Log;
}): void {
  const { hub, calls, presence, accounts, favourites, ledger, threads, log } = rooms;
  const nothing = (_done: unknown) => undefined;
  const handlers: MessageHandlers = {
    'call.ring': async (from, { modelId }) => ({ callId: await calls.ring(from, modelId) }),
    'call.accept': (from, { callId }) => calls.act(from, callId, { type: 'accept' }).then(nothing),
    'call.reject': (from, { callId, reason }) => calls.act(from, callId, { type: 'reject', reason }).then(nothing),
    'call.connect': (from, { callId }) => calls.act(from, callId, { type: 'connect' }).then(nothing),
    'call.hangUp': (from, { callId }) => calls.act(from, callId, { type: 'hang_up' }).then(nothing),
    'call.restart': (from, { callId }) => calls.act(from, callId, { type: 'restart' }).then(nothing),
    'call.waive': (from, { callId }) => calls.act(from, callId, { type: 'waive' }).then(nothing),
    'call.attach': (from, { callId }) => calls.act(from, callId, { type: 'attached' }).then(nothing),
    'call.mute': (from, { callId, isMuted, isCameraOff }) =>
      calls.act(from, callId, { type: 'mute', isMuted, isCameraOff }).then(nothing),
    'call.tip': (from, { callId, amountMinor, key }) =>
      calls.tip(from, callId, toMinor(amountMinor), key).then(nothing),
    'model.tellMe': async (from, { modelId, on }) => {
      if (from.role !== 'client') throw new UserError('not_allowed');
      return nothing(await presence.tellMe(from.personId, modelId, on));
    },
    'message.send': async (from, { personId, text, key }) =>
      nothing(await threads.send(await accounts.person(from.personId), personId, text, key)),
    'message.read': async (from, { personId, messageId }) =>
      nothing(await threads.read(await accounts.person(from.personId), personId, messageId)),
    'media.answer': async (from, message) => nothing(calls.media(from, message)),
    'media.candidate': async (from, message) => nothing(calls.media(from, message)),
    'media.probed': async (from, message) => nothing(calls.media(from, message)),
    'media.report': async (from, message) => nothing(calls.media(from, message)),
    'media.failed': async (from, message) => nothing(calls.media(from, message)),
    'media.stalled': async (from, message) => nothing(calls.media(from, message)),
    'media.able': async (from, { webTransport }) => nothing(calls.mediaAble(from, webTransport)),
    'link.test': async (from, { isRelayOnly }) => nothing(calls.linkTests.start(from, isRelayOnly ?? false)),
  };
  hub.handle(handlers);
  hub.onOpen((connection) => {
    const { connectionId, personId, role } = connection;
    const news = async () => {
      if (role === 'client') {
        await presence.welcome(connection);
        hub.sendToConnection(connectionId, { type: 'favourites', modelIds: await favourites.of(personId) });
        if ((await presence.tellWishes(personId)).length > 0) await presence.meetWishes();
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
        await threads.tellUnread(personId);
      }
      calls.pageOpened(connection);
    };
    news().catch((error: unknown) => log.warn({ err: error, personId }, 'a page could not be told the news'));
  });
  hub.onClose((connection) => {
    if (connection.role === 'model') presence.pageClosed(connection.personId);
    calls.pageClosed(connection);
  });
}

/** What a person is told who has no page open. */
function connectPush(rooms: {
  push: Push;
  hub: Hub;
  presence: Presence;
  calls: Calls;
  threads: Threads;
  accounts: Accounts;
  log: Log;
}): void {
  const { push, hub, presence, calls, threads, accounts, log } = rooms;
  presence.onAway((modelId) => push.tell(modelId, { kind: 'away' }));
  calls.onRing(({ callId, modelId, client }) => {
    const name = client.displayName;
    if (!hub.isOnline(modelId)) push.tell(modelId, { kind: 'ring', name, callId });
  });
  threads.onNews((personId, { clientId, modelId, content }) => {
    if (hub.isOnline(personId) || (content.kind !== 'text' && content.kind !== 'call')) return;
    const tell = async () => {
      const { personId: peerId, displayName: name } = await accounts.person(personId === clientId ? modelId : clientId);
      if (content.kind === 'text') push.tell(personId, { kind: 'message', name, personId: peerId });
      else push.tell(personId, { kind: 'missed', name, personId: peerId, callId: content.callId });
    };
    tell().catch((error: unknown) => log.warn({ err: error, personId }, 'could not notify of a message'));
  });
}

/** At the start and every minute: looks for what would stick, and writes what was left out. */
function startSweep(sweeps: readonly (() => Promise<unknown>)[], log: Log): () => void {
  const run = async () => {
    for (const sweep of sweeps) await sweep();
  };
  const runGuarded = () => void run().catch((error: unknown) => log.warn({ err: error }, 'a sweep could not be made'));
  runGuarded();
  const timer = setInterval(runGuarded, SWEEP_MS);
  return () => clearInterval(timer);
}
