import t from 'tap';
import { toMinor } from '../../server/contract/index.ts';
import { Ledger, type PayoutMoney } from '../../server/ledger/index.ts';
import { type PayoutStepName, Payouts } from '../../server/payments/payouts.ts';
import { loadSettings } from '../../server/settings/index.ts';
import { MoneyFixture } from '../support/money-fixture.ts';

const money = await MoneyFixture.open(t, 'payouts');
const { ledger, store, operator } = money;
const settings = loadSettings({ environment: {} }).payments;
const limits = { ...settings, payoutMinMinor: 100, payoutSecondApprovalMinor: 1_000 };
const payouts = new Payouts(store.main, ledger, limits);
const boss = operator.personId;
const { personId: second } = await money.accounts.makePerson('operator', 'second', 'Second');

/** A model who has earned so much. */
async function earner(earnedMinor: number): Promise<number> {
  const people = await money.pair(earnedMinor);
  await money.call(people, [earnedMinor], 100);
  return people.modelId;
}
const earningsOf = (modelId: number) => ledger.balanceOf(modelId, 'model');
const wish = (amountMinor: number, key = money.newKey()) => ({ key, amountMinor, destination: 'DE00 1234' });
const ask = async (modelId: number, amountMinor: number) =>
  (await payouts.request(modelId, wish(amountMinor))).payoutId;
const step = (name: PayoutStepName, payoutId: number, note: string | null = 'x', by = boss) =>
  payouts.step(name, { personId: by, ownOnly: false }, payoutId, note);
const withdraw = (modelId: number, payoutId: number) =>
  payouts.step('withdraw', { personId: modelId, ownOnly: true }, payoutId, null);
const stateOf = async (payoutId: number) => (await payouts.read(payoutId)).state;
const approved = async (modelId: number, amountMinor: number) => {
  const payoutId = await ask(modelId, amountMinor);
  await payouts.approve(boss, payoutId, null);
  return payoutId;
};
const rowOf = (payoutId: number) =>
  store.main.one('select state, is_booked as "isBooked" from payout where id = $1', [payoutId]);
/** A request as a stop leaves it: the row stands in this state, and nothing was booked. */
async function leftIn(modelId: number, state: string, amountMinor: number): Promise<number> {
  const { id } = await store.main.one<{ id: number }>(
    `insert into payout (model_id, key, amount_minor, destination, state, approvals_needed)
     values ($1, $2, $3, 'x', $4, 1) returning id`,
    [modelId, money.newKey(), amountMinor, state],
  );
  return id;
}

t.test('a payout is set aside when it is asked for, once under its key', async (t) => {
  const [modelId, other] = [await earner(500), await earner(500)];
  const request = wish(300);
  const first = await payouts.request(modelId, request);
  t.match(first, { state: 'requested', amountMinor: 300, destination: 'DE00 1234', approvalsNeeded: 1 });
  t.same(await payouts.request(modelId, { ...request, destination: ' DE00 1234 ' }), first);
  t.equal(await earningsOf(modelId), 200);
  await t.rejects(payouts.request(modelId, { ...request, amountMinor: 301 }), { code: 'key_reused' });
  await t.rejects(payouts.request(modelId, { ...request, destination: 'GB99' }), { code: 'key_reused' });
  t.match(await payouts.request(other, request), { model: { personId: other } }, 'a model’s own key');
});

t.test('a payout that the earnings do not cover is refused, and stands nowhere', async (t) => {
  const modelId = await earner(500);
  await t.rejects(payouts.request(modelId, wish(501)), { code: 'balance_too_low' });
  t.equal(await earningsOf(modelId), 500);
  t.same(await payouts.list(modelId, {}), []);
});

t.test('the least amount is paid out, and nothing under it', async (t) => {
  const modelId = await earner(500);
  await t.rejects(payouts.request(modelId, wish(99)), { code: 'malformed' });
  t.match(await payouts.request(modelId, wish(100)), { amountMinor: 100 });
});

t.test('above the set amount two operators are needed, not at it, and never where none is set', async (t) => {
  const modelId = await earner(10_000);
  t.match(await payouts.request(modelId, wish(1_000)), { approvalsNeeded: 1 });
  t.match(await payouts.request(modelId, wish(1_001)), { approvalsNeeded: 2 });
  const unset = new Payouts(store.main, ledger, { ...limits, payoutSecondApprovalMinor: 0 });
  t.match(await unset.request(modelId, wish(1_001)), { approvalsNeeded: 1 });
});

t.test('two operators are two people', async (t) => {
  const payoutId = await ask(await earner(2_000), 1_001);
  t.match(await payouts.approve(boss, payoutId, null), { state: 'requested', approvedBy: { length: 1 } });
  await t.rejects(payouts.approve(boss, payoutId, null), { code: 'already_approved' });
  const { personId: newest } = await money.accounts.makePerson('operator', 'newest', 'Newest');
  await t.rejects(payouts.approve(newest, payoutId, null), { code: 'too_new_to_approve' }, 'made for this payout');
  t.match(await payouts.read(payoutId), { state: 'requested', approvedBy: { length: 1 } });
  t.equal(await stateOf(payoutId), 'requested');
  t.match(await payouts.approve(second, payoutId, 'checked'), { state: 'approved', approvedBy: { length: 2 } });
  const { steps } = await payouts.read(payoutId);
  t.same(
    steps.map(({ step, byName, note }) => [step, byName, note]),
    [
      ['requested', `Model ${modelNumber(await payouts.read(payoutId))}`, null],
      ['first_approval', 'Boss', null],
      ['approved', 'Second', 'checked'],
    ],
  );
});
const modelNumber = ({ model }: { model: { displayName: string } }) => model.displayName.split(' ')[1];

t.test('an approval that is repeated is harmless, one of what is over is refused', async (t) => {
  const modelId = await earner(1_000);
  const payoutId = await approved(modelId, 200);
  t.match(await payouts.approve(boss, payoutId, null), { state: 'approved' });
  await t.rejects(payouts.approve(second, payoutId, null), { code: 'payout_state' });
  const withdrawn = await ask(modelId, 200);
  await withdraw(modelId, withdrawn);
  await t.rejects(payouts.approve(boss, withdrawn, null), { code: 'payout_state' });
  t.equal(await stateOf(withdrawn), 'withdrawn');
});

t.test('each step has the states from which it is possible, and no other', async (t) => {
  const possible: Record<PayoutStepName, string[]> = {
    reject: ['requested', 'approved'],
    paid: ['approved'],
    failed: ['approved'],
    withdraw: ['requested'],
  };
  const ends = { reject: 'rejected', paid: 'paid', failed: 'failed', withdraw: 'withdrawn' } as const;
  const modelId = await earner(100_000);
  const reach: Record<string, () => Promise<number>> = {
    requested: () => ask(modelId, 100),
    approved: () => approved(modelId, 100),
  };
  for (const name of Object.keys(ends) as PayoutStepName[]) {
    reach[ends[name]] = async () => {
      const payoutId = await (possible[name].includes('approved') ? approved : ask)(modelId, 100);
      await step(name, payoutId);
      return payoutId;
    };
  }
  for (const name of Object.keys(possible) as PayoutStepName[]) {
    for (const [state, reached] of Object.entries(reach)) {
      if (state === ends[name]) continue;
      const payoutId = await reached();
      const answer = await step(name, payoutId).then(
        (payout) => payout.state,
        (error: { code: string }) => error.code,
      );
      t.equal(answer, possible[name].includes(state) ? ends[name] : 'payout_state', `${name} from ${state}`);
    }
  }
});

t.test('who rejects, or marks as failed, says why', async (t) => {
  const payoutId = await approved(await earner(500), 200);
  for (const name of ['reject', 'failed'] as const)
    await t.rejects(step(name, payoutId, null), { code: 'malformed', message: /say why/ });
  t.match(await step('paid', payoutId, null), { state: 'paid' }, 'what is paid needs no reason');
});

t.test('what is paid leaves the house, what ends otherwise goes back to the model', async (t) => {
  const modelId = await earner(1_000);
  const due = async () => (await ledger.totals()).payoutsDueMinor;
  const before = await due();
  const paid = await approved(modelId, 200);
  t.same([await earningsOf(modelId), (await due()) - before], [800, 200]);
  await step('paid', paid);
  t.same([await earningsOf(modelId), (await due()) - before], [800, 0]);
  t.match(await rowOf(paid), { isBooked: true });
  for (const name of ['reject', 'failed'] as const) {
    await step(name, await approved(modelId, 100));
    t.same([await earningsOf(modelId), (await due()) - before], [800, 0], name);
  }
  await withdraw(modelId, await ask(modelId, 100));
  t.same([await earningsOf(modelId), (await due()) - before], [800, 0], 'withdrawn');
});

t.test('a model withdraws payouts of her own; one of others is not found, and stays as it is', async (t) => {
  const [modelId, other] = [await earner(500), await earner(500)];
  const payoutId = await ask(modelId, 200);
  await t.rejects(withdraw(other, payoutId), { code: 'payout_not_found' });
  t.equal(await stateOf(payoutId), 'requested');
  t.equal(await earningsOf(modelId), 300);
  await withdraw(modelId, payoutId);
  await t.rejects(withdraw(other, payoutId), { code: 'payout_not_found' }, 'withdrawn by its model');
});

t.test('a step that is repeated is booked when it is answered', async (t) => {
  const modelId = await earner(500);
  const payoutId = await ask(modelId, 200);
  await store.main.query(`update payout set state = 'rejected' where id = $1`, [payoutId]); // and then it crashed
  t.match(await step('reject', payoutId), { state: 'rejected' });
  t.equal(await earningsOf(modelId), 500);
});

t.test('what a stop left between row and ledger is booked by the sweep', async (t) => {
  const modelId = await earner(1_000);
  const [opening, tooMuch] = [await leftIn(modelId, 'opening', 200), await leftIn(modelId, 'opening', 9_000)];
  await payouts.sweep();
  t.same([(await rowOf(opening)).state, (await rowOf(tooMuch)).state], ['requested', 'refused']);
  t.equal(await earningsOf(modelId), 800);
  for (const [state, earnings] of [
    ['rejected', 800],
    ['failed', 800],
    ['withdrawn', 800],
    ['paid', 700],
  ] as const) {
    const payoutId = await ask(modelId, 100);
    await store.main.query('update payout set state = $2 where id = $1', [payoutId, state]);
    for (let n = 0; n < 2; n++) await payouts.sweep();
    t.match(await rowOf(payoutId), { isBooked: true }, state);
    t.equal(await earningsOf(modelId), earnings, state);
  }
});

/** A ledger whose answers to holds wait until they are let through. */
class HeldLedger extends Ledger {
  readonly answered: (() => void)[] = [];

  override async holdPayout(payout: PayoutMoney): Promise<boolean> {
    const isHeld = await super.holdPayout(payout);
    await new Promise<void>((letThrough) => this.answered.push(letThrough));
    return isHeld;
  }
}

t.test('a request that was refused is refused, though it could be covered a moment later', async (t) => {
  const { modelId } = await money.pair();
  const held = new HeldLedger(store);
  const slow = new Payouts(store.main, held, limits);
  const request = wish(500);
  const asking = () => slow.request(modelId, request).catch((error: { code: string }) => error.code);
  const answered = async (count: number) => {
    while (held.answered.length < count) await store.main.query('select 1');
  };
  const first = asking();
  await answered(1);
  const earned = { key: money.newKey(), personId: modelId, role: 'model' as const, amountMinor: toMinor(500) };
  await ledger.adjust({ ...earned, reason: 'x', actorId: boss });
  const other = asking();
  await answered(2);
  held.answered[0]?.();
  t.equal(await first, 'balance_too_low');
  held.answered[1]?.();
  t.equal(await other, 'balance_too_low');
  t.equal(await earningsOf(modelId), 500, 'nothing is set aside for a payout that nobody sees');
});

t.test('what a model has asked for and not got yet', async (t) => {
  const [modelId, other] = [await earner(1_000), await earner(1_000)];
  await ask(other, 500);
  await ask(modelId, 100);
  const payoutId = await approved(modelId, 200);
  t.equal(await payouts.inPayout(modelId), 300);
  await step('paid', payoutId);
  t.equal(await payouts.inPayout(modelId), 100);
});

t.test('pages hear of each step of a payout', async (t) => {
  const modelId = await earner(500);
  let heard = 0;
  payouts.onChange((personId) => {
    if (personId === modelId) heard++;
  });
  const payoutId = await ask(modelId, 200);
  t.equal(heard, 1, 'asked for');
  await payouts.approve(boss, payoutId, null);
  t.equal(heard, 2, 'approved');
  await step('paid', payoutId);
  t.equal(heard, 3, 'paid');
  payouts.onChange(() => {});
});

t.test('lists come in pages of fifty, newest first, by model and state; a file has them all', async (t) => {
  const modelId = await earner(10_000);
  for (let n = 0; n < 60; n++) await ask(modelId, 100);
  const idsOf = async (query: Parameters<Payouts['list']>[1], form: 'page' | 'file' = 'page') =>
    (await payouts.list(modelId, query, form)).map(({ payoutId }) => payoutId);
  const page = await idsOf({});
  const rest = await idsOf({ before: page.at(-1) as number });
  t.same([page.length, rest.length, new Set([...page, ...rest]).size], [50, 10, 60]);
  t.same(
    page,
    [...page].sort((a, b) => b - a),
  );
  t.equal((await idsOf({}, 'file')).length, 60);
  await withdraw(modelId, page[0] as number);
  t.same(await idsOf({ state: 'withdrawn' }), [page[0]]);
});
