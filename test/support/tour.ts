import fs from 'node:fs';
import path from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { cookieOf, type TestAppliance } from './appliance.ts';
import { TestPerson } from './browser.ts';
import { lookAt } from './looks.ts';
import { TestSocket } from './page-socket.ts';

/** What a tour does at each stop. */
export type Visit = (name: string, page: Page) => Promise<void>;

/** With a payment provider, so that every state can be shown. */
export const TOUR_SETTINGS = {
  PARLOUR_PEOPLE_LOOKS_MAX: '3',
  PARLOUR_PAYMENTS_WEBHOOK_SECRET: 'a-secret-of-at-least-thirty-two-characters',
  PARLOUR_PAYMENTS_WEBHOOK_CHECKOUT_URL: 'https://pay.example.org/{paymentId}',
};

const RATE_MINOR = 250;
const PROFILE = {
  rateMinor: RATE_MINOR,
  minimumMin: 5, // longer than the tour takes through a call
  about: 'Films, books and late nights. I speak slowly, laugh a lot, and have time for you.',
  languages: ['en', 'es'],
  tags: ['films', 'late night'],
};
const picture = fs.readFileSync(path.resolve(import.meta.dirname, '../../web/public/icon-512.png'));

/** Leads through every page in its states, as the people who have them see it, and through a whole paid call. */
export async function tour(appliance: TestAppliance, browser: Browser, visit: Visit): Promise<House> {
  const operator = await openedSocket(appliance, browser, visit);
  const house = await furnish(appliance, browser, operator, visit);
  await clientPages(house, visit);
  await modelPages(house, visit);
  await call(house, visit);
  await operatorPages(house, visit);
  return house;
}

/** The people whom the tour has made, in front of their pages. */
export interface House {
  readonly url: string;
  readonly appliance: TestAppliance;
  readonly boss: TestPerson;
  readonly mia: TestPerson;
  readonly alex: TestPerson;
  readonly miaId: number;
  readonly alexId: number;
  readonly operator: string;
}

/** Opens an address and waits until what it loads is there. */
async function open(house: { url: string }, { page }: { page: Page }, where: string, words: RegExp): Promise<void> {
  await page.goto(`${house.url}${where}`);
  await page.getByText(words).filter({ visible: true }).first().waitFor();
  await settled(page);
}

/** Nothing is loading any more: no skeleton, no spinner. */
export async function settled(page: Page): Promise<void> {
  await page.waitForFunction(() => {
    const { document } = globalThis as unknown as { document: { querySelector(what: string): unknown } };
    return (
      !document.querySelector('.animate-spin') &&
      !document.querySelector('[role="status"] .animate-breathe, [role="status"].animate-breathe')
    );
  });
}

/** @returns the session's cookie of the operator who was made */
async function openedSocket(appliance: TestAppliance, browser: Browser, visit: Visit): Promise<string> {
  const context = await browser.newContext({ ignoreHTTPSErrors: true, viewport: { width: 1280, height: 800 } });
  const page = await context.newPage();
  const go = async (name: string, where: string, words: RegExp) => {
    await page.goto('about:blank'); // an address that differs in its last part only loads nothing
    await open(appliance, { page }, where, words);
    await visit(name, page);
  };
  await go('door-needs-link', '/', /One step to go/);
  await go('door-set-up', `/set-up#${appliance.setUpToken}`, /Set up your Parlour/);
  const body = { token: appliance.setUpToken, username: 'boss', displayName: 'Boss', password: 'a long password' };
  const operator = cookieOf(await appliance.request('POST', '/api/set-up', { body }));
  await go('door-sign-in', '/sign-in', /Welcome back/);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await visit('door-sign-in-empty', page);
  await go('door-link-used', '/sign-in#not-a-link', /no longer works/);
  await context.close();
  return operator;
}

async function furnish(appliance: TestAppliance, browser: Browser, operator: string, visit: Visit): Promise<House> {
  const mia = await appliance.makePerson(operator, 'model', 'Mia');
  const nora = await appliance.makePerson(operator, 'model', 'Nora-Alexandrina-Hohenfels');
  await appliance.makePerson(operator, 'model', 'Ida');
  const alex = await appliance.makePerson(operator, 'client', 'Alex');
  const boss = await TestPerson.signIn(browser, await appliance.linkAtMachine(1));
  const model = await TestPerson.signIn(browser, mia.linkUrl);
  const client = await TestPerson.signIn(browser, alex.linkUrl);
  await model.page.getByRole('heading', { name: 'Welcome' }).waitFor();
  await settled(model.page);
  await visit('model-dashboard-new', model.page);
  for (const cookie of [await model.cookie(), await appliance.signIn(nora.linkUrl)]) {
    await appliance.request('PUT', '/api/profile', { cookie, body: PROFILE });
  }
  await appliance.upload('/api/picture', picture, 'image/png', await model.cookie());
  await model.page.reload();
  return {
    url: appliance.url,
    appliance,
    boss,
    mia: model,
    alex: client,
    miaId: mia.personId,
    alexId: alex.personId,
    operator,
  };
}

async function clientPages(house: House, visit: Visit): Promise<void> {
  const { alex, appliance, operator, alexId, miaId, mia } = house;
  const { page } = alex;
  const go = async (name: string, where: string, words: RegExp) => {
    await open(house, alex, where, words);
    await visit(`client-${name}`, page);
  };
  await go('calls-no-credit', '/', /You have no credit yet/);
  // From here on they have a password, and are not asked for one.
  for (const person of [alex, mia]) {
    const cookie = await person.cookie();
    await appliance.request('PUT', '/api/password', { cookie, body: { password: 'a long password' } });
  }
  await go('messages-empty', '/messages', /Messages/);
  await go('history-empty', '/history', /No calls yet/);
  await go('wallet', '/wallet', /Your credit/);
  await page.getByLabel('Voucher code').fill('nonsense');
  await page.getByRole('button', { name: 'Use voucher' }).click();
  await page
    .getByText(/not complete or has a typing error/)
    .first()
    .waitFor();
  await visit('client-wallet-mistyped', page);
  await go('account', '/account', /Notifications/);
  await page.getByRole('button', { name: 'Delete your account' }).click();
  await page.getByRole('dialog').waitFor();
  await visit('client-account-delete', page);
  await go('not-found', '/nothing-here', /There is nothing here/);
  await go('not-allowed', '/operator/people', /not for your account/);
  await appliance.addCredit(operator, alexId, 20_000);
  await appliance.request('PUT', '/api/availability', { cookie: await mia.cookie(), body: { hours: 1 } });
  await go('calls', '/', /Available/);
  await page.getByLabel('Search by name, tag or language').fill('nobody like this');
  await page.getByText('Nobody fits this choice').waitFor();
  await visit('client-calls-no-match', page);
  await page.getByRole('button', { name: 'Show everybody' }).click();
  await go('model', `/models/${miaId}`, /She speaks|Available|minute/);
  await go('model-gone', '/models/999', /cannot be found/);
  // Something to read: a thread with texts.
  const socket = await TestSocket.open(appliance, await alex.cookie());
  for (const [index, text] of ['Hello Mia! Are you there tonight?', 'I would like to talk about films.'].entries()) {
    await socket.ask({ type: 'message.send', personId: miaId, text, key: `tour-${index}-0123456789` });
  }
  socket.close();
  const answer = await TestSocket.open(appliance, await mia.cookie());
  await answer.ask({ type: 'message.send', personId: alexId, text: 'From nine on, yes.', key: 'tour-a-0123456789' });
  answer.close();
  await go('messages', '/messages', /From nine on/);
  await go('thread', `/messages/${miaId}`, /late|films/);
  await clientTroubles(house, visit);
}

/** What a client sees when something is in the way. */
async function clientTroubles(house: House, visit: Visit): Promise<void> {
  const { page } = house.alex;
  await open(house, house.alex, '/', /Available/);
  await page.evaluate(() => {
    const { navigator, DOMException: Refusal } = globalThis as unknown as {
      navigator: { mediaDevices: { getUserMedia: unknown }; permissions: { query: unknown } };
      DOMException: new (words: string, name: string) => Error;
    };
    navigator.permissions.query = () => Promise.resolve({ state: 'denied' });
    navigator.mediaDevices.getUserMedia = () => Promise.reject(new Refusal('', 'NotAllowedError'));
  });
  await page.getByRole('button', { name: 'Call Mia' }).click();
  await page.getByText('Camera and microphone are blocked').waitFor();
  await visit('client-camera-blocked', page);
  await house.alex.losesConnection();
  await visit('client-reconnecting', page);
  await page.context().setOffline(false);
  await page.route('**/api/**', (route) => route.abort());
  await page.goto(house.url);
  await page.getByText('Parlour cannot be reached').waitFor();
  await visit('client-unreachable', page);
  await page.unroute('**/api/**');
}

async function modelPages(house: House, visit: Visit): Promise<void> {
  const { mia } = house;
  const { page } = mia;
  const go = async (name: string, where: string, words: RegExp) => {
    await open(house, mia, where, words);
    await visit(`model-${name}`, page);
  };
  await go('dashboard-on', '/', /Your calls are on/);
  await mia.press('Turn calls off');
  await page.getByText('Your calls are off').first().waitFor();
  await visit('model-dashboard-off', page);
  await mia.press('Turn calls on');
  const check = page.getByRole('dialog');
  await check.getByRole('heading', { name: /Microphone ?: good/ }).waitFor();
  await visit('model-device-check', page);
  await check.getByRole('button', { name: 'Play a sound' }).click();
  await check.getByRole('button', { name: 'I heard it' }).click();
  await check.getByRole('heading', { name: /Your upload ?: (good|not good|not sure)/ }).waitFor();
  await check.getByRole('button', { name: /Go online|Turn calls on anyway/ }).click();
  await page.getByText('Your calls are on').first().waitFor();
  await check.waitFor({ state: 'detached' });
  await go('profile', '/profile', /Price a minute/);
  await go('earnings', '/earnings', /Ask for a payout/);
  await go('history-empty', '/history', /No calls yet/);
  await go('messages', '/messages', /Alex/);
  await go('account', '/account', /Notifications/);
  await open(house, mia, '/', /Your calls are on/);
}

/** More than this are on no page. */
const TABS_MAX = 80;
const FOCUS_RING_PX_MIN = 2;

/** Walks to a button by Tab alone, sees that the focus can be seen there, and presses Enter. */
async function byKeyboard({ page }: TestPerson, name: string): Promise<void> {
  const button = page.getByRole('button', { name, exact: true, disabled: false }).filter({ visible: true }).first();
  await button.waitFor();
  for (let tab = 0; tab < TABS_MAX; tab += 1) {
    await page.keyboard.press('Tab');
    const ring = await button.evaluate((element) => {
      const { document, getComputedStyle } = globalThis as unknown as {
        document: { activeElement: unknown };
        getComputedStyle(element: unknown): { outlineStyle: string; outlineWidth: string };
      };
      if (document.activeElement !== element) return null;
      const { outlineStyle, outlineWidth } = getComputedStyle(element);
      return outlineStyle === 'none' ? 0 : Number.parseFloat(outlineWidth);
    });
    if (ring === null) continue;
    if (ring < FOCUS_RING_PX_MIN) throw new Error(`the focus cannot be seen on "${name}"`);
    return page.keyboard.press('Enter');
  }
  throw new Error(`"${name}" cannot be reached by keyboard`);
}

/** A whole call by keyboard alone, with what each side sees at every step. */
async function call(house: House, visit: Visit): Promise<void> {
  const { alex, mia, url } = house;
  const both = async (name: string) => {
    await visit(`call-${name}-client`, alex.page);
    await visit(`call-${name}-model`, mia.page);
  };
  await open({ url }, alex, '/', /Available/);
  await byKeyboard(alex, 'Call Mia');
  await mia.reads('Alex is calling');
  await both('ring');
  await byKeyboard(mia, 'Reject');
  await alex.inState('ended');
  await both('rejected');
  await open({ url }, alex, '/', /Available/);
  await open({ url }, mia, '/', /Your calls are on/);
  await byKeyboard(alex, 'Call Mia');
  await byKeyboard(mia, 'Accept');
  await Promise.all([alex.pictureMoves(), mia.pictureMoves()]);
  await both('confirm');
  await byKeyboard(mia, 'Leave');
  await open({ url }, alex, '/', /Available/);
  await open({ url }, mia, '/', /Your calls are on/);
  await byKeyboard(alex, 'Call Mia');
  await byKeyboard(mia, 'Accept');
  await Promise.all([alex.pictureMoves(), mia.pictureMoves()]);
  await byKeyboard(mia, 'Connect');
  await byKeyboard(alex, 'Connect');
  await alex.inState('live');
  await Promise.all([alex.unitsCharged(1), mia.unitsCharged(1)]);
  await both('live');
  await elsewhere(house, visit);
  await byKeyboard(alex, 'Open the chat');
  await visit('call-chat-client', alex.page);
  await alex.page.getByLabel('Write to Mia').press('Escape');
  await byKeyboard(alex, 'Hang up');
  await alex.page.getByRole('heading', { name: 'End the call?' }).waitFor();
  await visit('call-hang-up-client', alex.page);
  await byKeyboard(alex, 'End the call');
  await alex.inState('ended');
  await mia.inState('ended');
  await both('ended');
  const [line] = (
    await house.appliance.request<{ calls: { callId: number }[] }>('GET', '/api/calls', {
      cookie: await alex.cookie(),
    })
  ).body.calls;
  await open({ url }, alex, `/calls/${line?.callId}`, /Receipt/);
  await visit('client-receipt', alex.page);
  await open({ url }, alex, '/history', /Mia/);
  await visit('client-history', alex.page);
  await open({ url }, mia, '/earnings', /Alex|Call/);
  await visit('model-earnings', mia.page);
  await ringAfterLooks(house, visit);
}

/** A client who has looked three times and rings again. */
async function ringAfterLooks({ url, alex, mia, miaId, appliance }: House, visit: Visit): Promise<void> {
  await open({ url }, alex, '/account', /Notifications/);
  const model = await TestSocket.open(appliance, await mia.cookie());
  const client = await TestSocket.open(appliance, await alex.cookie());
  for (let look = 0; look < 3; look++) await lookAt(miaId, client, model);
  client.close();
  model.close();
  await open({ url }, mia, '/', /Your calls are on/);
  await open({ url }, alex, '/', /Available/);
  await byKeyboard(alex, 'Call Mia');
  await mia.reads(/has looked at you 3 times/);
  await visit('call-ring-asked-model', mia.page);
  await byKeyboard(mia, 'Refuse');
  await alex.inState('ended');
}

/** The call is taken by another device of the client, joined anew there, and taken back. */
async function elsewhere({ url, alex }: House, visit: Visit): Promise<void> {
  const context = await (alex.page.context().browser() as Browser).newContext({
    ignoreHTTPSErrors: true,
    viewport: { width: 1280, height: 800 },
  });
  await context.grantPermissions(['camera', 'microphone']);
  await context.addCookies(await alex.page.context().cookies());
  // A browser that does not say whether camera and microphone are allowed.
  await context.addInitScript(() => {
    const { navigator } = globalThis as unknown as { navigator: { permissions: { query: unknown } } };
    navigator.permissions.query = () => Promise.reject(new TypeError('not known here'));
  });
  const tablet = await context.newPage();
  await tablet.goto(url);
  await tablet.getByText('You are in a call on another device').waitFor();
  await visit('client-call-elsewhere', tablet);
  await tablet.getByRole('button', { name: 'Take the call here' }).click();
  await alex.reads('You took this call on another device');
  await visit('call-taken-client', alex.page);
  await tablet.getByRole('button', { name: 'Hang up' }).waitFor();
  await tablet.reload();
  await tablet.getByRole('button', { name: 'Join the call' }).waitFor();
  await visit('call-rejoin-client', tablet);
  await tablet.getByRole('button', { name: 'Join the call' }).click();
  await tablet.getByRole('button', { name: 'Hang up' }).waitFor();
  await alex.page.getByRole('button', { name: 'Take the call here' }).click();
  await tablet.getByText('You took this call on another device').waitFor();
  await context.close();
  await alex.pictureMoves();
}

async function operatorPages(house: House, visit: Visit): Promise<void> {
  const { boss } = house;
  const { page } = boss;
  const go = async (name: string, where: string, words: RegExp) => {
    await open(house, boss, where, words);
    await visit(`operator-${name}`, page);
  };
  await go('live', '/operator', /Ledger/);
  await go('people', '/operator/people', /Nora/);
  await page
    .getByRole('button', { name: /^(Add|Invite|New|Make)/ })
    .first()
    .click();
  await page.getByRole('dialog').waitFor();
  await visit('operator-people-new', page);
  await open(house, boss, '/operator/people', /Nora/);
  await page.getByRole('button', { name: 'More about Ida' }).click();
  await page.getByRole('menuitem', { name: 'Share' }).click();
  await page.getByText('A share of their own').click();
  await visit('operator-people-share', page);
  await open(house, boss, '/operator/people', /Nora/);
  await page.getByRole('button', { name: 'More about Ida' }).click();
  await page.getByRole('menuitem', { name: 'Suspend' }).click();
  await page.getByRole('dialog').waitFor();
  await visit('operator-people-suspend', page);
  await go('disputes', '/operator/disputes', /Reports/);
  await go('reports', '/operator/money', /Turnover|turnover|Reports/);
  await go('vouchers', '/operator/money/vouchers', /Make vouchers/);
  await go('payouts', '/operator/money/payouts', /Payouts/);
  await go('payments', '/operator/money/payments', /Payments/);
  await go('self-test', '/operator/studio', /Certificate/);
  await go('settings', '/operator/studio/settings', /money.tariff/);
  await go('audit', '/operator/studio/audit', /made a person/);
  // It shows what loads, and never ends to.
  await page.goto(`${house.url}/operator/studio/design`);
  await page.getByRole('heading', { name: 'Colours' }).waitFor();
  await visit('operator-design', page);
  await go('account', '/account', /Password/);
}
