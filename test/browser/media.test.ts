import t from 'tap';
import { findBrowser, launch } from '../../server/cli/demo/browser.ts';
import { CannotShape, ShapedNetwork } from '../../server/cli/demo/shaped-network.ts';
import type { Receipt } from '../../server/contract/index.ts';
import { TestAppliance } from '../support/appliance.ts';
import { BadPath } from '../support/bad-path.ts';
import { goLive, openBrowser, TestPerson } from '../support/browser.ts';

// Real pages behind links of known rates. `npm run bench -- probe` has the statistics.
const RATE_MINOR = 600;
const SLOW_SHOWN_MS_MAX = 20_000;
const BACK_MS_MAX = 10_000;

const network = await ShapedNetwork.open().catch((error: unknown) => {
  if (error instanceof CannotShape) return error.message;
  throw error;
});
if (typeof network === 'string') {
  t.plan(0, network);
  process.exit(0);
}

const appliance = new TestAppliance({
  PARLOUR_MONEY_TARIFF: 'per_second',
  PARLOUR_FRONT_HOST: '0.0.0.0',
  PARLOUR_MEDIA_ADDRESS: network.hostAddress,
});
await appliance.start();
const [shaped, free] = await Promise.all([findBrowser().then((found) => launch(network.wrap(found))), openBrowser()]);
t.teardown(async () => {
  if (!t.passing()) t.comment(appliance.log);
  await Promise.all([shaped.close(), free.close()]);
  await appliance.end();
  await network.closed();
});

const operator = await appliance.becomeOperator();
const mia = await appliance.makePerson(operator, 'model', 'Mia');
const alex = await appliance.makePerson(operator, 'client', 'Alex');
await appliance.addCredit(operator, alex.personId, RATE_MINOR * 30);
const model = await TestPerson.signIn(shaped, mia.linkUrl.replace('localhost', network.hostAddress));
const client = await TestPerson.signIn(free, alex.linkUrl);
await model.takesCalls({ rateMinor: RATE_MINOR, minimumMin: 0 });

async function receiptOf(callId: number): Promise<Receipt> {
  for (;;) {
    const { body } = await appliance.request<Receipt>('GET', `/api/calls/${callId}/receipt`, { cookie: operator });
    if (body.agrees !== null) return body;
  }
}

t.test('the test of the link tells 6, 11, 14 and 30 Mbps apart', async (t) => {
  for (const [mbps, verdict] of [
    [6, 'fail'],
    [11, 'fail'],
    [14, 'pass'],
    [30, 'pass'],
  ] as const) {
    await network.shape(mbps);
    const test = await model.testUplink();
    const numbers = JSON.stringify(test);
    t.equal(test.verdict, verdict, `${mbps} Mbps: ${numbers}`);
    t.ok(test.samples.length >= 2 && test.samples.every(({ receivedPackets }) => receivedPackets > 50), numbers);
    if (verdict === 'fail') t.ok(Math.abs(test.kbps - mbps * 1_000) < mbps * 150, `${test.kbps} of ${mbps} Mbps`);
  }
});

t.test(
  'a call at 11 Mbps: Not charging within 20 s, nothing costs, the call goes on; faster again, Charging',
  async (t) => {
    await network.shape(11);
    const callId = await goLive(client, model, 'Mia');
    const liveAtMs = performance.now();
    await Promise.all([client.meterIs('not_charging'), model.meterIs('not_charging')]);
    t.ok(performance.now() - liveAtMs < SLOW_SHOWN_MS_MAX, `${Math.round(performance.now() - liveAtMs)} ms`);
    await Promise.all(
      [client, model].map(({ page }) => page.getByText('Not charging', { exact: true }).first().waitFor()),
    );
    t.same((await model.view())?.meter?.reasons, ['slow_link']);
    await model.page.getByText('upload 1', { exact: false }).first().waitFor();
    await client.page.getByText('Mia:', { exact: true }).first().waitFor();
    const { unitsCharged, billableMs } = (await client.view())?.meter ?? {};
    await Promise.all([client.pictureMoves(), model.pictureMoves()]);
    t.match((await client.view())?.meter, { unitsCharged, billableMs, state: 'not_charging' }, 'it costs nothing');

    await network.shape(null);
    await Promise.all([client.meterIs('charging'), model.meterIs('charging')]);
    await client.unitsCharged((unitsCharged ?? 0) + 2);
    await client.press('Hang up');
    await model.inState('ended');
    const receipt = await receiptOf(callId);
    const pause = receipt.pauses.find(({ reason }) => reason === 'slow_link');
    t.match(receipt, { agrees: true, outcome: 'client_ended' });
    t.equal(receipt.units.length, Math.max(1, Math.ceil(receipt.billableMs / 1_000)), 'seconds outside the pause only');
    t.ok(pause?.evidence.filter(({ verdict }) => verdict === 'fail').length === 2, 'two slow probes began it');
    t.ok((pause?.evidence.filter(({ verdict }) => verdict === 'pass').length ?? 0) >= 2, 'two fast ones ended it');
    t.ok(pause?.evidence.every(({ kbps, offeredKbps, probeBytes }) => kbps > 0 && offeredKbps > 0 && probeBytes > 0));
  },
);

t.test('SIGSTOP of the media process: both are back with picture in 10 s, and the gap is not charged', async (t) => {
  await client.page.goto(`${appliance.url}/`);
  const callId = await goLive(client, model, 'Mia');
  await client.unitsCharged(2);
  const stoppedAt = Date.now();
  process.kill(appliance.mediaPid, 'SIGSTOP');
  await Promise.all([client.meterIs('not_charging'), model.meterIs('not_charging')]);
  await Promise.all([client.meterIs('charging'), model.meterIs('charging')]);
  await Promise.all([client.pictureMoves(), model.pictureMoves()]);
  const backAt = Date.now();
  t.ok(backAt - stoppedAt < BACK_MS_MAX, `back after ${backAt - stoppedAt} ms`);
  await client.press('Hang up');
  await client.inState('ended');
  const receipt = await receiptOf(callId);
  t.match(receipt, { agrees: true });
  t.equal(receipt.units.length, Math.ceil(receipt.billableMs / 1_000), 'nothing double, no second free');
  const lengthMs = Date.parse(receipt.endedAt as string) - Date.parse(receipt.liveAt as string);
  t.ok(receipt.billableMs < lengthMs - 1_500, `${receipt.billableMs} of ${lengthMs} ms are billable`);
});

t.test('on a way with 100 ms of delay and 2 % loss nothing is taken for a slow link', async (t) => {
  const far = new TestAppliance({
    PARLOUR_FRONT_HOST: '0.0.0.0',
    PARLOUR_MEDIA_PUBLIC_ADDRESS: network.hostAddress,
  });
  await far.start();
  const port = far.mediaPort;
  const lossy = await BadPath.open({ delayMs: 50, lossRatio: 0.02, address: network.hostAddress, port });
  t.teardown(async () => {
    lossy.close();
    await far.end();
  });
  const boss = await far.becomeOperator();
  const eve = await far.makePerson(boss, 'model', 'Eve');
  const page = await TestPerson.signIn(shaped, eve.linkUrl.replace('localhost', network.hostAddress));
  await network.shape(30);
  const test = await page.testUplink();
  t.not(test.verdict, 'fail', JSON.stringify(test));
  t.notOk(
    test.samples.some(({ verdict }) => verdict === 'fail'),
    JSON.stringify(test.samples),
  );
  t.ok(
    test.samples.some(({ receivedPackets }) => receivedPackets > 0),
    'it did connect',
  );
  t.ok((test.rttMs ?? 0) >= 95, `${test.rttMs} ms round trip`);
});
