// What a person is in the middle of outlives the news: nothing that they write, choose, open or have the focus on is
// taken away or rebuilt by a message of the hub, by a list that is read again, or by a call that goes on. And what a
// page asks too early, or in vain, it asks again.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Locator, Page } from 'playwright-core';
import t from 'tap';
import type { IssueReport, Receipt, Studio } from '../../server/contract/index.ts';
import { goLive, TestPerson } from '../support/browser.ts';
import { openStudio } from '../support/studio.ts';

const WAIT_MS_MAX = 12_000;
const POLL_MS = 25;
/** One minor unit a second. */
const RATE_MINOR = 60;
const PHONE = { width: 390, height: 844 };
const DESK = { width: 1280, height: 800 };

const { appliance, browser, operator } = await openStudio(t, { PARLOUR_MONEY_TARIFF: 'per_second' });
const { personId: miaId, linkUrl: miaLink } = await appliance.makePerson(operator, 'model', 'Mia');
const { personId: zoeId, linkUrl: zoeLink } = await appliance.makePerson(operator, 'model', 'Zoe');
const { personId: alexId, linkUrl: alexLink } = await appliance.makePerson(operator, 'client', 'Alex');
const boss = await TestPerson.signIn(browser, await appliance.linkAtMachine(1));
const mia = await TestPerson.signIn(browser, miaLink);
const alex = await TestPerson.signIn(browser, alexLink);
const { page } = alex;
for (const person of [boss, mia, alex]) person.page.setDefaultTimeout(WAIT_MS_MAX);
await mia.takesCalls({ rateMinor: RATE_MINOR, minimumMin: 0 });
const zoe = await appliance.signIn(zoeLink);
const profile = { rateMinor: RATE_MINOR, minimumMin: 0, about: 'I listen', languages: [], tags: [] };
await appliance.request('PUT', '/api/profile', { cookie: zoe, body: profile });

const hasFocus = (where: Locator) =>
  where.evaluate((element) => {
    const { document } = globalThis as unknown as { document: { activeElement: unknown } };
    return document.activeElement === element;
  });
const line = (where: Page, text: string | RegExp) => where.getByText(text).filter({ visible: true }).first();
const isBack = (person: TestPerson) =>
  person.page.getByText('Connection lost. Reconnecting…').waitFor({ state: 'detached' });
const comesBack = async (person: TestPerson) => {
  await person.page.context().setOffline(false);
  await isBack(person);
};
/** The page has read an address so many times more. */
const isRead = async (where: Page, path: RegExp, times = 2) => {
  for (let seen = 0; seen < times; seen += 1)
    await where.waitForResponse((response) => path.test(new URL(response.url()).pathname));
};
/** Waits until it is so; what is not so in time, the test says after it. */
async function settles(isSo: () => Promise<unknown>): Promise<void> {
  const giveUpAt = performance.now() + WAIT_MS_MAX;
  while (!(await isSo()) && performance.now() < giveUpAt) await sleep(POLL_MS);
}
async function writes(person: TestPerson, text: string) {
  await person.page.getByLabel(/^Write to/).fill(text);
  await person.press('Send');
  await person.page.getByRole('log').getByText(text).waitFor();
}

t.test('a choice of the history keeps the focus while money moves', async (t) => {
  await alex.opens('/history', 'History');
  await appliance.addCredit(operator, alexId, 10_001);
  await line(page, '+€100.01').waitFor();
  const chip = page.getByRole('button', { name: 'Credit', exact: true });
  await chip.focus();
  await appliance.addCredit(operator, alexId, 102);
  await line(page, '+€1.02').waitFor();
  t.ok(await hasFocus(chip));
});

t.test('deleting the account: what was given up is the amount that was read', async (t) => {
  await alex.opens('/account', 'Account');
  await alex.press('Delete your account');
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('checkbox', { name: 'I give up €101.03 for good.' }).check();
  await dialog.getByLabel(/Type your user name/).fill('alex');
  await appliance.addCredit(operator, alexId, 1);
  await dialog.getByRole('checkbox', { name: 'I give up €101.04 for good.' }).waitFor();
  t.notOk(await dialog.getByRole('checkbox').isChecked());
  t.equal(await dialog.getByLabel(/Type your user name/).inputValue(), 'alex');
});

t.test('a list that is read as the news of it comes is read again', async () => {
  const cookie = await alex.cookie();
  const body = { kind: 'harassment', words: 'She laughed' };
  const report = await appliance.request<IssueReport>('POST', `/api/people/${miaId}/reports`, { cookie, body });
  if (report.status >= 300) throw new Error(JSON.stringify(report.body));
  const hub = page.waitForEvent('websocket');
  const hello = hub.then((socket) => socket.waitForEvent('framereceived'));
  await page.route(
    '**/api/issue-reports*',
    async (route) => {
      const response = await route.fetch();
      await hello;
      const isHeard = (await hub).waitForEvent('framereceived', (frame) =>
        String(frame.payload).includes('report.changed'),
      );
      const answer = { cookie: operator, body: { words: 'We talked to her' } };
      await appliance.request('POST', `/api/issue-reports/${report.body.reportId}/answer`, answer);
      await isHeard;
      await route.fulfill({ response });
    },
    { times: 1 },
  );
  await alex.opens('/account', 'Account');
  await line(page, 'We talked to her').waitFor();
});

t.test('a page stays while a part of it is loaded', async (t) => {
  await alex.opens('/wallet', 'Wallet');
  await page.getByLabel('Voucher code').fill('7K3QF');
  let isLoading = false;
  let letGo = () => {};
  const held = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  await page.route('**/assets/ScanDialog*', async (route) => {
    isLoading = true;
    await held;
    await route.continue();
  });
  await alex.press('Scan a code');
  const asked = page.waitForRequest('**/assets/ScanDialog*').catch(() => null);
  if (!isLoading) await asked;
  t.ok(await page.getByLabel('Voucher code').isVisible());
  letGo();
  await page.getByRole('dialog', { name: 'Scan a voucher' }).waitFor();
  await page.keyboard.press('Escape');
});

t.test('threads: the focus stays while another moves, what is marked stays after a break', async (t) => {
  await alex.opens(`/messages/${zoeId}`, 'Messages');
  await writes(alex, 'Good morning');
  await alex.opens(`/messages/${miaId}`, 'Messages');
  await writes(alex, 'Good evening');
  const threads = page.getByRole('region', { name: 'Threads' });
  const other = threads.getByRole('link', { name: /Zoe/ });
  await other.focus();
  await mia.opens(`/messages/${alexId}`, 'Messages');
  await writes(mia, 'Hello Alex');
  await threads.getByText('Hello Alex').waitFor();
  t.ok(await hasFocus(other), 'the link to another thread');
  const second = await page.context().newPage();
  await second.goto(`${appliance.url}/messages/${zoeId}`);
  await second.getByLabel('Write to Zoe').fill('And you?');
  await second.getByRole('button', { name: 'Send', exact: true }).click();
  await threads.getByText('And you?').waitFor();
  t.match(await threads.getByRole('link').first().textContent(), /Zoe/, 'it goes to the top');
  t.ok(await hasFocus(other), 'the link that changes places');
  await second.close();
  await page.getByLabel('Write to Mia').fill('Are you');
  await page.getByRole('log').getByText('Hello Alex').selectText();
  await alex.losesConnection();
  const isReadAgain = isRead(page, new RegExp(`/api/threads/${miaId}$`), 1);
  await comesBack(alex);
  await isReadAgain;
  await writes(mia, 'Back again?'); // what came after it is there
  await page.getByRole('log').getByText('Back again?').waitFor();
  t.equal(await page.evaluate('getSelection().toString().trim()'), 'Hello Alex', 'what is marked');
  t.equal(await page.getByLabel('Write to Mia').inputValue(), 'Are you', 'what is being written');
});

t.test('what is written to one person waits while another thread is looked at', async (t) => {
  await page.getByRole('link', { name: /Zoe/ }).click();
  await page.getByLabel('Write to Zoe').waitFor();
  t.equal(await page.getByLabel('Write to Zoe').inputValue(), '');
  await page.getByRole('link', { name: /Mia/ }).first().click();
  t.equal(await page.getByLabel('Write to Mia').inputValue(), 'Are you');
});

t.test('what is typed while a message is on its way is no part of it', async (t) => {
  await page.routeWebSocket('**/hub', (socket) => {
    const server = socket.connectToServer();
    let sentId = 0;
    socket.onMessage((text) => {
      const message = JSON.parse(String(text)) as { id: number; type: string };
      if (message.type === 'message.send') sentId = message.id;
      server.send(text);
    });
    // The appliance is slow to say that it has it: until more has been typed.
    server.onMessage(async (text) => {
      const message = JSON.parse(String(text)) as { id?: number; type: string };
      const isSlow = sentId !== 0 && (message.id === sentId || message.type === 'message');
      if (isSlow) await isTyped;
      socket.send(text);
    });
  });
  let tell = () => {};
  const isTyped = new Promise<void>((resolve) => {
    tell = resolve;
  });
  await alex.opens(`/messages/${zoeId}`, 'Messages');
  const field = page.getByLabel('Write to Zoe');
  await field.fill('First');
  await field.press('Enter');
  await field.pressSequentially(' Second');
  tell();
  await page.getByRole('log').getByText('First', { exact: true }).waitFor();
  await settles(async () => (await field.inputValue()) === 'Second');
  t.equal(await field.inputValue(), 'Second');
  await field.fill('');
  await page.unrouteAll();
});

t.test('a page that finds nobody looks again by itself', async () => {
  const guest = await browser.newContext({ ignoreHTTPSErrors: true });
  const door = await guest.newPage();
  await door.route('**/api/**', (route) => route.abort());
  await door.goto(appliance.url);
  await door.getByRole('button', { name: 'Try again' }).waitFor();
  await door.unrouteAll();
  await door.getByRole('button', { name: 'Sign in' }).waitFor({ timeout: WAIT_MS_MAX });
  await guest.close();
});

t.test('the search that is typed in stays while there is one model less', async (t) => {
  await alex.opens('/', 'Video calls');
  const search = page.getByLabel('Search by name, tag or language');
  await search.fill('i');
  const url = `/api/people/${zoeId}/suspension`;
  const body = { reason: 'test' };
  const gone = page.getByRole('heading', { name: 'Zoe' });
  await gone.waitFor();
  const answer = await appliance.request('PUT', url, { cookie: operator, body });
  if (answer.status >= 300) throw new Error(JSON.stringify(answer.body));
  await gone.waitFor({ state: 'detached' });
  t.equal(await search.inputValue({ timeout: 2_000 }), 'i');
  t.ok(await hasFocus(search));
  await appliance.request('DELETE', url, { cookie: operator });
});

t.test('what was filled in outlives a ring that came over it', async (t) => {
  const body = { key: 'earned-so-much', amountMinor: 100_000, reason: 'test' };
  await appliance.request('POST', `/api/people/${miaId}/adjustment`, { cookie: operator, body });
  await mia.opens('/earnings', 'Earnings');
  await mia.press('Ask for a payout');
  const dialog = mia.page.getByRole('dialog', { name: 'Ask for a payout' });
  await dialog.getByLabel('Amount').fill('12');
  await dialog.getByLabel('Where to').fill('DE02 1203');
  await alex.opens('/', 'Video calls');
  await alex.press('Call Mia');
  await mia.inState('ringing');
  await dialog.waitFor({ state: 'detached' }); // nothing lies over a ring
  await alex.press('Hang up');
  await mia.inState('ended');
  await mia.press('Done');
  await mia.press('Ask for a payout');
  t.equal(await dialog.getByLabel('Where to').inputValue(), 'DE02 1203');
});

t.test('an open menu of the people stays open while balances change; each of its marks holds', async (t) => {
  await boss.opens('/operator/people', 'People');
  await boss.press('More about Alex');
  const first = boss.page.getByRole('menuitemcheckbox', { name: 'Verified' });
  await first.focus();
  await appliance.addCredit(operator, alexId, 100);
  await boss.page.getByText('€102.04').waitFor();
  t.ok(await hasFocus(first));
  let letGo = () => {};
  const held = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  await boss.page.route(
    '**/marks',
    async (route) => {
      await held;
      await route.continue();
    },
    { times: 1 },
  );
  await first.click({ timeout: 2_000 });
  await boss.page.getByRole('menuitemcheckbox', { name: 'Staff' }).click({ timeout: 2_000 });
  letGo();
  const both = boss.page.getByRole('menuitemcheckbox', { checked: true });
  await both.nth(1).waitFor();
  type People = { people: { personId: number; isVerified: boolean; isStaff: boolean }[] };
  const marks = async () => {
    const { body } = await appliance.request<People>('GET', '/api/people', { cookie: operator });
    return body.people.find((one) => one.personId === alexId);
  };
  await settles(async () => {
    const found = await marks();
    return found?.isVerified === true && found.isStaff;
  });
  t.match(await marks(), { isVerified: true, isStaff: true });
  await boss.page.keyboard.press('Escape');
});

t.test('a link of the alarms keeps the focus while the board is read again', async (t) => {
  const alarm = { code: 'payment_needs_operator', message: 'Payment 7 needs you.' };
  await boss.page.route('**/api/studio', async (route) => {
    const response = await route.fetch();
    const studio = (await response.json()) as Studio;
    await route.fulfill({ response, json: { ...studio, alarms: [alarm] } });
  });
  await boss.opens('/operator', 'Live');
  const link = boss.page.getByRole('alert').getByRole('link');
  await link.focus();
  await isRead(boss.page, /studio$/);
  t.ok(await hasFocus(link));
  await boss.page.unrouteAll();
});

t.test('a call from the page of a model', async () => {
  await mia.page.goto(appliance.url);
  await alex.opens(`/models/${miaId}`, 'Mia');
  await goLive(alex, mia, 'Mia');
  await alex.unitsCharged(1);
  await page.evaluate(`
    window.wentAway = 0;
    const call = document.querySelector('[role=dialog]');
    new MutationObserver(() => call.isConnected || (window.wentAway += 1)).observe(document, { childList: true, subtree: true });
  `);
});

/** More has been charged, which both have heard of. */
async function moreIsCharged(count = 2): Promise<void> {
  await alex.unitsCharged(((await alex.view())?.meter?.unitsCharged ?? 0) + count);
}

t.test('in a call: an open menu keeps the focus while it is charged', async (t) => {
  await alex.press('More');
  const item = page.getByRole('menuitem', { name: 'Report' });
  await item.focus();
  await moreIsCharged();
  t.ok(await hasFocus(item));
  await page.keyboard.press('Escape');
});

t.test('in a call: the pictures stay while devices are chosen and the tracker opens', async (t) => {
  await alex.press('More');
  await page.getByRole('menuitem', { name: 'Camera, microphone, speaker' }).click();
  await page.getByRole('dialog', { name: 'Camera, microphone, speaker' }).getByLabel('Camera').waitFor();
  await page.keyboard.press('Escape');
  t.equal(await page.evaluate('wentAway'), 0, 'devices');
  const window = page.waitForEvent('popup', { timeout: 2_000 }).catch(() => null);
  await alex.press('More');
  await page.getByRole('menuitem', { name: 'Tracker window' }).click();
  const tracker = await window;
  await (tracker ?? page).getByText('Mia').first().waitFor();
  t.equal(await page.evaluate('wentAway'), 0, 'tracker');
  t.notOk(
    await page.getByLabel('Picture of Mia').evaluate((video) => (video as unknown as { paused: boolean }).paused),
  );
  await tracker?.close();
});

t.test('the operator: a dialog gives the focus back after news; what is open in a receipt stays open', async (t) => {
  await boss.opens('/operator', 'Live');
  const end = boss.page.getByRole('button', { name: 'End the call of Alex with Mia' });
  await end.click();
  await boss.page.getByRole('dialog').waitFor();
  await isRead(boss.page, /studio$/);
  await boss.page.keyboard.press('Escape');
  await boss.page.getByRole('dialog').waitFor({ state: 'detached' });
  await settles(() => hasFocus(end));
  t.ok(await hasFocus(end), 'the button that opened it');

  const callId = (await alex.view())?.callId;
  const probe = { at: new Date().toISOString(), verdict: 'fail', kbps: 900, thresholdKbps: 1500, measuredMs: 400 };
  const evidence = [{ ...probe, doubt: null, lossPct: 0, queueMs: null, rttMs: null }];
  await boss.page.route(`**/api/calls/${callId}/receipt`, async (route) => {
    const response = await route.fetch();
    const receipt = (await response.json()) as Receipt;
    const pauses = [{ reason: 'slow_link', from: probe.at, to: probe.at, evidence }];
    await route.fulfill({ response, json: { ...receipt, pauses } });
  });
  await boss.opens(`/calls/${callId}`, 'Receipt');
  const details = boss.page.locator('details').filter({ hasText: /0\.9/ }).first();
  await details.locator('summary').click();
  const figure = details.getByRole('listitem').first();
  await figure.waitFor();
  await isRead(boss.page, /receipt$/);
  t.ok(await figure.isVisible(), 'the evidence of a pause');
  await boss.page.unrouteAll();
});

t.test('in a call: a mute that is pressed while the line is broken is told once it is back', async (t) => {
  await alex.losesConnection();
  await alex.press('Mute');
  await comesBack(alex);
  await mia.reads('Alex is muted');
  t.equal((await alex.view())?.me.isMuted, true);
  await alex.press('Unmute');
  await mia.page.getByText('Alex is muted').waitFor({ state: 'detached' });
});

t.test('in a call: a line that breaks again on the way back needs no press', async (t) => {
  let isBroken = false;
  await page.routeWebSocket('**/hub', (socket) => {
    const server = socket.connectToServer();
    socket.onMessage((text) => {
      const isAttach = (JSON.parse(String(text)) as { type: string }).type === 'call.attach';
      if (!isAttach || isBroken) return server.send(text);
      isBroken = true;
      void socket.close({ code: 4503, reason: 'cut' });
      server.close().catch(() => undefined);
    });
  });
  await alex.losesConnection();
  await comesBack(alex);
  await settles(async () => (await alex.view())?.me.hasMedia === true);
  await alex.meterIs('charging');
  t.equal(await page.getByRole('button', { name: 'Join the call' }).count(), 0);
});

t.test('in a call: what is begun outlives the end of the credit', async (t) => {
  await page.setViewportSize(PHONE);
  await alex.press('Open the chat');
  await page.getByLabel('Write to Mia').fill('One moment, I');
  await appliance.leaveCredit(operator, alexId, 40);
  await page.getByRole('button', { name: 'Add credit now' }).click();
  const dialog = page.getByRole('dialog', { name: 'Add credit' });
  await dialog.getByLabel('Voucher code').fill('7K3QF');
  await appliance.leaveCredit(operator, alexId, 0);
  await alex.inState('suspended');
  t.equal(await dialog.getByLabel('Voucher code').inputValue({ timeout: 2_000 }), '7K3QF', 'the code');
  await appliance.addCredit(operator, alexId, 5_000);
  await dialog.waitFor({ state: 'detached' }); // the way on lies under it
  await alex.press('Restart call');
  await alex.inState('live');
  await alex.press('Open the chat');
  t.equal(await page.getByLabel('Write to Mia').inputValue(), 'One moment, I', 'the text');
  t.equal(await dialog.count(), 0, 'nothing opens by itself');
  await page.setViewportSize(DESK);
});

t.test('the end is seen although it was not yet written, and rated although that was not yet known', async (t) => {
  const callId = (await alex.view())?.callId;
  const report = { kind: 'other', words: 'She does not listen' };
  const body = { ...report, callId };
  await appliance.request('POST', `/api/people/${miaId}/reports`, { cookie: await alex.cookie(), body });
  await boss.opens('/operator/disputes', 'Reports');
  await boss.press('Answer');
  await boss.page.getByLabel('Answer to Alex').fill('We are sorry');
  // What the page under the call reads fails; the first word of the end says nothing yet; so does that of the rating.
  await page.route('**/api/calls?limit=100*', (route) => route.abort());
  await page.route(
    '**/api/calls?limit=20*',
    async (route) => {
      const response = await route.fetch();
      const { calls } = (await response.json()) as { calls: { callId: number }[] };
      const open = calls.map((one) => (one.callId === callId ? { ...one, outcome: null } : one));
      await route.fulfill({ response, json: { calls: open } });
    },
    { times: 1 },
  );
  const title = page.getByRole('heading', { level: 1, name: 'Mia ended the call' });
  let isSeen: Promise<unknown> = Promise.resolve();
  await page.route(
    '**/rating',
    async (route) => {
      isSeen = title.waitFor();
      await isSeen;
      await route.abort();
    },
    { times: 1 },
  );
  await alex.losesConnection();
  await mia.press('Hang up');
  await mia.inState('ended');
  const isAsked = page.waitForRequest('**/rating');
  await comesBack(alex);
  await alex.inState('ended');
  await isAsked;
  await isSeen;
  t.ok(await title.isVisible(), 'nothing waits for the rating');
  await alex.losesConnection();
  await comesBack(alex);
  await page.getByText('Did picture and sound work?').waitFor();
  await boss.page.getByText(/\(€\d/).first().waitFor(); // what the call came to
  t.equal(await boss.page.getByLabel('Answer to Alex').inputValue(), 'We are sorry');
});
