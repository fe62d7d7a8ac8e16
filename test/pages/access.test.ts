// Every page and state that the tour leads through, in both themes, by axe-core; the paid call in it by keyboard alone.
// Afterwards, with the people of the tour: what they do with accounts and house on the pages.
import t from 'tap';
import { TestAppliance } from '../support/appliance.ts';
import { axeFindings } from '../support/axe.ts';
import { openBrowser, TestPerson } from '../support/browser.ts';
import { type House, TOUR_SETTINGS, tour } from '../support/tour.ts';

const appliance = new TestAppliance(TOUR_SETTINGS);
await appliance.start();
const browser = await openBrowser();
t.teardown(async () => {
  await browser.close();
  await appliance.end();
});
let house: House;

t.test('axe-core finds nothing on any page, in either theme, and a paid call goes by keyboard alone', async (t) => {
  const visited: string[] = [];
  house = await tour(appliance, browser, async (name, page) => {
    visited.push(name);
    t.same(await axeFindings(page), [], name);
  });
  t.ok(visited.length >= 55, `${visited.length} stops`);
  t.ok(visited.includes('call-ended-client'), 'the call went from ring to end');
});

t.test('a device is signed out from another one', async (t) => {
  const { alex, alexId, operator } = house;
  const other = await TestPerson.signIn(browser, await appliance.newLink(operator, alexId));
  await alex.page.goto(`${appliance.url}/account`);
  const line = alex.page.getByRole('listitem').filter({ hasText: 'last seen' });
  await line.getByRole('button', { name: /^Sign out: / }).click();
  await other.reads('Welcome back');
  await alex.page.getByText('Signed out there.').waitFor();
  await line.waitFor({ state: 'detached' });
  t.equal(await alex.page.getByText('This device', { exact: true }).count(), 1);
  await other.page.context().close();
});

t.test('a session that ended while its page was cut off: back on the line, the page asks to sign in', async () => {
  const { alexId, operator } = house;
  const other = await TestPerson.signIn(browser, await appliance.newLink(operator, alexId));
  const cookie = await other.cookie();
  await other.losesConnection();
  await appliance.request('DELETE', '/api/session', { cookie });
  await other.page.context().setOffline(false);
  await other.reads('Welcome back');
  await other.page.context().close();
});

t.test('the operator shuts somebody out, and lets them in again', async (t) => {
  const { boss, mia } = house;
  const { page } = boss;
  await page.goto(`${appliance.url}/operator/people`);
  await page.getByLabel('Find a person').fill('mia');
  const line = page.getByRole('listitem').filter({ hasText: 'Mia' });
  await page.getByRole('listitem').filter({ hasText: 'Ida' }).waitFor({ state: 'detached' });
  await line.getByRole('button', { name: 'More about Mia' }).click();
  await page.getByRole('menuitem', { name: 'Suspend' }).click();
  const dialog = page.getByRole('dialog', { name: 'Suspend Mia?' });
  await dialog.getByRole('button', { name: 'Suspend', exact: true }).click();
  await dialog.getByText('Fill this in.').waitFor();
  await dialog.getByLabel('Reason').fill('Papers are missing');
  await dialog.getByRole('button', { name: 'Suspend', exact: true }).click();
  await mia.reads('Welcome back');
  await line.getByText(/Suspended since .*: Papers are missing/).waitFor();
  await line.getByRole('button', { name: 'More about Mia' }).click();
  await page.getByRole('menuitem', { name: 'Lift the suspension' }).click();
  await line.getByText('Suspended since').waitFor({ state: 'detached' });
  await page.goto(`${appliance.url}/operator/studio/audit`);
  const entries = page.getByRole('main').getByRole('listitem');
  await entries.filter({ hasText: 'lifted the suspension' }).waitFor();
  const shut = entries.filter({ hasText: /Boss · suspended · Mia.*reason: Papers are missing/ });
  t.equal(await shut.count(), 1);
  // Who came in is not among it, and is shown on choice.
  t.equal(await entries.filter({ hasText: 'signed in' }).count(), 0);
  await page.getByLabel('Show', { exact: true }).selectOption('access');
  await entries
    .filter({ hasText: /Mia · signed in.*by: link/ })
    .first()
    .waitFor();
});

t.test('a new settings file is checked before it is used', async () => {
  const { page } = house.boss;
  await page.goto(`${appliance.url}/operator/studio/settings`);
  const text = page.getByLabel('Text of the file');
  await text.fill('[money]\nmodelSharePercent = 101');
  await page.getByRole('button', { name: 'Check it' }).click();
  await page.getByText(/money.modelSharePercent is 101. Allowed: A whole number from 0 to 100./).waitFor();
  await text.fill('[money]\nmodelSharePercent = 70');
  await page.getByRole('button', { name: 'Check it' }).click();
  await page.getByText('money.modelSharePercent: 60 → 70').waitFor();
});

t.test('an account with credit is deleted only when the credit is given up in as many words', async (t) => {
  const { page } = house.alex;
  const cookie = await house.alex.cookie();
  await page.goto(`${appliance.url}/account`);
  await page.getByRole('button', { name: 'Delete your account' }).click();
  const dialog = page.getByRole('dialog', { name: 'Delete your account?' });
  await dialog.getByLabel('Type your user name, alex, to be sure').fill('alex');
  await dialog.getByRole('button', { name: 'Delete for good' }).click();
  await dialog.getByText('Tick this, or keep the account.').waitFor();
  await dialog.getByRole('checkbox', { name: /^I give up €\d+\.\d\d for good\.$/ }).check();
  await dialog.getByRole('button', { name: 'Delete for good' }).click();
  await page.getByRole('heading', { name: 'Welcome back' }).waitFor();
  const answer = await appliance.request('GET', '/api/session', { cookie });
  t.match(answer, { status: 401, body: { code: 'not_signed_in' } }, 'there is no way back');
});
