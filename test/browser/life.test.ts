// Seed A and B as two or three people live them, in real pages with real media.
import t from 'tap';
import type { CallView } from '../../server/contract/index.ts';
import { goLive, TestPerson } from '../support/browser.ts';
import { openStudio } from '../support/studio.ts';

const RATE_MINOR = 600;
const SECOND_MINOR = RATE_MINOR / 60;
const GRACE_MS = 6_000;
/** At 30 pictures a second, two seconds; on a busy machine more. */
const FRAMES_OF_SECONDS = 60;

const { appliance, browser, operator } = await openStudio(t, {
  PARLOUR_MONEY_TARIFF: 'per_second',
  PARLOUR_METER_GRACE_MS: String(GRACE_MS),
});
const make = async (role: 'model' | 'client', name: string) => {
  const { personId, linkUrl } = await appliance.makePerson(operator, role, name);
  if (role === 'client') await appliance.addCredit(operator, personId, RATE_MINOR * 20);
  const person = await TestPerson.signIn(browser, linkUrl);
  if (role === 'model') {
    const cookie = await person.cookie();
    const body = { rateMinor: RATE_MINOR, minimumMin: 0, about: '', languages: ['en'], tags: [] };
    await appliance.request('PUT', '/api/profile', { cookie, body });
    await appliance.request('PUT', '/api/availability', { cookie, body: { hours: 2 } });
  }
  return { personId, person };
};
const { person: mia, personId: miaId } = await make('model', 'Mia');
const { person: alex, personId: alexId } = await make('client', 'Alex');
const { person: bob } = await make('client', 'Bob');
// Nobody answers this ring: it is missed while the other tests run.
const { person: nora } = await make('model', 'Nora');
const { person: cleo } = await make('client', 'Cleo');
await cleo.press('Call Nora');
await nora.inState('ringing');
const rangAtMs = Date.now();

const home = (...people: TestPerson[]) => Promise.all(people.map((person) => person.page.goto(`${appliance.url}/`)));
const ended = async (...people: TestPerson[]): Promise<CallView> => {
  const views = await Promise.all(people.map((person) => person.inState('ended')));
  return views[0] as CallView;
};
const confirming = async () => {
  await alex.press('Call Mia');
  await mia.press('Accept');
  await Promise.all([alex.pictureMoves(), mia.pictureMoves()]);
};
const click = (buttons: readonly unknown[]) => {
  for (const button of buttons) (button as { click(): void }).click();
};
const receiptOf = (callId: number) => appliance.receipt(operator, callId);
const moneyOf = (personId: number) => appliance.balance(operator, personId);

t.test(
  'the ring shows who calls and what they can pay; a rejection carries a word, and the thread keeps it',
  async (t) => {
    await alex.press('Call Mia');
    await mia.reads('Alex is calling');
    await mia.reads(/Funded for 20 minutes/);
    await mia.reads(/Member since/);
    await mia.reads('Their first call here');
    await mia.press('Reject with a word');
    await mia.press('Give me ten minutes');
    await alex.reads('“Give me ten minutes”');
    t.match(await ended(alex, mia), { outcome: 'rejected', endedBy: 'model' });
    await alex.press('Message Mia');
    await alex.reads(/Mia did not take your call · “Give me ten minutes”/);
    await home(alex, mia);
  },
);

t.test('a ring that the client takes back is withdrawn, and stands in her thread as unread', async (t) => {
  await alex.press('Call Mia');
  await mia.inState('ringing');
  await alex.press('Hang up');
  t.match(await ended(alex, mia), { outcome: 'withdrawn', endedBy: 'client' });
  await home(alex, mia);
  await mia.page
    .getByRole('link', { name: /Messages.*unread/ })
    .first()
    .waitFor();
});

t.test('left at the confirmation by either side: canceled, not missed, nothing charged', async (t) => {
  for (const leaver of [alex, mia]) {
    await confirming();
    await leaver.press('Leave');
    t.match(await ended(alex, mia), { outcome: 'canceled', meter: null });
    await alex.reads('One of you did not connect. Nothing was charged.');
    await home(alex, mia);
  }
});

t.test('accepted and hung up at once: one outcome on both pages', async (t) => {
  await alex.press('Call Mia');
  await mia.press('Accept');
  await mia.inState('confirming');
  // The later of the two may find its button gone with the call.
  await Promise.all([alex, mia].map((person) => person.page.getByRole('button', { name: 'Leave' }).evaluateAll(click)));
  const [his, hers] = [await ended(alex), await ended(mia)];
  t.equal(his.outcome, 'canceled');
  t.equal(hers.outcome, 'canceled');
  t.equal(his.endedBy, hers.endedBy);
  await home(alex, mia);
});

t.test('busy: the second caller sees it, asks to be told, and is told when she is free', async () => {
  await confirming();
  await bob.reads('In a call');
  await bob.press('Tell me when free: Mia');
  await bob.reads('You will be told');
  await alex.press('Leave');
  await ended(mia);
  await bob.reads('Mia is free now');
  await bob.page.getByRole('button', { name: 'Call Mia', disabled: false }).waitFor();
  await home(alex, mia);
});

t.test('a reload while it rings and while both check, by either side: the call is found again', async (t) => {
  await alex.press('Call Mia');
  const { callId } = await mia.inState('ringing');
  await mia.page.reload();
  await mia.reads('Alex is calling');
  await alex.page.reload();
  t.equal((await alex.inState('ringing')).callId, callId);
  await mia.press('Accept');
  await Promise.all([alex.pictureMoves(), mia.pictureMoves()]);
  for (const person of [alex, mia]) {
    await person.page.reload();
    t.equal((await person.inState('confirming')).callId, callId);
    await Promise.all([alex.pictureMoves(), mia.pictureMoves()]);
  }
  await mia.press('Connect');
  await alex.press('Connect');
  await mia.inState('live');
  await mia.page.reload();
  await mia.inState('live');
  await Promise.all([alex.meterIs('charging'), mia.meterIs('charging')]);
  await alex.press('Hang up');
  await ended(alex, mia);
  t.match(await receiptOf(callId), { outcome: 'client_ended', agrees: true });
  await home(alex, mia);
});

let tippedCall = 0;

t.test('live: chat beside the picture, a tip that both see, and the money of it', async (t) => {
  const before = { alex: await moneyOf(alexId), mia: await moneyOf(miaId) };
  const callId = await goLive(alex, mia, 'Mia');
  tippedCall = callId;
  await alex.press('Open the chat');
  await alex.page.getByRole('textbox', { name: 'Write to Mia' }).fill('Can you hear me?');
  await alex.page.keyboard.press('Enter');
  await mia.page.getByRole('button', { name: /Open the chat, unread/ }).click();
  await mia.reads('Can you hear me?');
  await mia.page.getByRole('textbox', { name: 'Write to Alex' }).fill('Loud and clear');
  await mia.page.keyboard.press('Enter');
  await alex.reads('Loud and clear');
  await alex.page.getByRole('button', { name: 'Give a tip' }).first().click();
  await alex.page.getByLabel('Amount').fill('99999');
  await alex.page.getByRole('dialog').getByRole('button', { name: /Give/ }).last().click();
  await alex.reads('Your credit does not cover this amount.');
  await alex.page.getByLabel('Amount').fill('7.50');
  await alex.press('Give €7.50');
  await mia.reads('Alex gave you a tip of €7.50');
  await alex.press('Hang up');
  t.match(await ended(mia), { tipsMinor: 750 });
  const receipt = await receiptOf(callId);
  t.match(receipt, { agrees: true, tipsMinor: 750 });
  t.equal(await moneyOf(alexId), before.alex - receipt.chargedMinor - 750);
  t.equal(await moneyOf(miaId), before.mia + (receipt.earnedMinor ?? 0) + 450, 'rule 7: her share of the tip, too');
  const history = await appliance.request('GET', '/api/history?kind=tip', { cookie: await alex.cookie() });
  t.match(history.body, { lines: [{ kind: 'tip', amountMinor: -750, callId }] });
});

t.test('after the call: thumb down with an issue, and the operator answers', async () => {
  await alex.press('Thumb down: there was an issue');
  await alex.press('Send');
  await alex.reads('Choose what fits best.');
  await alex.page.getByText('Poor quality').click();
  await alex.page.getByLabel('In your words').fill('The picture froze');
  await alex.page.getByText('2 stars').locator('..').click();
  await alex.press('Send');
  await alex.reads('Thank you. The operator will look into it.');
  await mia.page.getByText('5 stars').locator('..').click();
  await mia.reads('One press more: did picture and sound work?');
  await mia.press('Thumb up: the call was fine');
  await mia.reads('Thank you. You can change it for a while.');
  const boss = await TestPerson.signIn(browser, await appliance.linkAtMachine(1));
  await boss.reads('1 report waits for your answer');
  await boss.page.getByRole('link', { name: 'Read them' }).click();
  await boss.reads('The picture froze');
  await boss.press('Answer');
  await boss.page.getByLabel('Answer to Alex').fill('We have refunded it.');
  await boss.press('Send the answer');
  await boss.reads('No open reports');
  await alex.page.goto(`${appliance.url}/account`);
  await alex.reads('We have refunded it.');
  await boss.page.context().close();
  await home(alex, mia);
});

t.test('the model gives a tip back from the receipt, and the client finds it in the history', async (t) => {
  const beforeMinor = await moneyOf(miaId);
  const page = await mia.opens(`/calls/${tippedCall}`, 'Receipt');
  await page.getByRole('button', { name: 'Give back' }).click();
  await page.getByRole('button', { name: 'Refund €7.50' }).click();
  await page.getByText('Fill this in.').waitFor();
  await page.getByLabel('Reason').fill('Too much of it');
  await page.getByRole('button', { name: 'Refund €7.50' }).click();
  await mia.reads(/Refunded on .* · Too much of it/);
  t.equal(await moneyOf(miaId), beforeMinor - 450);
  await alex.opens('/history', 'History');
  await alex.reads('Refund of a tip');
  await home(alex, mia);
});

t.test('the model stops the meter for good: not charging, and nothing more is charged', async (t) => {
  const callId = await goLive(alex, mia, 'Mia');
  await alex.unitsCharged(1);
  await mia.press('More');
  await mia.page.getByRole('menuitem', { name: 'Stop the meter' }).click();
  await mia.page.getByRole('dialog').getByRole('button', { name: /Stop/ }).click();
  await Promise.all([alex.pausedFor('model_waived'), mia.pausedFor('model_waived')]);
  await Promise.all([alex.pictureMoves(FRAMES_OF_SECONDS), mia.pictureMoves(FRAMES_OF_SECONDS)]);
  await mia.press('Hang up');
  await ended(alex, mia);
  const receipt = await receiptOf(callId);
  t.match(receipt, { outcome: 'model_ended', agrees: true });
  const waivedMs = Date.parse(receipt.pauses.find(({ reason }) => reason === 'model_waived')?.from ?? '');
  t.ok(Date.parse(receipt.endedAt ?? '') - waivedMs > 1_000, 'more than a second went by');
  t.same(
    receipt.units.filter(({ at }) => Date.parse(at) > waivedMs),
    [],
  );
  await home(alex, mia);
});

t.test('another device takes the call: the old one is told and let go, and charging goes on', async (t) => {
  const phone = await TestPerson.signIn(browser, await appliance.newLink(operator, alexId));
  const callId = await goLive(alex, mia, 'Mia');
  await phone.press('Take the call here');
  await alex.reads('You took this call on another device');
  await Promise.all([phone.pictureMoves(), mia.pictureMoves()]);
  await Promise.all([phone.meterIs('charging'), mia.meterIs('charging')]);
  await phone.press('Hang up');
  await ended(phone, mia);
  t.match(await receiptOf(callId), { outcome: 'client_ended', agrees: true });
  await phone.page.context().close();
  await home(alex, mia);
});

t.test('two devices of hers ring; the one that did not accept stops, and says where the call is', async () => {
  const tablet = await TestPerson.signIn(browser, await appliance.newLink(operator, miaId));
  await alex.press('Call Mia');
  await Promise.all([mia.inState('ringing'), tablet.inState('ringing')]);
  await mia.press('Accept');
  await tablet.reads('You are in a call on another device');
  await alex.press('Leave');
  await ended(alex, mia);
  await tablet.page.context().close();
  await home(alex, mia);
});

t.test('out of credit and nobody adds any: the grace counts down and the call ends out of funds', async (t) => {
  const { person: pat, personId } = await make('client', 'Pat');
  await appliance.leaveCredit(operator, personId, RATE_MINOR);
  const callId = await goLive(pat, mia, 'Mia');
  await pat.page.getByRole('button', { name: 'Give a tip' }).first().click();
  await pat.page.getByLabel('Amount').fill('2.00');
  await pat.press('Give €2.00');
  await mia.reads('Pat gave you a tip of €2.00');
  const takenMinor = await appliance.leaveCredit(operator, personId, SECOND_MINOR);
  await Promise.all([pat.inState('suspended'), mia.inState('suspended')]);
  t.match(await ended(pat, mia), { outcome: 'out_of_funds' });
  await pat.reads('Your credit ran out');
  const receipt = await receiptOf(callId);
  t.match(receipt, { agrees: true, outcome: 'out_of_funds' });
  t.equal(receipt.tipsMinor, 200);
  t.equal(receipt.chargedMinor, RATE_MINOR - 200 - takenMinor, 'every cent of it, and none more');
  t.equal(await moneyOf(personId), 0);
  await pat.press('Message Mia');
  await pat.reads('Your credit no longer covers the call');
  await pat.page.context().close();
  await home(alex, mia);
});

t.test(
  'credit that comes in the moment of suspension: the call goes on by Restart, each unit charged once',
  async (t) => {
    const { person: kim, personId } = await make('client', 'Kim');
    const callId = await goLive(kim, mia, 'Mia');
    await appliance.leaveCredit(operator, personId, SECOND_MINOR);
    await kim.inState('suspended');
    await appliance.addCredit(operator, personId, RATE_MINOR);
    await kim.press('Restart call');
    await Promise.all([kim.inState('live'), mia.inState('live')]);
    await Promise.all([kim.pictureMoves(), mia.pictureMoves()]);
    const unitsCharged = (await kim.view())?.meter?.unitsCharged ?? 0;
    await kim.unitsCharged(unitsCharged + 2);
    await mia.press('Hang up');
    await ended(kim, mia);
    const receipt = await receiptOf(callId);
    t.match(receipt, { agrees: true, outcome: 'model_ended' });
    t.equal(receipt.units.length, new Set(receipt.units.map(({ unit }) => unit)).size);
    await kim.page.context().close();
    await home(alex, mia);
  },
);

t.test('a block in a live call ends it, and she is gone from his page', async (t) => {
  const callId = await goLive(alex, mia, 'Mia');
  await mia.press('More');
  await mia.page.getByRole('menuitem', { name: 'Block' }).click();
  await mia.page.getByRole('dialog').getByRole('button', { name: 'Block' }).click();
  t.match(await ended(alex, mia), { outcome: 'model_ended', endedBy: 'model' });
  t.match(await receiptOf(callId), { agrees: true });
  await home(alex, mia);
  await alex.page.getByRole('button', { name: 'Call Nora' }).waitFor();
  t.equal(await alex.page.getByRole('button', { name: 'Call Mia' }).count(), 0);
  await mia.page.goto(`${appliance.url}/account`);
  await mia.press('Unblock: Alex');
  await alex.page.getByRole('button', { name: 'Call Mia' }).waitFor();
});

t.test('nobody answers for 45 seconds: missed, and it says so to both', async (t) => {
  t.match(await ended(cleo, nora), { outcome: 'missed', endedBy: null });
  t.ok(Date.now() - rangAtMs >= 44_000);
  await nora.reads('You missed a call from Cleo');
  await cleo.reads('Nora did not answer');
});
