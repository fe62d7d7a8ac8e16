// The pages of a model as seed A tells of them, on a phone and on a wide screen.
import t from 'tap';
import { TestPerson } from '../support/browser.ts';
import { lookAt } from '../support/looks.ts';
import { TestSocket } from '../support/page-socket.ts';
import { openStudio } from '../support/studio.ts';

const { appliance, browser, operator } = await openStudio(t, { PARLOUR_PEOPLE_LOOKS_MAX: '3' });
const { linkUrl } = await appliance.makePerson(operator, 'model', 'Mia');
const client = await appliance.makePerson(operator, 'client', 'Alex');
await appliance.addCredit(operator, client.personId, 10_000);
const mia = await TestPerson.signIn(browser, linkUrl);
const alex = await TestPerson.signIn(browser, client.linkUrl);
const { page } = mia;
const firstOfNavigation = () =>
  page.getByRole('navigation', { name: 'Main' }).filter({ visible: true }).getByRole('link').first();

t.test('on a wide page, Calls is the first at the left, and the first page after signing in', async (t) => {
  await page.setViewportSize({ width: 1280, height: 800 });
  const link = firstOfNavigation();
  t.equal((await link.textContent())?.trim(), 'Calls');
  t.equal(await link.getAttribute('aria-current'), 'page');
  t.ok(((await link.boundingBox())?.x ?? 999) < 40, 'at the left');
});

t.test('on a phone, Calls is the first of the bar at the bottom, and the first page', async (t) => {
  await page.setViewportSize({ width: 360, height: 740 });
  const link = firstOfNavigation();
  t.equal((await link.textContent())?.trim(), 'Calls');
  t.ok(((await link.boundingBox())?.y ?? 0) > 640, 'at the bottom');
  await page.getByRole('heading', { name: 'Your calls are off' }).waitFor();
  await page.setViewportSize({ width: 1280, height: 800 });
});

t.test('a new model is led to her first call: a password, her price, her calls on', async (t) => {
  await page.getByRole('heading', { name: 'Welcome' }).waitFor();
  await mia.press('Choose a password');
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('New password').fill('my first password');
  await dialog.getByRole('button', { name: 'Set password' }).click();
  await dialog.waitFor({ state: 'detached' });
  t.equal(await page.getByRole('button', { name: 'Choose a password' }).count(), 0, 'that is done');
  await page.getByRole('link', { name: 'Open your profile' }).click();
  await page.getByRole('heading', { name: 'Profile' }).waitFor();
});

t.test('the profile: picture, languages and tags, seen by clients at once', async (t) => {
  await page.goto(`${appliance.url}/profile`);
  const png = Buffer.from(
    'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
    'base64',
  );
  await page.getByLabel('Your picture').setInputFiles({ name: 'me.png', mimeType: 'image/png', buffer: png });
  await page.getByRole('button', { name: 'Change the picture' }).waitFor();
  await page
    .getByLabel('Your picture')
    .setInputFiles({ name: 'x.png', mimeType: 'image/png', buffer: Buffer.from('no') });
  await mia.reads('This is no JPEG, PNG or WebP picture.');
  await page.getByRole('button', { name: 'English' }).click();
  await page.getByLabel('Tags').fill('films, late night');
  await mia.press('Save profile');
  await mia.reads('Profile saved.');
  await alex.reads('late night');
  await alex.reads(/Speaks English/);
  t.ok(await alex.page.locator('main img').first().isVisible());
});

t.test('the device check: camera, microphone, speaker and upload, passed or overridden knowingly', async (t) => {
  await page.goto(`${appliance.url}/`);
  await mia.press('Turn calls on');
  t.equal(await page.getByRole('heading', { name: 'Welcome' }).count(), 0, 'she has set her price');
  const check = page.getByRole('dialog', { name: 'Before you go online' });
  await check.getByRole('heading', { name: /Camera ?: good/ }).waitFor();
  await check.getByRole('heading', { name: /Microphone ?: good/ }).waitFor();
  await check.getByRole('button', { name: 'Turn calls on anyway' }).waitFor();
  t.ok(await check.getByText('Not everything is checked.').isVisible(), 'she is told what she overrides');
  await check.getByRole('button', { name: 'Play a sound' }).click();
  await check.getByRole('button', { name: 'I heard it' }).click();
  await check.getByText('Choose another camera, microphone or speaker').click();
  t.ok((await check.getByLabel('Camera', { exact: true }).locator('option').count()) > 0);
  await check.getByRole('heading', { name: /Your upload ?: (good|not good|not sure)/ }).waitFor();
  await check.getByRole('button', { name: /Go online|Turn calls on anyway/ }).click();
  await page.getByRole('heading', { name: 'Your calls are on' }).waitFor();
  await check.waitFor({ state: 'detached' });
});

t.test('a ring cannot be missed: the whole screen, the title, a notification while the page is hidden', async (t) => {
  await page.context().grantPermissions(['camera', 'microphone', 'notifications']);
  await page.evaluate(() => {
    const told: string[] = [];
    (globalThis as { told?: string[] }).told = told;
    class Notified {
      static permission = 'granted';
      static requestPermission = async () => 'granted';
      constructor(title: string, { body }: { body: string }) {
        told.push(`${title}: ${body}`);
      }
      close() {}
    }
    Object.defineProperty(globalThis, 'Notification', { value: Notified, configurable: true });
    Object.defineProperty((globalThis as unknown as { document: object }).document, 'visibilityState', {
      value: 'hidden',
      configurable: true,
    });
  });
  await mia.page.getByRole('link', { name: 'Account' }).first().click();
  await alex.press('Call Mia');
  await mia.reads('Alex is calling');
  await page.waitForFunction(() =>
    /Alex/.test((globalThis as unknown as { document: { title: string } }).document.title),
  );
  const told = await page.evaluate(() => (globalThis as { told?: string[] }).told);
  t.match(told, [/Alex is calling: Funded for \d+ minutes/]);
  const focused = await page.evaluate(
    () =>
      (globalThis as unknown as { document: { activeElement: { textContent: string } } }).document.activeElement
        .textContent,
  );
  t.equal(focused, 'Accept', 'one key answers it');
});

t.test('the confirmation tells her to give nothing away before both are connected', async () => {
  await mia.press('Accept');
  await mia.reads('Can you see me and hear me OK?');
  await mia.reads('Nothing for free: wait until you are both connected.');
  await alex.reads('Mia connects first. Then you can.');
  await mia.press('Leave');
});

/** What stands in the tracker's own window. */
const trackerSays = (): Promise<string> =>
  page.evaluate(() => {
    const { documentPictureInPicture: own } = globalThis as unknown as {
      documentPictureInPicture?: { window: { document: { body: { textContent: string } } } | null };
    };
    return own?.window?.document.body.textContent ?? '';
  });

async function trackerTells(words: RegExp): Promise<void> {
  await page.waitForFunction(
    (pattern) => {
      const { documentPictureInPicture: own } = globalThis as unknown as {
        documentPictureInPicture?: { window: { document: { body: { textContent: string } } } | null };
      };
      return new RegExp(pattern).test(own?.window?.document.body.textContent ?? '');
    },
    words.source,
    { timeout: 20_000 },
  );
}

/** A press of a button in the tracker's window, which is a document of its own. */
const pressInTracker = (name: string) =>
  page.evaluate((name) => {
    type Button = { textContent: string; click(): void };
    const { documentPictureInPicture: own } = globalThis as unknown as {
      documentPictureInPicture: { window: { document: { querySelectorAll(what: string): Iterable<Button> } } };
    };
    const button = [...own.window.document.querySelectorAll('button')].find((one) => one.textContent.includes(name));
    if (!button) throw new Error(`no button ${name}`);
    button.click();
  }, name);

t.test('the tracker has a window above the others: who calls and whether funded, the meter, the amount', async (t) => {
  await Promise.all([page.goto(`${appliance.url}/`), alex.page.goto(`${appliance.url}/`)]);
  await mia.press('Tracker window');
  await trackerTells(/Waiting for a call/);
  await alex.press('Call Mia');
  await trackerTells(/Alex is calling.*Funded for \d+ minutes.*Accept.*Reject/);
  await pressInTracker('Accept');
  await trackerTells(/Can you see me and hear me OK\?/);
  await Promise.all([alex.pictureMoves(), mia.pictureMoves()]);
  await mia.press('Connect');
  await trackerTells(/Connected/);
  await alex.press('Connect');
  await Promise.all([alex.inState('live'), mia.inState('live')]);
  await trackerTells(/Charging.*Alex.*Charged so far\s*€2\.00.*Time left\s*\d+:\d\d/);
  await page.getByRole('button', { name: 'More', exact: true }).click();
  await page.getByRole('menuitem', { name: 'Stop the meter' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Stop the meter' }).click();
  await trackerTells(/Not charging\s*You stopped the meter for good/);
  await alex.press('Hang up');
  await trackerTells(/Alex ended the call/);
  await mia.press('Done');
  await trackerTells(/Waiting for a call/);
  await mia.press('Close the tracker window');
  t.equal(await trackerSays(), '', 'the window is gone');
});

t.test('without such windows the tracker is a bar on the page', async (t) => {
  const phone = await browser.newContext({
    ignoreHTTPSErrors: true,
    viewport: { width: 360, height: 740 },
    hasTouch: true,
    isMobile: true,
  });
  t.teardown(() => phone.close());
  await phone.addInitScript(() => Object.defineProperty(globalThis, 'documentPictureInPicture', { value: undefined }));
  await phone.addCookies(await page.context().cookies());
  const pocket = await phone.newPage();
  await pocket.goto(`${appliance.url}/`);
  await pocket.getByRole('button', { name: 'Tracker window' }).click();
  await pocket.getByRole('complementary', { name: 'Tracker' }).getByText('Waiting for a call').waitFor();
  await pocket.getByRole('complementary').getByRole('button', { name: 'Close the tracker window' }).click();
  t.equal(await pocket.getByRole('complementary').count(), 0);
});

t.test('a browser that speaks Spanish reads Spanish, dates and amounts too, and can choose English', async (t) => {
  const context = await browser.newContext({ ignoreHTTPSErrors: true, locale: 'es-ES' });
  t.teardown(() => context.close());
  await context.addCookies(await alex.page.context().cookies());
  const ana = await context.newPage();
  await ana.goto(`${appliance.url}/`);
  await ana.getByRole('heading', { name: 'Videollamadas' }).waitFor();
  t.equal(await ana.locator('html').getAttribute('lang'), 'es');
  await ana
    .getByText(/\d+,\d\d\s€ por minuto/)
    .first()
    .waitFor();
  await ana.goto(`${appliance.url}/account`);
  await ana.getByLabel('Idioma de las páginas').selectOption({ label: 'English' });
  await ana.getByRole('heading', { name: 'Account' }).waitFor();
  t.equal(await ana.locator('html').getAttribute('lang'), 'en');
});

t.test('search, favourites and order find somebody among many', async (t) => {
  await appliance.makePerson(operator, 'model', 'Zoe');
  await alex.page.goto(`${appliance.url}/`);
  const names = () =>
    alex.page.getByRole('list', { name: 'People you can call' }).getByRole('heading').allTextContents();
  await alex.page.getByRole('heading', { name: 'Zoe' }).waitFor();
  t.match(await names(), [/Mia/, /Zoe/], 'available first');
  await alex.page.getByLabel('Search by name, tag or language').fill('LATE');
  await alex.page.getByRole('heading', { name: 'Zoe' }).waitFor({ state: 'detached' });
  t.match(await names(), [/Mia/], 'by a tag');
  await alex.page.getByLabel('Search by name, tag or language').fill('');
  await alex.page.getByRole('button', { name: 'Favourite: Zoe' }).click();
  await alex.page.getByRole('button', { name: 'Favourites' }).click();
  await alex.page.getByRole('heading', { name: 'Mia' }).waitFor({ state: 'detached' });
  t.match(await names(), [/Zoe/]);
  await alex.page.getByRole('button', { name: 'Favourites' }).click();
  await alex.page.getByRole('link', { name: 'Mia', exact: true }).click();
  await alex.page.getByRole('heading', { name: 'Mia', level: 1 }).waitFor();
  await alex.page.getByText('€2.00 a minute').waitFor();
  await alex.page.getByRole('heading', { name: 'Your calls with her' }).waitFor();
  t.ok(await alex.page.getByRole('button', { name: 'Call Mia' }).isEnabled());
});

t.test('who has looked three times is a question to her, until she refuses such rings altogether', async (t) => {
  const sockets = await Promise.all([mia, alex].map(async (one) => TestSocket.open(appliance, await one.cookie())));
  const [model, looker] = sockets as [TestSocket, TestSocket];
  const miaId = (await appliance.request<{ personId: number }>('GET', '/api/session', { cookie: await mia.cookie() }))
    .body.personId;
  await page.goto(`${appliance.url}/account`);
  await alex.page.goto(`${appliance.url}/account`);
  for (let look = 0; look < 3; look++) await lookAt(miaId, looker, model);
  for (const socket of sockets) socket.close();
  await page.goto(`${appliance.url}/profile`);
  await alex.page.goto(`${appliance.url}/models/${miaId}`);
  await alex.press('Call Mia');
  await mia.reads(/Alex has looked at you \d times in 24 hours without connecting/);
  t.ok(await page.getByRole('button', { name: 'Take it' }).isVisible());
  await mia.press('Refuse');
  await alex.inState('ended');
  await page.goto(`${appliance.url}/profile`);
  await page.getByText('Refuse the ring').click();
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await mia.reads('Saved.');
  await page.reload();
  t.ok(await page.getByRole('radio', { name: /Refuse the ring/ }).isChecked(), 'it is kept');
  await alex.page.goto(`${appliance.url}/models/${miaId}`);
  await alex.press('Call Mia');
  await alex.reads(/You have looked several times without connecting/);
});
