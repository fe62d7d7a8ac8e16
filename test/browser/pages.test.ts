// The pages of a model as seed A tells of them, on a phone and on a wide screen.
import t from 'tap';
import { TestAppliance } from '../support/appliance.ts';
import { openBrowser, TestPerson } from '../support/browser.ts';

const appliance = new TestAppliance();
await appliance.start();
const browser = await openBrowser();
t.teardown(async () => {
  await browser.close();
  await appliance.end();
});
const operator = await appliance.becomeOperator();
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
  const check = page.getByRole('dialog', { name: 'Before you go online' });
  await check.getByRole('heading', { name: /Camera ?: good/ }).waitFor();
  await check.getByRole('heading', { name: /Microphone ?: good/ }).waitFor();
  await check.getByRole('button', { name: 'Turn calls on anyway' }).waitFor();
  t.ok(await check.getByText('Not everything is checked.').isVisible(), 'she is told what she overrides');
  await check.getByRole('button', { name: 'I heard it' }).click();
  await check.getByText('Camera, microphone, speaker').click();
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
