import { setTimeout as sleep } from 'node:timers/promises';
import { type Callers, CallHistory, CallRecords, Calls, looksToAskFor } from '../calls/index.ts';
import { AWAY_AFTER_MS } from '../contract/index.ts';
import type { Hub } from '../hub/index.ts';
import { iceServersFor } from '../media/index.ts';
import { loadCore, Meter, MeterLog } from '../meter/index.ts';
import { Presence } from '../presence/index.ts';
import { callerCard } from '../trust/index.ts';
import type { Base } from './base.ts';
import type { openMedia } from './media.ts';
import type { openMoney } from './money.ts';
import type { openPeople } from './people.ts';

/** Without a database the last lines of the meter logs cannot be written; the ledger has their charges. */
const LAST_LINES_MS_MAX = 3_000;

interface Around {
  readonly hub: Hub;
  readonly money: Awaited<ReturnType<typeof openMoney>>;
  readonly people: ReturnType<typeof openPeople>;
  readonly media: Awaited<ReturnType<typeof openMedia>>;
}

/** The calls, their meter, and who can be rung. */
export function openCalls(base: Base, { hub, money, people, media: { media, webTransport } }: Around) {
  const { ledger } = money;
  const { settings, log, metrics, stops } = base;
  const { meter, meterLog } = openMeter(base, money);
  const records = new CallRecords(base.store.main);
  const presence = openPresence(base, hub, people, (personId) => calls.isInCall(personId));
  const calls: Calls = new Calls(
    { hub, ledger, meter, meterLog, media, records, presence, callers: callersOf(base, people, records), log, metrics },
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
  return { calls, presence, records, meterLog, history: new CallHistory(records, meterLog, ledger) };
}

function openMeter({ store, parts, settings, log, metrics, stops }: Base, { ledger, events }: Around['money']) {
  const meterLog = new MeterLog(store.main, log);
  stops.push(async () => {
    await Promise.race([meterLog.flush(), sleep(LAST_LINES_MS_MAX)]);
    meterLog.stop();
  });
  const meter = new Meter(loadCore(parts.core), settings.meter, {
    post: async (charges) => {
      const answers = await ledger.postCharges(charges);
      events.changed();
      return answers;
    },
    meterLog,
    log,
    metrics,
  });
  stops.push(() => meter.stop());
  return { meter, meterLog };
}

function openPresence({ log }: Base, hub: Hub, people: Around['people'], isInCall: (personId: number) => boolean) {
  const { accounts, blocks, ratings, freeNotices, push } = people;
  return new Presence({
    accounts,
    hub,
    blocks,
    ratings,
    freeNotices,
    isInCall,
    elsewhere: {
      reachable: (personIds) => push.reachable(personIds),
      sendFree: (clientId, { personId, displayName: name }) => push.send(clientId, { kind: 'free', name, personId }),
    },
    awayAfterMs: AWAY_AFTER_MS,
    log,
  });
}

function callersOf({ store, settings }: Base, { blocks, ratings }: Around['people'], records: CallRecords): Callers {
  return {
    isBlocked: (clientId, modelId) => blocks.standsBetween(clientId, modelId),
    cardOf: async (clientId, modelId) => {
      const looks = looksToAskFor(await records.ringHistory(clientId, modelId), settings.people);
      return callerCard(store.main, ratings, clientId, modelId, settings.people.showStaff, looks);
    },
  };
}
