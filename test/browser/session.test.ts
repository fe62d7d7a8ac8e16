import dgram from 'node:dgram';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import { type Receipt, RING_MS } from '../../server/contract/index.ts';
import { TestAppliance } from '../support/appliance.ts';
import { BadPath } from '../support/bad-path.ts';
import { goLive, openBrowser, TestPerson } from '../support/browser.ts';

// The call over WebTransport between two real pages. Pages come by 127.0.0.2, where a way with loss and delay
// stands before the port of sessions; WebRTC goes to 127.0.0.1 as ever.
const RATE_MINOR = 600;
const PAGES = '127.0.0.2';
/** A session that broke is noticed, and the call on WebRTC, within so long (and its picture there a little later). */
const MOVED_MS_MAX = 6_000;
const BACK_MS_MAX = 10_000;
/** The goal, which may be missed now and then on a machine of two cores that runs both browsers. */
const SOUND_GAP_MS = 200;
const SOUND_GAP_MS_MAX = 500;
/** A busy machine has gaps on a good line, too, and more on a bad one: the goal is judged beyond so many times those. */
const GOOD_LINE_GAPS = 2;
const GOOD_LINE_S = 4;
/** Of a bad line; the minute is `SESSION_TEST_S=60`. */
const BAD_LINE_S = Number(process.env.SESSION_TEST_S ?? 12);

async function freeUdpPort(): Promise<number> {
  const socket = dgram.createSocket('udp4').bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const { port } = socket.address();
  socket.close();
  return port;
}

const port = await freeUdpPort();
const appliance = new TestAppliance({
  PARLOUR_MONEY_TARIFF: 'per_second',
  PARLOUR_FRONT_HOST: '0.0.0.0',
  PARLOUR_MEDIA_TRANSPORT: 'webtransport',
  PARLOUR_MEDIA_WEB_TRANSPORT_PORT: String(port),
});
await appliance.start();
let way = await BadPath.open({ delayMs: 0, lossRatio: 0, address: PAGES, port });
const browser = await openBrowser();
t.teardown(async () => {
  if (!t.passing()) t.comment(appliance.log);
  await browser.close();
  way.close();
  await appliance.end();
});

const operator = await appliance.becomeOperator();
const mia = await appliance.makePerson(operator, 'model', 'Mia');
const alex = await appliance.makePerson(operator, 'client', 'Alex');
await appliance.addCredit(operator, alex.personId, RATE_MINOR * 10);
const signIn = (link: string) => TestPerson.signIn(browser, link.replace('localhost', PAGES));
const model = await signIn(mia.linkUrl);
const client = await signIn(alex.linkUrl);
await model.takesCalls({ rateMinor: RATE_MINOR, minimumMin: 0 });

const receiptOf = async (callId: number): Promise<Receipt> => {
  const giveUpAtMs = performance.now() + RING_MS;
  for (;;) {
    const { body } = await appliance.request<Receipt>('GET', `/api/calls/${callId}/receipt`, { cookie: operator });
    if (body.agrees !== null) return body;
    if (performance.now() > giveUpAtMs) throw new Error('the call was not settled');
  }
};
const both = (act: (person: TestPerson) => Promise<unknown>) => Promise.all([act(client), act(model)]);
const hangUp = async (callId: number): Promise<Receipt> => {
  await client.press('Hang up');
  await model.inState('ended');
  const receipt = await receiptOf(callId);
  await both((person) => person.press('Done'));
  return receipt;
};

t.test('a paid call over WebTransport: picture and sound at both ends, charges by the second', async (t) => {
  const callId = await goLive(client, model, 'Mia');
  await both((person) => person.goesOver('webtransport'));
  await client.unitsCharged(3);
  for (const person of [client, model]) {
    const { audioSamples, audioEnergy } = await person.stats();
    t.ok(audioSamples > 0 && audioEnergy > 0, 'heard');
  }
  const receipt = await hangUp(callId);
  t.equal(receipt.agrees, true);
  t.equal(receipt.units[0]?.billableMs, 1);
  t.ok(receipt.units.length >= 3);
});

t.test('a page that is reloaded comes back over WebTransport', async (t) => {
  const callId = await goLive(client, model, 'Mia');
  await both((person) => person.goesOver('webtransport'));
  await client.page.reload();
  await client.inState('live');
  await both((person) => person.goesOver('webtransport'));
  const receipt = await hangUp(callId);
  t.equal(receipt.agrees, true);
});

t.test(
  'rule 2 of "When the money runs out": nothing passes after what is paid, and goes on when more is there',
  async (t) => {
    const poor = await appliance.makePerson(operator, 'client', 'Robin');
    await appliance.addCredit(operator, poor.personId, RATE_MINOR);
    const bo = await signIn(poor.linkUrl);
    await bo.press('Call Mia');
    await model.press('Accept');
    await Promise.all([bo.goesOver('webtransport'), model.goesOver('webtransport')]);
    await model.press('Connect');
    await bo.press('Connect');
    await bo.inState('live');
    // Rule 6: a minute is the least to begin with; most of it is given away.
    await bo.page.getByRole('button', { name: 'Give a tip' }).first().click();
    await bo.page.getByLabel('Amount').fill('5.40');
    await bo.press('Give €5.40');
    await bo.inState('suspended');
    const suspended = await bo.view();
    t.equal((suspended?.meter?.chargedMinor ?? 0) + (suspended?.tipsMinor ?? 0), RATE_MINOR, 'every cent is used');
    await Promise.all([bo.pictureStops(700), model.pictureStops(700)]);
    t.equal((await bo.view())?.state, 'suspended');
    await appliance.addCredit(operator, poor.personId, RATE_MINOR);
    await bo.press('Restart call');
    await bo.inState('live');
    await Promise.all([bo.pictureMoves(), model.pictureMoves()]);
    await bo.press('Hang up');
    const { callId } = await bo.inState('ended');
    t.equal((await receiptOf(callId)).agrees, true);
    await model.press('Done');
    await bo.page.close();
  },
);

t.test(
  'kill -9 of its process in a live call: both are back with picture, the gap is free, nothing double',
  async (t) => {
    const callId = await goLive(client, model, 'Mia');
    await both((person) => person.goesOver('webtransport'));
    await client.unitsCharged(2);
    const killedAtMs = performance.now();
    process.kill(appliance.sessionsPid, 'SIGKILL');
    await both((person) => person.goesOver('webrtc'));
    t.ok(performance.now() - killedAtMs < BACK_MS_MAX, `${Math.round(performance.now() - killedAtMs)} ms`);
    const receipt = await hangUp(callId);
    t.equal(receipt.agrees, true);
    t.ok(
      receipt.pauses.some(({ reason }) => reason === 'no_media'),
      'the gap is in the receipt',
    );
    t.equal(new Set(receipt.units.map(({ unit }) => unit)).size, receipt.units.length);
  },
);

t.test('UDP that is cut in mid-call: the call goes on over WebRTC', async (t) => {
  const callId = await goLive(client, model, 'Mia');
  await both((person) => person.goesOver('webtransport'));
  const cutAtMs = performance.now();
  way.cut();
  await both((person) => person.goesOver('webrtc'));
  const movedMs = performance.now() - cutAtMs;
  t.ok(movedMs < MOVED_MS_MAX, `${Math.round(movedMs)} ms`);
  t.comment(`moved with picture in ${Math.round(movedMs)} ms`);
  const receipt = await hangUp(callId);
  t.equal(receipt.agrees, true);
  t.equal(receipt.outcome, 'client_ended');
});

/** Gaps in what both hear, from now on. */
async function soundGaps(seconds: number): Promise<{ longestMs: number; usualMs: number }> {
  await sleep(6_000); // gaps of the last 5 s are told: those of before are gone by then
  const gaps: number[] = [];
  for (const until = performance.now() + seconds * 1_000; performance.now() < until; await sleep(500)) {
    for (const person of [client, model]) gaps.push(Math.round((await person.stats()).soundGapMs ?? Number.NaN));
  }
  return { longestMs: Math.max(...gaps), usualMs: gaps.sort((a, b) => a - b)[gaps.length >> 1] as number };
}

t.test('2 % loss and 100 ms of delay: sound goes on, and the picture moves', async (t) => {
  way.close();
  way = await BadPath.open({ delayMs: 0, lossRatio: 0, address: PAGES, port });
  const callId = await goLive(client, model, 'Mia');
  await both((person) => person.goesOver('webtransport'));
  const good = await soundGaps(GOOD_LINE_S);
  // Not from the start: a session whose first packets are lost may miss its 3 s, and the call goes over WebRTC then.
  way.become({ delayMs: 50, lossRatio: 0.02 });
  const bad = await soundGaps(BAD_LINE_S);
  const said = `bad line: longest ${bad.longestMs} ms, usual ${bad.usualMs}; good: ${good.longestMs} and ${good.usualMs}`;
  t.ok(bad.longestMs <= SOUND_GAP_MS_MAX + GOOD_LINE_GAPS * good.longestMs, said);
  t.ok(bad.usualMs <= SOUND_GAP_MS + GOOD_LINE_GAPS * good.usualMs, said);
  t.comment(said);
  await both((person) => person.pictureMoves());
  await both((person) => person.goesOver('webtransport'));
  const receipt = await hangUp(callId);
  t.equal(receipt.agrees, true);
});
