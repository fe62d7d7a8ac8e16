// Where somebody who does not know the pages hesitated: the way on is there now, on a phone too.
import type { Page } from 'playwright-core';
import t from 'tap';
import { goLive, TestPerson } from '../support/browser.ts';
import { openStudio } from '../support/studio.ts';

const RATE_MINOR = 200;
const PHONE = { width: 390, height: 844 };

const { appliance, browser, operator } = await openStudio(t, { PARLOUR_MONEY_TARIFF: 'per_second' });
const { linkUrl } = await appliance.makePerson(operator, 'model', 'Mia');
const client = await appliance.makePerson(operator, 'client', 'Alex');
const mia = await TestPerson.signIn(browser, linkUrl);
const alex = await TestPerson.signIn(browser, client.linkUrl);
await mia.takesCalls({ rateMinor: RATE_MINOR, minimumMin: 0 });
const { page } = alex;

t.test('who came by a link is asked for a password, once; another one takes the old one', async (t) => {
  await page.getByRole('button', { name: 'Choose a password' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('New password').fill('my first password');
  t.equal(await dialog.getByLabel('Old password').count(), 0, 'there is none');
  await dialog.getByRole('button', { name: 'Set password' }).click();
  await dialog.waitFor({ state: 'detached' });
  await page.reload();
  await page.getByRole('heading', { name: 'Video calls' }).waitFor();
  t.equal(await page.getByRole('button', { name: 'Choose a password' }).count(), 0);

  await page.goto(`${appliance.url}/account`);
  await page.getByLabel('New password').fill('my second password');
  await page.getByLabel('Old password').fill('not my password');
  await alex.press('Set password');
  await alex.reads('The old password is wrong. Nothing was changed.');
  await page.getByLabel('Old password').fill('my first password');
  await alex.press('Set password');
  await alex.reads('Password set.');
  await page.goto(appliance.url);
});

t.test('with too little credit the way leads to the wallet, and to the call as soon as it suffices', async (t) => {
  await page.getByRole('link', { name: 'Add credit to call Mia' }).click();
  await page.getByRole('heading', { name: 'Wallet' }).waitFor();
  t.equal(await page.getByRole('heading', { name: 'Payments' }).count(), 0, 'nothing was ever paid');
  await page.getByRole('link', { name: 'Video calls' }).filter({ visible: true }).first().click();
  await appliance.addCredit(operator, client.personId, RATE_MINOR);
  await page.getByRole('button', { name: 'Call Mia', exact: true }).waitFor();
});

/** Both ends of a paid call, the client's on a phone. */
async function callOnPhone(): Promise<void> {
  await page.setViewportSize(PHONE);
  await goLive(alex, mia, 'Mia');
  await alex.unitsCharged(1);
}

const hasWay = (where: Page, name: string) =>
  where.getByRole('button', { name, exact: true }).filter({ visible: true }).first().waitFor();

t.test(
  'in a call: the red block adds credit, the chat has the way out, a new line shows over the picture',
  async (t) => {
    await callOnPhone();
    await alex.press('Add credit now');
    await page.getByRole('dialog', { name: 'Add credit' }).waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'More', exact: true }).click();
    await page.getByRole('menuitem', { name: 'Give a tip' }).click();
    t.ok(await page.getByRole('button', { name: '€2.00', exact: true }).isDisabled(), 'there is no credit for it');
    await page.keyboard.press('Escape');

    await alex.press('Open the chat');
    const chat = page.getByRole('region', { name: 'Messages with Mia' });
    await chat.getByRole('button', { name: 'Hang up' }).waitFor();
    await chat.getByLabel('Write to Mia').fill('Can you turn up the light?');
    const charged = (await alex.view())?.meter?.unitsCharged ?? 0;
    await alex.unitsCharged(charged + 2); // what is being written outlives the news of the call
    await chat.getByLabel('Write to Mia').press('Enter');
    await chat.getByRole('listitem').filter({ hasText: 'Can you turn up the light?' }).waitFor();
    await mia.page.getByRole('button', { name: 'Can you turn up the light?' }).click();
    await mia.page.getByLabel('Write to Alex').waitFor();
  },
);

t.test('the page asks before it is left in a call', async (t) => {
  await page.bringToFront();
  await page.mouse.click(10, 400); // a page that nobody has touched asks nothing
  const asked = new Promise<string>((resolve) => {
    page.once('dialog', (dialog) => {
      resolve(dialog.type());
      void dialog.dismiss();
    });
  });
  void page.close({ runBeforeUnload: true });
  t.equal(await asked, 'beforeunload');
  await alex.inState('live');
});

t.test('credit that the studio gives in the grace leads back to the button that goes on', async () => {
  await appliance.leaveCredit(operator, client.personId, 0);
  await alex.inState('suspended'); // the chat was open, and has made way
  await hasWay(page, 'Add credit');
  await page.getByRole('button', { name: 'Add credit', exact: true }).last().click();
  await page.getByRole('dialog', { name: 'Add credit' }).waitFor();
  await appliance.addCredit(operator, client.personId, 10 * RATE_MINOR);
  await page.getByRole('dialog', { name: 'Add credit' }).waitFor({ state: 'detached' });
  await alex.press('Restart call');
  await alex.inState('live');
});

t.test('the end on a phone that lies on its side needs no scrolling; the model reads what she earned', async (t) => {
  // Asked the moment the call ends, before its end is written, the appliance says no: it is asked again.
  const tooEarly = { canRate: false, rating: null, issue: null };
  await page.route('**/api/calls/*/rating', (route) => route.fulfill({ json: tooEarly }), { times: 1 });
  await alex.press('Hang up');
  await mia.inState('ended');
  const [line] = (
    await appliance.request<{ calls: { callId: number; earnedMinor: number }[] }>('GET', '/api/calls', {
      cookie: await mia.cookie(),
    })
  ).body.calls;
  await mia.page
    .getByText('You earned')
    .locator('..')
    .getByText(`€${((line?.earnedMinor ?? 0) / 100).toFixed(2)}`)
    .waitFor();
  await page.setViewportSize({ width: PHONE.height, height: PHONE.width });
  for (const name of ['Done', 'Thumb up: the call was fine', 'See the receipt']) {
    const box = await page.getByRole('button', { name }).boundingBox();
    t.ok(box && box.y >= 0 && box.y + box.height <= PHONE.width, `${name} at ${JSON.stringify(box)}`);
  }
  await alex.press('Done');
  await mia.press('Done');
  await page.setViewportSize({ width: 1280, height: 800 });

  await page.goto(`${appliance.url}/calls/${line?.callId}`);
  await alex.press('Thumb up: the call was fine');
  await alex.reads('Thank you. You can change it for a while.');
  await page.goto(appliance.url);
});

t.test('where the browser has no windows above others, the tracker is a pop-up that does the same', async (t) => {
  const context = await browser.newContext({ ignoreHTTPSErrors: true, viewport: { width: 1280, height: 800 } });
  t.teardown(() => context.close());
  await context.grantPermissions(['camera', 'microphone']);
  await context.addInitScript(() => {
    Reflect.deleteProperty(globalThis, 'documentPictureInPicture');
    Object.defineProperty(globalThis, 'documentPictureInPicture', { value: undefined });
  });
  await context.addCookies(await mia.page.context().cookies());
  await mia.page.goto('about:blank');
  const desk = await context.newPage();
  await desk.goto(appliance.url);
  const opened = desk.waitForEvent('popup');
  await desk.getByRole('button', { name: 'Tracker window' }).click();
  const tracker = await opened;
  await tracker.getByText('Waiting for a call').waitFor();
  await alex.press('Call Mia');
  await tracker.getByText('Alex is calling').waitFor();
  await tracker.getByText(/Funded for \d+ minutes/).waitFor();
  await tracker.getByRole('button', { name: 'Accept' }).click();
  await desk.getByRole('button', { name: 'Connect', exact: true, disabled: false }).click();
  await page.getByRole('button', { name: 'Connect', exact: true, disabled: false }).click();
  await tracker.getByText('Charging', { exact: true }).waitFor();
  await tracker.getByText('Charged so far').waitFor();
  const look = await tracker.evaluate(() => {
    const { getComputedStyle, document } = globalThis as unknown as {
      getComputedStyle(of: unknown): { backgroundColor: string };
      document: { body: unknown; title: string };
    };
    return { background: getComputedStyle(document.body).backgroundColor, title: document.title };
  });
  t.match(look, { background: 'rgb(20, 17, 15)', title: 'Tracker' }, 'it has the look of the pages');
  await alex.press('Hang up');
  await tracker.getByText('Alex ended the call').waitFor();
  await desk.getByRole('button', { name: 'Done' }).click();
  await desk.getByRole('button', { name: 'Close the tracker window' }).click();
  if (!tracker.isClosed()) await tracker.waitForEvent('close');
});
