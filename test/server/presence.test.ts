import FakeTimers from '@sinonjs/fake-timers';
import t from 'tap';
import type { PersonTerms } from '../../server/accounts/index.ts';
import {
  type HubMessage,
  type ModelCard,
  type ModelPresence,
  type PersonId,
  withChanges,
} from '../../server/contract/index.ts';
import { Presence } from '../../server/presence/index.ts';
import { CLOCK_FAKES } from '../receipt/metered-call.ts';
import { quiet } from '../support/store.ts';

const MODEL = 2;
const CLIENT = 3;
const AWAY_AFTER_MS = 60_000;
const STEP_MS = 10;
const WAIT_MS_MAX = 120_000;

let clock: FakeTimers.Clock;
t.beforeEach(() => {
  clock = FakeTimers.install(CLOCK_FAKES);
});
t.afterEach(() => clock.uninstall());

/** A house with one model, one client and whoever is asked for. */
function house(terms: { forMs?: number; isOnline?: boolean } = {}) {
  const state = {
    availableUntil: terms.forMs === undefined ? null : new Date(Date.now() + terms.forMs),
    isOnline: terms.isOnline ?? true,
    isInCall: false,
    wishes: [] as { clientId: PersonId; modelId: PersonId }[],
    blocked: new Set<string>(),
  };
  const model = (): PersonTerms => ({
    personId: MODEL,
    role: 'model',
    username: 'mia',
    displayName: 'Mia',
    createdAt: new Date(0),
    hasPassword: false,
    isStaff: false,
    verifiedAt: null,
    suspendedAt: null,
    suspendedWhy: null,
    deletedAt: null,
    pictureDigest: null,
    sharePercent: null,
    profile: { rateMinor: 200, minimumMin: 1, about: '', languages: [], tags: [] },
    isProfileSet: true,
    availableUntil: state.availableUntil,
    refusesLooks: false,
  });
  const heard: HubMessage[] = [];
  const away: PersonId[] = [];
  const tell = (message: HubMessage | null) => {
    if (message) heard.push(message);
  };
  const presence = new Presence({
    accounts: { models: async () => [model()], model: async () => model() },
    hub: {
      isOnline: (personId: PersonId) => personId === CLIENT || state.isOnline,
      sendToEach: (_role: string, messageFor: (personId: PersonId) => HubMessage | null) => tell(messageFor(CLIENT)),
      sendToConnection: (_connectionId: number, message: HubMessage) => tell(message),
      sendToPerson: (_personId: PersonId, message: HubMessage) => tell(message),
    },
    blocks: { pairs: async () => state.blocked },
    ratings: { summaries: async () => new Map() },
    freeNotices: {
      of: async () => state.wishes.map(({ modelId }) => modelId),
      ask: async (clientId: PersonId, modelId: PersonId) => void state.wishes.push({ clientId, modelId }),
      forget: async (clientId: PersonId, modelId: PersonId) => {
        state.wishes = state.wishes.filter((wish) => wish.clientId !== clientId || wish.modelId !== modelId);
      },
      take: async (free: PersonId[]) => {
        const met = state.wishes.filter(({ modelId }) => free.includes(modelId));
        state.wishes = state.wishes.filter((wish) => !met.includes(wish));
        return met;
      },
    },
    isInCall: () => state.isInCall,
    elsewhere: { reachable: async () => new Set(), sendFree: () => {} },
    awayAfterMs: AWAY_AFTER_MS,
    log: quiet,
  });
  presence.onAway((modelId) => away.push(modelId));
  const cards = (): readonly ModelCard[] =>
    heard.reduce<readonly ModelCard[]>((known, message) => {
      if (message.type === 'models') return message.models;
      return message.type === 'models.changed' ? withChanges(known, message) : known;
    }, []);
  /** Until clients see her so. */
  const is = async (wanted: ModelPresence) => {
    for (let ms = 0; cards()[0]?.presence !== wanted; ms += STEP_MS) {
      if (ms > WAIT_MS_MAX) throw new Error(`she is ${cards()[0]?.presence}, not ${wanted}`);
      await clock.tickAsync(STEP_MS);
    }
  };
  return { presence, state, heard, away, cards, is };
}

t.test('calls turn off by themselves when the hours are over, and clients hear it', async (t) => {
  const { presence, is } = house({ forMs: 100 });
  t.teardown(() => presence.stop());
  presence.changed();
  await is('available');
  await is('off');
  await t.rejects(presence.ringable(MODEL), { code: 'model_unavailable' });
});

t.test('hours that end in a call change nothing of it: busy, and off afterwards', async (t) => {
  const { presence, state, is } = house({ forMs: 60 });
  t.teardown(() => presence.stop());
  state.isInCall = true;
  presence.changed();
  await is('busy');
  await t.rejects(presence.ringable(MODEL), { code: 'model_busy' });
  state.availableUntil = new Date(Date.now() - 1);
  presence.changed();
  await is('busy');
  state.isInCall = false;
  presence.changed();
  await is('off');
});

t.test('a page that is gone for a moment can still be rung; for longer she is away, and is warned once', async (t) => {
  const { presence, state, is, away } = house({ forMs: 3_600_000 });
  t.teardown(() => presence.stop());
  presence.changed();
  await is('available');
  state.isOnline = false;
  presence.pageClosed(MODEL);
  await t.resolves(presence.ringable(MODEL), 'a reload does not lose a caller');
  await is('away');
  await t.rejects(presence.ringable(MODEL), { code: 'model_unavailable' });
  t.same(away, [MODEL]);
  state.isOnline = true;
  presence.changed();
  await is('available');
});

t.test(
  'who is away is warned once for each time that her pages are gone, a minute after the last of them',
  async (t) => {
    const { presence, state, is, away } = house({ forMs: 3 * 3_600_000 });
    t.teardown(() => presence.stop());
    presence.changed();
    await is('available');
    const leave = async () => {
      state.isOnline = false;
      presence.pageClosed(MODEL);
      await clock.tickAsync(AWAY_AFTER_MS - 1_000);
      await t.resolves(presence.ringable(MODEL), 'not yet');
      await is('away');
      for (let change = 0; change < 5; change += 1) {
        presence.changed();
        await clock.tickAsync(1_000);
      }
    };
    await clock.tickAsync(600_000);
    await leave();
    t.same(away, [MODEL], 'once, whatever else changes');
    state.isOnline = true;
    presence.changed();
    await is('available');
    await clock.tickAsync(600_000);
    await leave();
    t.same(away, [MODEL, MODEL]);
  },
);

t.test('who is blocked is not told that she is free', async (t) => {
  const { presence, state, heard, is } = house({ forMs: 3_600_000 });
  t.teardown(() => presence.stop());
  state.isInCall = true;
  await presence.notifyMe(CLIENT, MODEL, true);
  await is('busy');
  state.blocked.add(`${MODEL}:${CLIENT}`);
  state.isInCall = false;
  await presence.meetWishes();
  t.notOk(heard.some(({ type }) => type === 'model.free'));
});

t.test('after a restart of the appliance nobody is away before their pages had time to come back', async (t) => {
  const { presence, is } = house({ forMs: 3_600_000, isOnline: false });
  t.teardown(() => presence.stop());
  presence.changed();
  await is('available');
  await is('away');
});

t.test('who asked is told once when she is free, and not before', async (t) => {
  const { presence, state, heard, is } = house({ forMs: 3_600_000 });
  t.teardown(() => presence.stop());
  await t.rejects(presence.notifyMe(CLIENT, MODEL, true), { code: 'model_is_free' });
  state.isInCall = true;
  await presence.notifyMe(CLIENT, MODEL, true);
  await is('busy');
  t.notOk(heard.some(({ type }) => type === 'model.free'));
  state.isInCall = false;
  presence.changed();
  await is('available');
  await presence.meetWishes();
  t.equal(heard.filter(({ type }) => type === 'model.free').length, 1);
});

t.test('a block hides a model from that client alone', async (t) => {
  const { presence, state, cards } = house({ forMs: 3_600_000 });
  t.teardown(() => presence.stop());
  state.blocked.add(`${MODEL}:${CLIENT}`);
  await presence.welcome({ connectionId: 1, personId: CLIENT });
  t.same(cards(), []);
  await presence.welcome({ connectionId: 2, personId: CLIENT + 1 });
  t.equal(cards().length, 1);
});
