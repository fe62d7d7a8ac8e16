// Who may do what: every route and every message of a page, for everybody, with what is theirs and what is not. What a
// route or a message is open to stands in the tables beside this file; one that has no row fails here. Whatever is
// refused has changed nothing: the whole database says the same before and after.
import t, { type Test } from 'tap';
import { ERRORS, FROM_PAGE, HUB_CLOSE_SIGNED_OUT, type Role } from '../../server/contract/index.ts';
import type { Answer } from '../support/appliance.ts';
import { TestSocket } from '../support/page-socket.ts';
import { MESSAGES, type Scene } from './access-messages.ts';
import { type Ask, type Case, ROUTES, type Row } from './access-routes.ts';
import { AccessWorld, type Someone } from './access-world.ts';

const ROLES = ['client', 'model', 'operator'] as const satisfies Role[];
const STRANGERS_ADDRESS = '127.0.2.1';

const world = await AccessWorld.open();
const { appliance } = world;
t.teardown(() => appliance.end());

const someoneOf = (role: Role): Someone => ({ client: world.alex, model: world.mia, operator: world.boss })[role];

/** What the database said when it was last looked at; null once something was to be written. */
let known: Record<string, string> | null = null;

interface Sent {
  readonly method: string;
  readonly ask: Ask;
  readonly as: Someone | null;
  readonly origin?: string;
}

const writes = ({ method }: Sent): boolean => method !== 'GET';

function send({ method, ask: { url, body, bytes }, as, origin = appliance.url }: Sent): Promise<Answer> {
  if (bytes && as && origin === appliance.url) return appliance.upload(url, bytes, 'image/jpeg', as.cookie);
  return appliance.request(method, url, {
    from: as?.from ?? STRANGERS_ADDRESS,
    headers: { Origin: origin },
    ...(as && { cookie: as.cookie }),
    ...(body && { body }),
  });
}

/** What is done is refused, and where it would have written, the whole database says the same as before. */
async function changesNothing(t: Test, what: string, act: () => Promise<void>): Promise<void> {
  const before = known ?? (await world.everything());
  await act();
  known = await world.everything();
  t.same(known, before, `${what}: nothing has changed`);
}

async function refuses(t: Test, sent: Sent, code: keyof typeof ERRORS, what: string): Promise<void> {
  const { status, body } = await send(sent);
  t.match({ status, code: body.code }, { status: ERRORS[code][0], code }, what);
}

t.test('every route that the port answers has a row, and every row a route', async (t) => {
  t.same([...appliance.modules.routes].sort(), Object.keys(ROUTES).sort());
});

t.test('every message of a page has a row', async (t) => {
  t.same(Object.keys(MESSAGES).sort(), Object.keys(FROM_PAGE).sort());
});

/** Everybody whom the route is not open to. */
async function refusesStrangers(t: Test, method: string, { open, ask: askOf }: Row): Promise<void> {
  if (open === 'everybody' || open === 'signed') return;
  const ask = askOf(world);
  const forged = { ...world.boss, cookie: `__Host-parlour_session=${'a'.repeat(43)}` };
  const suspended = world.suspended[open[0] as Role];
  await refuses(t, { method, ask, as: null }, 'not_signed_in', 'nobody');
  await refuses(t, { method, ask, as: forged }, 'not_signed_in', 'a forged session');
  await refuses(t, { method, ask, as: suspended }, 'not_signed_in', 'a suspended person');
  for (const role of ROLES.filter((one) => !open.includes(one)))
    await refuses(t, { method, ask, as: someoneOf(role) }, 'not_allowed', role);
}

/** No page of somebody else's makes a request in a person's name. */
async function refusesOtherOrigins(t: Test, method: string, { open, ask: askOf }: Row): Promise<void> {
  if (method === 'GET' || open === 'signed') return;
  const as = open === 'everybody' ? null : someoneOf(open[0] as Role);
  await refuses(t, { method, ask: askOf(world), as, origin: 'https://evil.example' }, 'bad_origin', 'another origin');
}

t.test('what is nearly the own origin is another', async (t) => {
  const sent = { method: 'POST', ask: { url: '/api/settings/check', body: { text: '' } }, as: world.boss };
  for (const origin of [`${appliance.url}.evil.example`, appliance.url.replace('https', 'http'), 'null', ''])
    await refuses(t, { ...sent, origin }, 'bad_origin', `origin ${origin}`);
});

async function takes(t: Test, method: string, { as, what, ask, answer, isKept }: Case): Promise<void> {
  const name = `${as?.username ?? 'nobody'}: ${what}`;
  const sent = { method: ask.method ?? method, ask, as };
  if (typeof answer !== 'number' && !isKept) {
    const act = () => refuses(t, sent, answer, name);
    return writes(sent) ? changesNothing(t, name, act) : act();
  }
  if (writes(sent)) known = null;
  const { status, body } = await send(sent);
  if (typeof answer === 'number') t.equal(status, answer, `${name} ${JSON.stringify(body).slice(0, 200)}`);
  else t.equal(body.code, answer, name);
}

/** A row says something of each role that it is open to, and of what is not theirs or not there. */
function isWhole(t: Test, route: string, { open }: Row, cases: readonly Case[]): void {
  const roles = new Set(cases.map(({ as }) => as?.role));
  const missing = typeof open === 'string' ? [] : open.filter((role) => !roles.has(role));
  t.same(missing, [], 'a case for each role that it is open to');
  if (!/:\w+/.test(route)) return;
  const isRefused = cases.some(({ answer }) => typeof answer === 'string');
  t.ok(isRefused, 'a case with what is not theirs, or not there');
}

for (const [route, row] of Object.entries(ROUTES)) {
  const [method] = route.split(' ') as [string];
  t.test(route, async (t) => {
    const act = async () => {
      await refusesStrangers(t, method, row);
      await refusesOtherOrigins(t, method, row);
    };
    await (method === 'GET' ? act() : changesNothing(t, 'what is not open', act));
    const cases = await row.cases(world);
    known = null;
    for (const one of cases) await takes(t, method, one);
    isWhole(t, route, row, cases);
  });
}

t.test('no page has a socket without a session, from another origin, or of a suspended person', async (t) => {
  const open = (cookie: string, origin?: string) => TestSocket.open(appliance, cookie, origin);
  await t.rejects(open(''), /401/);
  await t.rejects(open(world.boss.cookie, 'https://evil.example'), /403/);
  const forged = await open(`__Host-parlour_session=${'a'.repeat(43)}`);
  const suspended = await Promise.all(ROLES.map((role) => open(world.suspended[role].cookie)));
  for (const page of [forged, ...suspended]) {
    t.equal(await page.closed(), HUB_CLOSE_SIGNED_OUT);
    t.same(page.heard, [], 'and heard nothing');
  }
});

/** Pages of everybody, Mia's calls are on, and everybody sees so. */
async function openScene(): Promise<Scene> {
  const { alex, bob, mia, zoe, boss } = world;
  const [alexPage, bobPage, miaPage, zoePage, bossPage] = (await Promise.all(
    [alex, bob, mia, zoe, boss].map((one) => world.page(one)),
  )) as [TestSocket, TestSocket, TestSocket, TestSocket, TestSocket];
  for (const [person, hours] of [
    [mia, 1],
    [zoe, 0],
  ] as const) {
    const { cookie, from } = person;
    await appliance.request('PUT', '/api/availability', { cookie, from, body: { hours } });
  }
  await alexPage.models((cards) =>
    cards.some((card) => card.personId === mia.personId && card.presence === 'available'),
  );
  const pages = { alex: alexPage, bob: bobPage, mia: miaPage, zoe: zoePage, boss: bossPage };
  return { world, pages, callId: 0, legs: { alex: 0, mia: 0 } };
}

/** What the appliance tells the two pages of the call after a message of this type. */
async function follow(scene: Scene, type: string): Promise<void> {
  const { alex, bob, mia } = scene.pages;
  if (type === 'call.ring') scene.callId = (await mia.call(({ state }) => state === 'ringing')).callId;
  // Its last line is written after the answer, and who waits for her to be free hears of it.
  if (type === 'call.hangUp') {
    await mia.next((one) => one.type === 'message' && one.message.content.kind === 'call');
    await bob.next((one) => one.type === 'model.free');
  }
  if (type !== 'call.accept' && type !== 'call.attach') return;
  const legOf = async (page: TestSocket) => {
    const offer = await page.next((message) => message.type === 'media.offer' && message.callId === scene.callId);
    return offer.type === 'media.offer' ? offer.legId : 0;
  };
  scene.legs = { alex: await legOf(alex), mia: await legOf(mia) };
}

t.test('every message of a page, by everybody', async (t) => {
  const scene = await openScene();
  t.teardown(() => Object.values(scene.pages).map((page) => page.close()));
  for (const [type, row] of Object.entries(MESSAGES)) {
    await t.test(type, async (t) => {
      for (const { by, what, message, answer } of row(scene)) {
        const act = async () => {
          const heard = await scene.pages[by].ask(message);
          t.equal(heard.type === 'error' ? heard.error.code : heard.type, answer, `${by}: ${what}`);
        };
        if (answer !== 'ok') await changesNothing(t, `${by}: ${what}`, act);
        else {
          await act();
          await follow(scene, type);
          known = null;
        }
      }
    });
  }
});

t.test('an operator ends a call that goes on, and nobody else', async (t) => {
  const scene = await openScene();
  t.teardown(() => Object.values(scene.pages).map((page) => page.close()));
  await scene.pages.alex.ask({ type: 'call.ring', modelId: world.mia.personId });
  const { callId } = await scene.pages.mia.call(({ state }) => state === 'ringing');
  known = null;
  const end = (as: Someone): Sent => ({ method: 'POST', ask: { url: `/api/calls/${callId}/end` }, as });
  for (const as of [world.alex, world.mia, world.bob]) await refuses(t, end(as), 'not_allowed', as.username);
  t.equal((await send(end(world.boss))).status, 200);
  t.match(await scene.pages.alex.call(({ state }) => state === 'ended'), { outcome: 'operator_ended' });
});
