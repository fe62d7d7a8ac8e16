// The composition root: opens the modules group by group, connects them, starts them in order and stops them in the
// opposite one. Nothing is decided here; how modules are connected stands in wiring/.
import type { Accounts, SignIn } from './accounts/index.ts';
import type { CallHistory, CallRecords } from './calls/index.ts';
import { Hub } from './hub/index.ts';
import type { Ledger } from './ledger/index.ts';
import type { MediaControl } from './media/index.ts';
import type { MeterLog } from './meter/index.ts';
import type { Settings } from './settings/index.ts';
import { holdDataFolder, openStore, type Store } from './store/index.ts';
import { createMetrics, type Log } from './telemetry/index.ts';
import type { Readiness } from './wiring/index.ts';
import {
  type Base,
  connectHub,
  connectNotifications,
  connectThreads,
  openCalls,
  openFront,
  openMedia,
  openMoney,
  openPeople,
  openWatch,
  type Parts,
  Stops,
  startSweeps,
} from './wiring/index.ts';

export type { Parts, Readiness } from './wiring/index.ts';

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
  /** Whether calls can be made and charged now, and what is wrong. */
  readiness(): Promise<Readiness>;
  stop(): Promise<void>;
}

/** Starts everything; when a part does not start, what had started is stopped again. */
export async function startAppliance(settings: Settings, parts: Parts, log: Log): Promise<Appliance> {
  const stops = new Stops();
  try {
    stops.push(await holdDataFolder(settings.data));
    const store = await openStore(settings, parts.migrations, log);
    stops.push(() => store.close());
    return await build({ settings, parts, store, log, metrics: createMetrics(), stops });
  } catch (error) {
    await stops.run();
    throw error;
  }
}

async function build(base: Base): Promise<Appliance> {
  const { store, log, metrics, stops } = base;
  const hub = new Hub(log, metrics);
  const people = openPeople(base, hub);
  const money = await openMoney(base, hub);
  const { ledger, bookkeeper } = money;
  const media = await openMedia(base);
  const calling = openCalls(base, { hub, money, people, media });
  const { calls, records, history, meterLog } = calling;
  ledger.onBalance((personId, balanceMinor, released) => {
    const isShownInCall = calls.balanceChanged(personId, balanceMinor, released);
    if (!isShownInCall) hub.sendToPerson(personId, { type: 'balance', balanceMinor });
    money.events.changed();
  });
  connectHub({ ...people, ...calling, hub, ledger, log });
  connectNotifications({ ...people, ...calling, hub, log });
  const callLines = connectThreads({ ...people, ...calling, ledger, log });
  await calls.recover();
  stops.push(startSweeps([() => calls.sweep(), () => callLines.sweep()], log));
  bookkeeper.start();
  stops.push(() => bookkeeper.stop());

  const front = await openFront(base, {
    ...people,
    ...money,
    ...calling,
    hub,
    media: media.media,
    store,
    log,
    metrics,
  });
  const readiness = await openWatch(base, { bookkeeper, media: media.media });
  const url = `https://localhost:${front.port}`;
  log.info({ url, media: media.media.udpPort }, 'Parlour is open');
  return {
    ...front,
    url,
    accounts: people.accounts,
    signIn: people.signIn,
    ledger,
    records,
    history,
    meterLog,
    media: media.media,
    store,
    readiness,
    stop: () => stops.run(),
  };
}
