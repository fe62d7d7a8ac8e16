import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import t from 'tap';
import type { DataExport } from '../../server/contract/index.ts';
import { axeFindings } from '../support/axe.ts';
import { goLive, TestPerson } from '../support/browser.ts';
import { temporaryFolder } from '../support/store.ts';
import { openStudio } from '../support/studio.ts';

// Two real pages, real media, a real database. The tariff is per second, so that a unit's end is never far.
const RATE_MINOR = 600;
const SECOND_MINOR = RATE_MINOR / 60;
const COMMAND = path.resolve(import.meta.dirname, '../../dist/server/parlour.mjs');

const { appliance, browser, operator } = await openStudio(t, { PARLOUR_MONEY_TARIFF: 'per_second' });
const mia = await appliance.makePerson(operator, 'model', 'Mia');
const alex = await appliance.makePerson(operator, 'client', 'Alex');
await appliance.addCredit(operator, alex.personId, RATE_MINOR * 10);
const model = await TestPerson.signIn(browser, mia.linkUrl);
const client = await TestPerson.signIn(browser, alex.linkUrl);

const receiptOf = (callId: number) => appliance.receipt(operator, callId);
const balance = () => appliance.balance(operator, alex.personId);

t.test('the model turns her calls on and sets her price in her page', async () => {
  const { page } = model;
  await page.getByRole('link', { name: 'Profile' }).first().click();
  await page.getByLabel('Price a minute').fill('6.00');
  await page.getByLabel('Minimum call time, in minutes').fill('0');
  await model.press('Save profile');
  await page.getByText('Profile saved.').waitFor();
  await page.getByRole('link', { name: 'Calls', exact: true }).first().click();
  await model.press('Turn calls on');
  await page
    .getByRole('dialog')
    .getByRole('button', { name: /Go online|Turn calls on anyway/ })
    .click();
  await client.page.getByRole('button', { name: 'Call Mia', exact: true, disabled: false }).waitFor();
  await client.page.getByText('€6.00').first().waitFor();
});

t.test('a paid call from ring to receipt: picture and sound at both ends, charges by the second', async (t) => {
  const before = await balance();
  const callId = await goLive(client, model, 'Mia');
  await client.unitsCharged(3);
  await Promise.all([client.pictureMoves(), model.pictureMoves()]);
  for (const person of [client, model]) {
    const { audioSamples, audioEnergy } = await person.stats();
    t.ok(audioSamples > 0 && audioEnergy > 0, 'heard');
  }
  await client.press('Hang up');
  await model.inState('ended');
  const receipt = await receiptOf(callId);
  t.match(receipt, { outcome: 'client_ended', agrees: true, rateMinor: RATE_MINOR });
  t.same(
    receipt.units.map((unit) => unit.unit),
    receipt.units.map((_, index) => index + 1),
  );
  t.ok(
    receipt.units.every((unit) => unit.billableMs === (unit.unit - 1) * 1_000 + 1),
    'rule 3: each when it began',
  );
  t.equal(receipt.units.length, Math.ceil(receipt.billableMs / 1_000), 'as many as were begun');
  t.equal(await balance(), before - receipt.chargedMinor);
  t.equal(receipt.earnedMinor, receipt.units.length * Math.floor(SECOND_MINOR * 0.6));
});

t.test('whoever was in the call downloads its files, and a program without the appliance checks them', async (t) => {
  const { page } = model;
  await page.goto(`${appliance.url}/history`);
  await page
    .getByRole('link', { name: /^Receipt of the call with Alex/ })
    .first()
    .click();
  await page.getByText('Receipt, ledger and meter log agree to the unit.').waitFor();
  const folder = temporaryFolder('downloads');
  t.teardown(() => fs.rmSync(folder, { recursive: true }));
  const names: string[] = [];
  for (const link of ['Meter log (JSON)', 'Receipt (JSON)', 'Program']) {
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('link', { name: link, exact: true }).click(),
    ]);
    names.push(download.suggestedFilename());
    await download.saveAs(path.join(folder, download.suggestedFilename()));
  }
  const [log, receipt, program] = names as [string, string, string];
  const checked = spawnSync(process.execPath, [program, log, receipt], { cwd: folder, encoding: 'utf8' });
  t.match(checked, { status: 0, stdout: /agrees to the unit/ }, checked.stderr);
  const callId = /^parlour-call-(\d+)-log\.json$/.exec(log)?.[1];

  const parlour = (...args: string[]) =>
    spawnSync(process.execPath, [COMMAND, ...args], {
      encoding: 'utf8',
      env: { PATH: process.env.PATH ?? '', PARLOUR_DATA: appliance.data },
    });
  t.match(parlour('receipt', 'verify', `${callId}`), { status: 0, stdout: /agrees to the unit: \d+ units/ });
  t.match(parlour('receipt', 'verify', '--all'), { status: 0, stdout: /checked 1, open 0, disagreeing 0/ });
  t.match(JSON.parse(parlour('receipt', 'verify', '--all', '--json').stdout), {
    checked: 1,
    disagreeing: 0,
    calls: [],
  });
  t.match(parlour('receipt', 'verify', '99999'), { status: 1, stderr: /There is no such call/ });
  t.match(parlour('receipt', 'verify', 'x'), { status: 1, stderr: /Allowed is the number of a call/ });
  t.match(parlour('receipt', 'verify'), { stderr: /Name one call, or say --all/ });

  const { body } = await appliance.request<DataExport>('GET', '/api/export', { cookie: await client.cookie() });
  t.equal(body.callFiles.length, 1);
  t.equal(body.callFiles[0]?.receipt?.receipt.callId, Number(callId));
  t.ok(body.callFiles[0]?.log?.lines.some(({ kind }) => kind === 'started'));
  const other = await appliance.signIn((await appliance.makePerson(operator, 'client', 'Eve')).linkUrl);
  for (const file of ['receipt.json', 'log.json'])
    t.match(await appliance.request('GET', `/api/calls/${callId}/${file}`, { cookie: other }), { status: 404 });
});

t.test('a reload in the call: back in it with picture, and the gap is not charged', async (t) => {
  await client.page.goto(`${appliance.url}/`);
  const callId = await goLive(client, model, 'Mia');
  await client.unitsCharged(1);
  await client.page.reload();
  await model.meterIs('not_charging');
  await client.inState('live');
  await Promise.all([client.pictureMoves(), model.pictureMoves()]);
  await Promise.all([client.meterIs('charging'), model.meterIs('charging')]);
  await model.press('Hang up');
  await client.inState('ended');
  const receipt = await receiptOf(callId);
  t.match(receipt, { outcome: 'model_ended', agrees: true });
  t.ok(receipt.pauses.some((pause) => pause.reason === 'client_reconnecting' && pause.to !== null));
});

t.test('the kill of everything in mid-call: found again, nothing lost, nothing double, the gap free', async (t) => {
  await client.page.goto(`${appliance.url}/`);
  const callId = await goLive(client, model, 'Mia');
  await client.unitsCharged(2);
  const acknowledged = (await client.view())?.meter?.unitsCharged as number;
  const seq = (await client.view())?.seq as number;
  await appliance.killTree();
  const killedAt = Date.now();
  await appliance.start();
  const upAt = Date.now();
  await Promise.all([client.hearsOfCall(seq), model.hearsOfCall(seq)]);
  await Promise.all([client.meterIs('charging'), model.meterIs('charging')]);
  await Promise.all([client.pictureMoves(), model.pictureMoves()]);
  await client.press('Hang up');
  await client.inState('ended');
  const receipt = await receiptOf(callId);
  t.match(receipt, { outcome: 'client_ended', agrees: true });
  t.ok(receipt.units.length >= acknowledged, 'what was shown as paid is there');
  t.equal(new Set(receipt.units.map((unit) => unit.unit)).size, receipt.units.length);
  const down = receipt.units.filter(({ at }) => Date.parse(at) > killedAt && Date.parse(at) < upAt);
  t.same(down, [], 'nothing was charged while it was down');
  const liveMs = Date.parse(receipt.endedAt as string) - Date.parse(receipt.liveAt as string);
  t.ok(receipt.billableMs <= liveMs - (upAt - killedAt), `billable: ${receipt.billableMs} of ${liveMs} ms`);
  t.match((await appliance.request('GET', '/api/studio', { cookie: operator })).body, {
    ledgerBalanced: true,
    disagreements: [],
  });
});

t.test('the kill of the media process: both are back in the call with picture, the gap is not charged', async (t) => {
  await client.page.goto(`${appliance.url}/`);
  const callId = await goLive(client, model, 'Mia');
  await client.unitsCharged(1);
  appliance.killMedia();
  await Promise.all([client.meterIs('not_charging'), model.meterIs('not_charging')]);
  await Promise.all([client.meterIs('charging'), model.meterIs('charging')]);
  await Promise.all([client.pictureMoves(), model.pictureMoves()]);
  await client.press('Hang up');
  await client.inState('ended');
  const receipt = await receiptOf(callId);
  t.match(receipt, { outcome: 'client_ended', agrees: true });
  t.ok(receipt.pauses.some((pause) => pause.reason === 'appliance_reconnecting' && pause.to !== null));
});

t.test('the kill of the database: media stops on what is paid, and goes on when the ledger answers', async (t) => {
  await client.page.goto(`${appliance.url}/`);
  const callId = await goLive(client, model, 'Mia');
  await client.unitsCharged(1);
  const seq = (await client.view())?.seq as number;
  appliance.killDatabase();
  await client.hearsOfCall(seq);
  const before = (await client.view())?.meter?.unitsCharged as number;
  await client.unitsCharged(before + 2);
  await Promise.all([client.pictureMoves(), model.pictureMoves()]);
  await client.press('Hang up');
  await client.inState('ended');
  const receipt = await receiptOf(callId);
  t.match(receipt, { outcome: 'client_ended', agrees: true });
  t.equal(receipt.units.length, Math.ceil(receipt.billableMs / 1_000), 'no second free, none paid twice');
});

t.test('with main stopped, media stops by itself at the end of the paid time', async (t) => {
  await client.page.goto(`${appliance.url}/`);
  const callId = await goLive(client, model, 'Mia');
  await client.unitsCharged(1);
  const stoppedAt = Date.now();
  appliance.signal('SIGSTOP');
  const [atClient, atModel] = await Promise.all([client.pictureStops(1_000), model.pictureStops(1_000)]);
  appliance.signal('SIGCONT');
  // Paid is the second that runs, and at most the one after it, which is posted ahead (charging rule 4).
  for (const at of [atClient, atModel]) t.ok(at - stoppedAt < 2_000 + 300, `${Math.round(at - stoppedAt)} ms`);
  await client.inState('live');
  await Promise.all([client.pictureMoves(), model.pictureMoves()]);
  await client.press('Hang up');
  await client.inState('ended');
  t.match(await receiptOf(callId), { agrees: true });
});

t.test('out of credit: media stops, grace shows, the operator adds credit, the client restarts', async (t) => {
  await client.page.goto(`${appliance.url}/`);
  const poor = await appliance.makePerson(operator, 'client', 'Pat');
  await appliance.addCredit(operator, poor.personId, RATE_MINOR);
  const pat = await TestPerson.signIn(browser, poor.linkUrl);
  const callId = await goLive(pat, model, 'Mia');
  await pat.page.getByText(/left/i).first().waitFor();
  t.match((await pat.view())?.meter, { isLow: true }, 'the red block: less than two minutes');
  const takenMinor = await appliance.leaveCredit(operator, poor.personId, SECOND_MINOR);
  await pat.inState('suspended');
  await Promise.all([pat.pictureStops(700), model.pictureStops(700)]);
  const paidMs = ((RATE_MINOR - takenMinor) / SECOND_MINOR) * 1_000;
  t.match((await model.view())?.meter, { state: 'suspended', billableMs: paidMs }, 'to the end of what is paid');
  t.ok(await pat.page.getByRole('button', { name: 'Restart call' }).isDisabled(), 'nothing to restart on');
  for (const { page } of [pat, model]) t.same(await axeFindings(page), [], 'the grace is for everybody');
  await appliance.addCredit(operator, poor.personId, RATE_MINOR);
  await pat.press('Restart call');
  await pat.inState('live');
  await Promise.all([pat.pictureMoves(), model.pictureMoves()]);
  await pat.press('Hang up');
  await model.inState('ended');
  const receipt = await receiptOf(callId);
  t.match(receipt, { outcome: 'client_ended', agrees: true });
  t.ok(receipt.pauses.some((pause) => pause.reason === 'out_of_funds'));
});
