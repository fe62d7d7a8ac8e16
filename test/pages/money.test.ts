import { createHmac } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import type { Download, Page } from 'playwright-core';
import t from 'tap';
import { axeFindings } from '../support/axe.ts';
import { goLive, TestPerson } from '../support/browser.ts';
import { readQrOf, writeQrVideo } from '../support/qr-video.ts';
import { temporaryFolder } from '../support/store.ts';
import { openStudio } from '../support/studio.ts';

// The pages of money as their people use them: by role and label, in a real browser, on a real appliance.

const WAIT_MS_MAX = 15_000;
const SECRET = 'a-secret-of-at-least-thirty-two-characters';
const folder = temporaryFolder('film');
const film = path.join(folder, 'camera.y4m');
writeQrVideo(film, 'https://example.org/something-else');
const settings = {
  PARLOUR_PAYMENTS_WEBHOOK_SECRET: SECRET,
  PARLOUR_PAYMENTS_PAYOUT_SECOND_APPROVAL_MINOR: '100',
};
const {
  appliance,
  browser,
  operator: bossCookie,
} = await openStudio(t, settings, `--use-file-for-fake-video-capture=${film}`);
t.teardown(() => fs.rmSync(folder, { recursive: true, force: true }));
const mia = await appliance.makePerson(bossCookie, 'model', 'Mia');
const alex = await appliance.makePerson(bossCookie, 'client', 'Alex');
const boss = await TestPerson.signIn(browser, await appliance.linkAtMachine(1));
const { personId: secondId } = await appliance.makeOperator('Second');
const model = await TestPerson.signIn(browser, mia.linkUrl);
const client = await TestPerson.signIn(browser, alex.linkUrl);
for (const { page } of [boss, model, client]) page.setDefaultTimeout(WAIT_MS_MAX);

/** One of several, by the words on it: the radio button itself is not painted. */
const choose = (page: Page, words: string) =>
  page
    .locator('label')
    .filter({ has: page.getByRole('radio', { name: words, exact: true }) })
    .click();
const contentOf = async (download: Download) => fs.readFileSync(await download.path(), 'utf8');
const csvOf = async (page: Page) => {
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('link', { name: 'Download as CSV' }).click(),
  ]);
  return contentOf(download);
};
let codes: string[] = [];

t.test('the operator makes vouchers, and prints them with a QR code each', async (t) => {
  const page = await boss.opens('/operator/money/vouchers', 'Money');
  await page.getByRole('button', { name: 'Make vouchers' }).first().click();
  await page.getByLabel('How many', { exact: true }).fill('3');
  await page.getByLabel('Worth each').fill('20');
  await page.getByLabel('Name of the batch').fill('Kiosk');
  t.same(await axeFindings(page), [], 'the dialog');
  await page.getByRole('button', { name: 'Make them' }).click();
  const list = page.getByRole('region', { name: 'Codes' }).getByRole('listitem');
  await list.first().waitFor();
  codes = await list.allTextContents();
  t.equal(codes.length, 3);
  t.same(await axeFindings(page), [], 'the codes');

  const sheet = page.getByRole('list', { name: 'Vouchers to print' });
  await page.emulateMedia({ media: 'print' });
  t.match(await sheet.getByRole('listitem').count(), 3);
  t.match(await sheet.getByRole('listitem').first().textContent(), new RegExp(`Parlour.*€20\\.00.*${codes[0]}`));
  const qr = sheet.getByRole('img', { name: `QR code of the voucher that ends in ${codes[1]?.slice(-5)}` });
  t.equal(await readQrOf(qr), `${appliance.url}/wallet#${codes[1]}`);
  t.notOk(
    await page.getByRole('navigation', { name: 'Main' }).first().isVisible(),
    'nothing but the tickets is printed',
  );
  await page.emulateMedia({ media: 'screen' });
  await page.getByRole('button', { name: 'I have kept them' }).click();
  await page.getByRole('button', { name: 'Yes, close them' }).click();
  await page.getByRole('link', { name: 'Kiosk' }).waitFor();
});

t.test('the client types a code, and every page of theirs shows the credit at once', async (t) => {
  const other = await client.page.context().newPage();
  await other.goto(`${appliance.url}/history`);
  await other.getByText('No money has moved yet').waitFor();
  const page = await client.opens('/wallet', 'Wallet');
  await page.getByLabel('Voucher code').fill('7K3QF');
  await page.getByRole('button', { name: 'Use voucher' }).click();
  await page.getByText('not complete or has a typing error').waitFor();
  t.same(await axeFindings(page), [], 'the wallet with a mistake');
  await page.getByLabel('Voucher code').fill((codes[0] as string).toLowerCase().replaceAll('-', ' '));
  await page.getByRole('button', { name: 'Use voucher' }).click();
  await page.getByText('€20.00 added. Your credit is now €20.00.').waitFor();
  await other.getByText('Voucher', { exact: true }).waitFor();
  await other.close();
});

t.test('the client scans a printed code: what the camera sees is named, and no camera is, too', async (t) => {
  const { page } = client;
  const dialog = page.getByRole('dialog', { name: 'Scan a voucher' });
  const scan = () => page.getByRole('button', { name: 'Scan a code' }).click();
  /** The real camera, or one that never answers, or answers with an error of this name. */
  const camera = (answer: string) =>
    page.evaluate(`(() => {
      if (${answer === 'real'}) return void delete navigator.mediaDevices.getUserMedia;
      navigator.mediaDevices.getUserMedia = () =>
        ${answer === 'silent'} ? new Promise(() => {}) : Promise.reject(new DOMException('no', '${answer}'));
    })()`);
  await camera('silent');
  await scan();
  await dialog.getByText('May the camera be used?').waitFor();
  await page.keyboard.press('Escape');
  for (const [name, words] of [
    ['NotAllowedError', 'The camera is blocked'],
    ['NotFoundError', 'No camera was found'],
    ['NotReadableError', 'Another program holds the camera'],
  ] as const) {
    await camera(name);
    await scan();
    await dialog.getByText(words).waitFor();
    t.same(name === 'NotAllowedError' ? await axeFindings(page) : [], [], name);
    if (name !== 'NotReadableError') await page.keyboard.press('Escape');
  }
  await camera('real');
  await dialog.getByRole('button', { name: 'Try again' }).click();
  await dialog.getByText('This is not a Parlour code').waitFor();
  t.same(await axeFindings(page), [], 'a foreign code');
  await page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'detached' });
  writeQrVideo(film, `${appliance.url}/wallet#${codes[1]}`);
  await scan();
  await dialog.waitFor({ state: 'detached' });
  t.equal(await page.getByLabel('Voucher code').inputValue(), codes[1]);
  await page.getByRole('button', { name: 'Use voucher' }).click();
  await page.getByText('Your credit is now €40.00.').waitFor();
});

t.test("a phone's camera opens the address: the code waits until its holder has signed in", async (t) => {
  const context = await browser.newContext({ ignoreHTTPSErrors: true, viewport: { width: 390, height: 800 } });
  const page = await context.newPage();
  await page.goto(`${appliance.url}/wallet#${codes[2]}`);
  await page.getByRole('button', { name: 'Sign in' }).waitFor();
  t.notMatch(page.url(), codes[2] as string);
  await page.goto('about:blank'); // the link is opened from a message, not typed over the address
  await page.goto(await appliance.newLink(bossCookie, alex.personId));
  await page.getByLabel('Voucher code').waitFor();
  t.equal(await page.getByLabel('Voucher code').inputValue(), codes[2]);
  t.same(await axeFindings(page), [], 'the wallet on a phone');
  await context.close();
});

t.test('the batch shows which codes are used, and ends what is open', async (t) => {
  const { page } = boss;
  await page.getByRole('link', { name: 'Kiosk' }).click();
  await page.getByText('Used', { exact: true }).nth(2).waitFor(); // the choice and two vouchers
  await choose(page, 'Open');
  await page.getByText(`…${codes[2]?.slice(-5)}`).waitFor();
  await page.getByRole('button', { name: 'End all that are open' }).click();
  await page.getByRole('button', { name: 'End for good' }).click();
  await page.getByText('No voucher of this batch is in this state.').waitFor();
  await choose(page, 'All');
  await page.getByText(`…${codes[2]?.slice(-5)}`).waitFor();
  t.same(await axeFindings(page), [], 'the batch');
});

t.test('a call is paid, and the model gives it back: the client sees it without a reload', async (t) => {
  const profile = { rateMinor: 500, minimumMin: 0, about: '', languages: [], tags: [] };
  const cookie = await appliance.signIn(await appliance.newLink(bossCookie, mia.personId));
  const put = (url: string, body: object) => appliance.request('PUT', url, { cookie, body });
  t.match(await put('/api/profile', profile), { status: 200 });
  await put('/api/availability', { hours: 1 });
  await model.opens('/', 'Calls');
  await client.opens('/', 'Video calls');
  const callId = await goLive(client, model, 'Mia');
  await client.unitsCharged(1);
  await client.press('Hang up');
  await model.inState('ended');
  const theirs = await client.opens(`/calls/${callId}`, 'Receipt');
  await theirs.getByText('Receipt, ledger and meter log agree to the unit.').waitFor();
  const page = await model.opens(`/calls/${callId}`, 'Receipt');
  await page.getByText('Your share', { exact: true }).waitFor();
  await page.getByRole('button', { name: 'Refund', exact: true }).click();
  await page.getByLabel('Reason').fill('The picture froze');
  t.same(await axeFindings(page), [], 'the refund');
  await page.getByRole('button', { name: 'Go on' }).click();
  await page.getByRole('button', { name: 'Refund €5.00' }).click();
  await theirs.getByText('The picture froze').waitFor();
  await theirs.getByText('Remains paid').waitFor();
  t.same(await axeFindings(theirs), [], 'the receipt of the client');
  await boss.opens(`/calls/${callId}`, 'Receipt');
  await boss.page.getByText('Remains charged to the client').waitFor();
  await boss.page.getByText('The studio’s share').waitFor();
  t.same(await axeFindings(boss.page), [], 'the receipt of the operator');
  await client.opens('/history', 'History');
  await theirs.getByText('refunded in full, €5.00').waitFor();
});

t.test('the history by kind, and as a file', async (t) => {
  const { page } = client;
  await page.getByRole('button', { name: 'Credit', exact: true }).click();
  const money = page.getByRole('region', { name: 'Money' }).or(page.locator('main'));
  await money.getByText('Voucher', { exact: true }).nth(1).waitFor();
  t.equal(await page.getByText('Call: charge 1').count(), 0);
  t.match((await csvOf(page)).trim().split('\r\n').length, 3, 'the head and two vouchers');
  await page.getByRole('button', { name: 'Calls', exact: true }).click();
  await page.getByText('Call: charge 1').waitFor();
  t.same(await axeFindings(page), [], 'the history');
});

t.test('the operator corrects a balance, gives credit and makes another client', async (t) => {
  const page = await boss.opens('/operator/people', 'People');
  await page.getByRole('button', { name: 'More about Mia' }).click();
  await page.getByRole('menuitem', { name: 'Correct the balance' }).click();
  await page.getByLabel('Amount').fill('30');
  await page.getByLabel('Reason').fill('Brought along');
  await page.getByRole('button', { name: 'Go on' }).click();
  await page.getByRole('button', { name: 'Make the correction' }).click();
  await page.getByText('Mia now has €30.00.').waitFor();
  await page.getByRole('button', { name: 'Give credit to Alex' }).click();
  await page.getByRole('button', { name: 'Give credit', exact: true }).last().click();
  await page.getByText('Fill this in.').waitFor();
  await page.getByLabel('Amount').fill('1.50');
  t.same(await axeFindings(page), [], 'giving credit');
  await page.getByRole('button', { name: 'Give credit', exact: true }).last().click();
  await page.getByText('Alex now has €41.50.').waitFor();
  await page.getByRole('button', { name: 'Add a person' }).click();
  await page.getByText('with the command parlour user make operator').waitFor();
  t.equal(await page.getByRole('dialog').getByRole('radio').count(), 2, 'nobody makes an operator here');
  await page.getByLabel('Name', { exact: true }).fill('Another');
  await page.getByRole('button', { name: 'Add', exact: true }).click();
  await page.getByLabel('Sign-in link', { exact: true }).waitFor();
  t.same(await axeFindings(page), [], 'the link');
  await page.getByRole('button', { name: 'Done' }).click();
});

t.test('the operator gives a model a share of her own, and takes it back', async (t) => {
  const page = await boss.opens('/operator/people', 'People');
  const share = async () => {
    await page.getByRole('button', { name: 'More about Mia' }).click();
    await page.getByRole('menuitem', { name: 'Share' }).click();
    return page.getByRole('dialog', { name: 'Share of Mia' });
  };
  const dialog = await share();
  await dialog.getByText('A share of their own').click();
  await dialog.getByLabel('Share in per cent').fill('130');
  await dialog.getByRole('button', { name: 'Save the share' }).click();
  await dialog.getByText('A whole number from 0 to 100.').waitFor();
  t.same(await axeFindings(page), [], 'the share');
  await dialog.getByLabel('Share in per cent').fill('75');
  await dialog.getByRole('button', { name: 'Save the share' }).click();
  await dialog.waitFor({ state: 'detached' });
  await page.getByText('75 % share').waitFor();
  const earnings = await model.opens('/earnings', 'Earnings');
  await earnings.getByText('You receive 75 % of what is charged.').waitFor();
  const again = await share();
  t.equal(await again.getByLabel('Share in per cent').inputValue(), '75');
  await again.getByText('As the settings have it for all models.').click();
  await again.getByRole('button', { name: 'Save the share' }).click();
  await page.getByText('75 % share').waitFor({ state: 'detached' });
});

t.test('a payout: asked for, approved by two, paid; each sees each step at once', async (t) => {
  const page = await model.opens('/earnings', 'Earnings');
  const desk = await boss.opens('/operator/money/payouts', 'Money');
  await page.getByRole('button', { name: 'Ask for a payout' }).click();
  await page.getByLabel('Amount').fill('25');
  await page.getByLabel('Where to').fill('DE00 1234');
  t.same(await axeFindings(page), [], 'asking');
  await page.getByRole('button', { name: 'Ask for €25.00' }).click();
  const approve = { name: 'Approve the payout of €25.00 to Mia' };
  await desk.getByRole('button', approve).click();
  await desk.getByRole('dialog').getByRole('button', { name: 'Approve', exact: true }).click();
  await desk.getByText('1 of 2 approvals').waitFor();
  await page.getByText('First approval').waitFor();
  const second = await TestPerson.signIn(browser, await appliance.linkAtMachine(secondId));
  await second.opens('/operator/money/payouts', 'Money');
  await second.page.getByRole('button', approve).click();
  await second.page.getByRole('dialog').getByRole('button', { name: 'Approve', exact: true }).click();
  await desk.getByRole('button', { name: 'Mark the payout of €25.00 to Mia as paid' }).click();
  await desk.getByLabel('Reference of the transfer').fill('SEPA 17');
  t.same(await axeFindings(desk), [], 'marking as paid');
  await desk.getByRole('dialog').getByRole('button', { name: 'Mark as paid' }).click();
  await page.getByText('SEPA 17').waitFor();
  await second.page.getByText('SEPA 17').waitFor();
  t.match(await csvOf(desk), /,Mia,25\.00,EUR,DE00 1234,paid,Boss and Second/);
  t.same(await axeFindings(page), [], 'the earnings');
  t.same(await axeFindings(desk), [], 'the payouts');
  await second.page.context().close();
});

t.test('a payment through a provider shows by itself; what needs an operator is settled with a note', async (t) => {
  const page = await boss.opens('/operator/money/payments', 'Money');
  await page.getByText('No payments yet').waitFor();
  const pay = async (amountMinor: number) => {
    const body = { id: 'card-1', state: 'settled', amountMinor, currency: 'EUR', username: 'alex' };
    const at = Math.floor(Date.now() / 1_000);
    const v1 = createHmac('sha256', SECRET)
      .update(`${at}.${JSON.stringify(body)}`)
      .digest('hex');
    const headers = { 'Parlour-Signature': `t=${at},v1=${v1}` };
    t.match(await appliance.request('POST', '/api/webhooks/payment', { body, headers }), { status: 200 });
  };
  await pay(700);
  await page.getByText('€7.00').waitFor();
  await pay(900);
  await page.getByText('it came again with 900 instead of 700').waitFor();
  t.same(await axeFindings(page), [], 'a payment in trouble');
  await page.getByRole('button', { name: 'Settle the trouble of payment 1' }).click();
  await page.getByLabel('What you found').fill('The provider was wrong');
  await page.getByRole('button', { name: 'Settle it' }).click();
  await page.getByText('it came again with 900').waitFor({ state: 'detached' });
  await choose(page, 'Expired');
  await page.getByText('No payments yet').waitFor();
  t.same(await axeFindings(page), [], 'the payments');
});

t.test('the reports: plot, table and file say the same', async (t) => {
  const page = await boss.opens('/operator/money', 'Money');
  const plot = page.getByRole('figure', { name: /Turnover and the studio’s share/ });
  await plot.locator('canvas').waitFor();
  const drawn = await plot.locator('canvas').evaluate((canvas: unknown) => {
    type Canvas = { width: number; height: number; getContext(kind: '2d'): Context };
    type Context = { getImageData(x: number, y: number, width: number, height: number): { data: Uint8Array } };
    const { width, height } = canvas as Canvas;
    const { data } = (canvas as Canvas).getContext('2d').getImageData(0, 0, width, height);
    return data.some((value) => value !== 0);
  });
  t.ok(drawn, 'something is plotted');
  await choose(page, 'Client');
  const row = page.getByRole('row', { name: /Alex/ });
  await row.waitFor();
  const csv = await csvOf(page);
  t.match(csv, /^client,calls,turnover,models,studio,refunds,credit,/);
  const line = csv.split('\r\n').find((one) => one.startsWith('Alex,')) as string;
  t.match(line, /^Alex,1,0\.00,0\.00,0\.00,5\.00,48\.50,/, 'one call, given back; two vouchers, cash and a card');
  t.match(await row.textContent(), /€5\.00.*€48\.50/);
  t.same(await axeFindings(page), [], 'the reports');
  const client = (await boss.opens(`/history?personId=${alex.personId}`, 'History of Alex')).getByText('€48.50');
  await client.first().waitFor();
});

t.test('the money of one among many is found, of one who has left the house, and of nobody', async (t) => {
  for (let index = 0; index < 60; index += 1) await appliance.makePerson(bossCookie, 'client', `Guest${index}`);
  await boss.opens(`/history?personId=${alex.personId}`, 'History of Alex');
  const gone = await appliance.makePerson(bossCookie, 'client', 'Gone');
  const cookie = await appliance.signIn(gone.linkUrl);
  const body = { key: 'key-of-one-who-leaves', username: 'gone', giveUpMinor: 0 };
  t.equal((await appliance.request('POST', '/api/account/deletion', { cookie, body })).status, 200);
  const { page } = boss;
  await page.goto(`${appliance.url}/history?personId=${gone.personId}`);
  await page.getByRole('heading', { name: /^History of / }).waitFor();
  await page.goto(`${appliance.url}/history?personId=nobody`);
  await page.getByText('There is no such person.').waitFor();
});
