// Everybody and everything that the tables of access are about: two of each kind, so that there is one's own and
// somebody else's.
import { digestOf } from '../../server/accounts/index.ts';
import {
  type CallId,
  type Payout,
  type PersonId,
  type Role,
  toMinor,
  type VouchersMade,
} from '../../server/contract/index.ts';
import { sessionToken } from '../../server/front/api/session.ts';
import { Hub } from '../../server/hub/index.ts';
import { CallLines, Threads } from '../../server/messages/index.ts';
import { createMetrics } from '../../server/telemetry/index.ts';
import { Blocks } from '../../server/trust/index.ts';
import { LocalAppliance } from '../support/local-appliance.ts';
import { TestSocket } from '../support/page-socket.ts';
import { quiet } from '../support/store.ts';

export const PASSWORD = 'a long password';
export const RATE_MINOR_MIN = 10;
export const RATE_MINOR_MAX = 1_000;
export const MINIMUM_MIN_MAX = 30;
export const PAYOUT_MINOR_MIN = 100;
export const WEBHOOK_SECRET = 'a-secret-of-at-least-thirty-two-characters';
/** An id that nothing has. */
export const NOBODY = 999_999_999;
export const JPEG = Buffer.from([0xff, 0xd8, 0xff, 0xe0]);

const CREDIT_MINOR = 1_000_000;
const SHARE_PERCENT = 60;

export interface Someone {
  readonly personId: PersonId;
  readonly role: Role;
  readonly username: string;
  readonly cookie: string;
  /** Their own loopback address: requests are counted by address. */
  readonly from: string;
}

/** A call that is over, with two charged minutes and two tips. */
export interface PaidCall {
  readonly callId: CallId;
  readonly tipIds: readonly [number, number];
}

/** People by name: Alex and Bob are clients, Mia and Zoe models. Alex knows Mia, Bob knows Zoe. */
export class AccessWorld {
  readonly appliance: LocalAppliance;
  readonly boss: Someone;
  readonly alex: Someone;
  readonly bob: Someone;
  readonly mia: Someone;
  readonly zoe: Someone;
  /** Of each role one who was suspended, and whose session is still there. */
  readonly suspended: Readonly<Record<Role, Someone>>;
  readonly call: PaidCall;
  /** Of Bob and Zoe. */
  readonly otherCall: PaidCall;
  readonly gone: PersonId;
  #count = 0;
  #tables: readonly { name: string }[] | null = null;

  private constructor(
    appliance: LocalAppliance,
    people: Pick<AccessWorld, 'boss' | 'alex' | 'bob' | 'mia' | 'zoe' | 'suspended' | 'gone'>,
    calls: Pick<AccessWorld, 'call' | 'otherCall'>,
    count: number,
  ) {
    this.appliance = appliance;
    this.boss = people.boss;
    this.alex = people.alex;
    this.bob = people.bob;
    this.mia = people.mia;
    this.zoe = people.zoe;
    this.suspended = people.suspended;
    this.gone = people.gone;
    this.call = calls.call;
    this.otherCall = calls.otherCall;
    this.#count = count;
  }

  static async open(): Promise<AccessWorld> {
    const appliance = new LocalAppliance({
      money: { rateMinorMin: RATE_MINOR_MIN, rateMinorMax: RATE_MINOR_MAX },
      people: { minimumMinMax: MINIMUM_MIN_MAX },
      payments: {
        payoutMinMinor: PAYOUT_MINOR_MIN,
        webhookSecret: WEBHOOK_SECRET,
        webhookCheckoutUrl: 'https://pay.example/{paymentId}',
      },
    });
    await appliance.start();
    await appliance.becomeOperator();
    let count = 0;
    const make = async (role: Role, name: string) => makePerson(appliance, role, name, ++count);
    const boss = await signedIn(appliance, (await appliance.modules.accounts.people({ role: 'operator' }))[0], ++count);
    const [alex, bob] = [await make('client', 'alex'), await make('client', 'bob')];
    const [mia, zoe] = [await make('model', 'mia'), await make('model', 'zoe')];
    const suspended = {
      client: await make('client', 'shut-client'),
      model: await make('model', 'shut-model'),
      operator: await make('operator', 'shut-operator'),
    };
    const { personId: gone } = await make('client', 'gone');
    const { accounts, ledger, store } = appliance.modules;
    await accounts.erase(gone);
    // Their sessions stay: what shuts them out here is that they are suspended.
    await store.main.query('update person set shut_out_at = now() where id = any($1::bigint[])', [
      Object.values(suspended).map(({ personId }) => personId),
    ]);
    for (const { personId: clientId } of [alex, bob]) {
      const credit = { amountMinor: toMinor(CREDIT_MINOR), reason: 'test', actorId: boss.personId };
      await ledger.topUp({ ...credit, key: `credit-${clientId}`, clientId });
    }
    for (const { personId } of [mia, zoe]) {
      const earned = { amountMinor: toMinor(CREDIT_MINOR), reason: 'test', actorId: boss.personId };
      await ledger.adjust({ ...earned, key: `earned-${personId}`, personId, role: 'model' });
    }
    const calls = { call: await paidCall(appliance, alex, mia), otherCall: await paidCall(appliance, bob, zoe) };
    await writeLines(appliance);
    return new AccessWorld(appliance, { boss, alex, bob, mia, zoe, suspended, gone }, calls, count);
  }

  /** A further person, for what cannot be undone. */
  fresh(role: Role): Promise<Someone> {
    return makePerson(this.appliance, role, `fresh${this.#count + 1}`, ++this.#count);
  }

  /** A person on another device. */
  async again(person: Someone): Promise<Someone> {
    return { ...person, cookie: await cookieFor(this.appliance, person.personId) };
  }

  async sessionIdOf({ cookie }: Someone): Promise<number> {
    const { id } = await this.appliance.modules.store.main.one<{ id: number }>(
      'select id from session where digest = $1',
      [digestOf(sessionToken(cookie) ?? '')],
    );
    return id;
  }

  /** A payment that an operator has to look at. */
  async payment({ personId }: Someone, state = 'open'): Promise<number> {
    const { id } = await this.appliance.modules.store.main.one<{ id: number }>(
      `insert into payment (provider, client_id, amount_minor, state, trouble)
       values ('webhook', $1, 500, $2, 'Paid twice.') returning id`,
      [personId, state],
    );
    return id;
  }

  /** A payout that a model has asked for. */
  async payout(model: Someone): Promise<number> {
    const key = `payout-${++this.#count}-key`;
    const body = { key, amountMinor: PAYOUT_MINOR_MIN, destination: 'account' };
    const { cookie, from } = model;
    const answer = await this.appliance.request<Payout>('POST', '/api/payouts', { cookie, from, body });
    return answer.body.payoutId;
  }

  async approvedPayout(model: Someone): Promise<number> {
    const payoutId = await this.payout(model);
    const { cookie, from } = this.boss;
    await this.appliance.request('POST', `/api/payouts/${payoutId}/approve`, { cookie, from, body: {} });
    return payoutId;
  }

  async vouchers(): Promise<{ batchId: number; voucherId: number; code: string }> {
    const body = { key: `batch-${++this.#count}-key`, count: 1, amountMinor: 500, label: 'test' };
    const { cookie, from } = this.boss;
    const answer = await this.appliance.request<VouchersMade>('POST', '/api/voucher-batches', { cookie, from, body });
    const { batchId } = answer.body.batch;
    const { id } = await this.appliance.modules.store.main.one<{ id: number }>(
      'select id from voucher where batch_id = $1',
      [batchId],
    );
    return { batchId, voucherId: id, code: answer.body.codes[0] as string };
  }

  async report({ personId }: Someone, about: Someone): Promise<number> {
    const { id } = await this.appliance.modules.store.main.one<{ id: number }>(
      `insert into issue_report (reporter_id, about_id, kind, words) values ($1, $2, 'other', '') returning id`,
      [personId, about.personId],
    );
    return id;
  }

  /** A page of a person. */
  page({ cookie }: Someone): Promise<TestSocket> {
    return TestSocket.open(this.appliance, cookie);
  }

  /**
   * Everything that the database says, table by table. What a probe of the database writes is left out, and the audit
   * log, which says who was refused.
   */
  async everything(): Promise<Record<string, string>> {
    const { main } = this.appliance.modules.store;
    this.#tables ??= await main.query<{ name: string }>(
      `select table_name as name from information_schema.tables
        where table_schema = 'public' and table_type = 'BASE TABLE' 
            and table_name not in ('store_probe', 'audit_entry', 'audit_head')`,
    );
    const parts = this.#tables.map(
      ({ name }) =>
        `select '${name}' as name, count(*) || ':' || coalesce(md5(string_agg(t::text, '|' order by t::text)), '') as is
           from "${name}" t`,
    );
    const rows = await main.query<{ name: string; is: string }>(parts.join(' union all '));
    return Object.fromEntries(rows.map((row) => [row.name, row.is]));
  }
}

async function cookieFor(appliance: LocalAppliance, personId: PersonId): Promise<string> {
  return `__Host-parlour_session=${await appliance.modules.signIn.openSession(personId)}`;
}

async function makePerson(appliance: LocalAppliance, role: Role, name: string, number: number): Promise<Someone> {
  return signedIn(appliance, await appliance.modules.accounts.makePerson(role, name, name), number);
}

async function signedIn(
  appliance: LocalAppliance,
  person: { personId: PersonId; role: Role; username: string } | undefined,
  number: number,
): Promise<Someone> {
  if (!person) throw new Error('there is no such person');
  const { personId, role, username } = person;
  return { personId, role, username, cookie: await cookieFor(appliance, personId), from: `127.0.1.${number}` };
}

async function paidCall(appliance: LocalAppliance, client: Someone, model: Someone): Promise<PaidCall> {
  const { store, ledger } = appliance.modules;
  const [clientId, modelId] = [client.personId, model.personId];
  const { id: callId } = await store.main.one<{ id: CallId }>(
    `insert into call (client_id, model_id, state, rate_minor, minimum_min, tariff, share_percent, outcome, ended_by,
                       accepted_at, live_at, ended_at, billable_ms, charged_minor, agrees)
     values ($1, $2, 'ended', 200, 0, 'per_minute', $3, 'client_ended', 'client', now(), now(), now(), 60001, 400, true)
     returning id`,
    [clientId, modelId, SHARE_PERCENT],
  );
  const terms = { callId, clientId, modelId, sharePercent: SHARE_PERCENT };
  for (const unit of [1, 2]) {
    const chargedBeforeMinor = toMinor((unit - 1) * 200);
    await ledger.postCharges([{ ...terms, unit, amountMinor: toMinor(200), chargedBeforeMinor }]);
  }
  for (const key of ['tip-1-key', 'tip-2-key']) {
    await ledger.tip({ ...terms, key, amountMinor: toMinor(50), keepMinor: toMinor(0) });
  }
  const [first, second] = (await ledger.tipsOfCalls([callId])).map(({ transferId }) => transferId);
  return { callId, tipIds: [first as number, second as number] };
}

/** Writes the lines of the calls into their threads. The appliance's sweep would do so in the middle of a slow test. */
async function writeLines({ modules: { accounts, ledger, meterLog, records, store } }: LocalAppliance): Promise<void> {
  const hub = new Hub(quiet, createMetrics());
  const threads = new Threads({ database: store.main, accounts, blocks: new Blocks(store.main), hub });
  await new CallLines({
    threads,
    meterLog,
    summaryOf: (callId) => records.read(callId),
    tipsOf: (callId) => ledger.tipsOfCalls([callId]),
    log: quiet,
  }).sweep();
}
