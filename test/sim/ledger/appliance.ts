// A whole appliance that is killed: clients, models and operators move money through its doors, each request
// repeated under its key until it is answered, while main, its database or both get kill -9. Charges come from
// a ledger beside it, as a meter's would. When all is answered, the books are what a notebook says.
import { createHmac } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { toMinor } from '../../../server/contract/index.ts';
import { type Charge, Ledger } from '../../../server/ledger/index.ts';
import { loadSettings } from '../../../server/settings/index.ts';
import { joinStore, type Store } from '../../../server/store/index.ts';
import { createLog } from '../../../server/telemetry/index.ts';
import { type Answer, TestAppliance } from '../../support/appliance.ts';
import { Random } from '../core/random.ts';
import { DEADLINE_MS, persist } from './persist.ts';

const SECRET = 'a-secret-of-at-least-thirty-two-characters';
const CLIENTS = 3;
/** Steps of each door in a round. */
const STEPS = 4;
const UNITS = 6;
const SHARE_PERCENT = 60;
const RETRY_MS = 40;
/** From one kill to the next, and from the start of a round to its first. */
const CALM_MS_MAX = 500;
const KILLS_MAX = 2;

export const KILLS = ['main', 'database', 'both'] as const;
export type Kill = (typeof KILLS)[number];

interface Client {
  readonly personId: number;
  readonly username: string;
  readonly cookie: string;
  /** What the notebook says that they have. */
  credit: number;
}

/** The appliance with its people, and the notebook of all rounds. */
export class SimulatedAppliance {
  readonly kills: Record<Kill, number> = { main: 0, database: 0, both: 0 };
  acknowledged = 0;
  readonly #appliance = new TestAppliance({ PARLOUR_PAYMENTS_WEBHOOK_SECRET: SECRET });
  readonly #clients: Client[] = [];
  #operator = '';
  #model = { personId: 0, cookie: '' };
  #store: Store | null = null;
  /** What the studio and its model have earned together: charges less refunds. */
  #earned = 0;

  async open(): Promise<void> {
    const appliance = this.#appliance;
    process.setMaxListeners(0); // each start of the appliance adds one
    await appliance.start();
    this.#operator = await appliance.becomeOperator();
    const model = await appliance.makePerson(this.#operator, 'model', 'Model');
    this.#model = { personId: model.personId, cookie: await appliance.signIn(model.linkUrl) };
    for (let n = 0; n < CLIENTS; n++) {
      const { personId, linkUrl } = await appliance.makePerson(this.#operator, 'client', `Client${n}`);
      const cookie = await appliance.signIn(linkUrl);
      this.#clients.push({ personId, username: `client${n}`, cookie, credit: 0 });
    }
    const settings = loadSettings({ environment: {}, overrides: { data: appliance.data } });
    this.#store = await joinStore(settings, 'server/store/migrations', createLog('silent'));
  }

  async close(): Promise<void> {
    await this.#store?.close();
    await this.#appliance.end();
  }

  /** One round of a seed. @returns what was wrong afterwards */
  async play(seed: number): Promise<string[]> {
    // Each door draws from numbers of its own, so that its plan does not depend on what the others meet.
    const random = (door: number) => new Random(seed * 10 + door);
    const call = await this.#newCall(random(0));
    await Promise.all([
      this.#give(seed, random(1)),
      this.#redeem(seed, random(2)),
      this.#hear(seed, random(3)),
      this.#charge(call, random(4)),
      this.#payOut(seed, random(5)),
      this.#harm(random(6)),
    ]);
    return this.#check();
  }

  // ---- the doors --------------------------------------------------------------------------------------

  async #give(seed: number, random: Random): Promise<void> {
    for (let step = 1; step <= STEPS; step++) {
      const client = random.pick(...this.#clients);
      const body = {
        key: `sim-${seed}-${step}-credit`,
        amountMinor: random.whole(100, 5_000),
        reason: 'sim',
        kind: random.pick('top_up', 'bonus'),
      };
      await this.#until(`/api/people/${client.personId}/credit`, this.#operator, body, [200]);
      client.credit += body.amountMinor;
    }
  }

  /** A batch whose answer was lost with the appliance stays unknown to all; its codes are worth nothing to anybody. */
  async #redeem(seed: number, random: Random): Promise<void> {
    const order = { count: STEPS, amountMinor: random.whole(100, 3_000), label: `Seed ${seed}` };
    let codes: string[] | undefined;
    for (let attempt = 1; !codes; attempt++) {
      const body = { key: `sim-${seed}-batch-${attempt}`, ...order };
      const made = await this.#until<{ codes?: string[] }>('/api/voucher-batches', this.#operator, body, [201, 409]);
      codes = made.codes;
    }
    for (const code of codes) {
      const client = random.pick(...this.#clients);
      // Used, by this client alone: an earlier try of this request had come through.
      await this.#until('/api/vouchers/redeem', client.cookie, { code }, [200, 409]);
      client.credit += order.amountMinor;
    }
  }

  async #hear(seed: number, random: Random): Promise<void> {
    for (let step = 1; step <= STEPS; step++) {
      const client = random.pick(...this.#clients);
      const amountMinor = random.whole(100, 4_000);
      const states = random.pick(['settled'], ['pending', 'settled'], ['settled', 'pending', 'settled']);
      for (const state of states) {
        const id = `sim-${seed}-${step}`;
        await this.#until(
          '/api/webhooks/payment',
          '',
          { id, state, amountMinor, currency: 'EUR', username: client.username },
          [200],
        );
      }
      client.credit += amountMinor;
    }
  }

  /** Charges of one call, and refunds of some of its units through the operator's door. */
  async #charge(call: { callId: number; client: Client }, random: Random): Promise<void> {
    const { callId, client } = call;
    const posted: Charge[] = [];
    let charged = 0;
    for (let unit = 1; unit <= UNITS; unit++) {
      const amountMinor = toMinor(random.whole(1, 400));
      const people = { clientId: client.personId, modelId: this.#model.personId };
      const chargedBeforeMinor = toMinor(charged);
      const charge = { ...people, callId, unit, amountMinor, chargedBeforeMinor, sharePercent: SHARE_PERCENT };
      const [answer] = await this.#persist(() => new Ledger(this.#storeOrThrow()).postCharges([charge]));
      this.acknowledged++;
      if (answer?.status !== 'posted') continue;
      posted.push(charge);
      charged += amountMinor;
      client.credit -= amountMinor;
      this.#earned += amountMinor;
      if (random.whole(1, 3) > 1) continue;
      const { unit: back, amountMinor: amount } = random.pick(...(posted as [Charge, ...Charge[]]));
      const body = { units: [back], reason: 'sim' };
      const answered = await this.#until<{ refunds?: { unit: number }[] }>(
        `/api/calls/${callId}/refund`,
        this.#operator,
        body,
        [200, 409], // 409: neither earnings nor revenue cover it any more
      );
      if (!answered.refunds?.some((refund) => refund.unit === back)) continue;
      posted.splice(
        posted.findIndex((one) => one.unit === back),
        1,
      );
      client.credit += amount;
      this.#earned -= amount;
      if (posted.length === 0) return;
    }
  }

  async #payOut(seed: number, random: Random): Promise<void> {
    for (let step = 1; step <= 2; step++) {
      const wish = { key: `sim-${seed}-${step}-payout`, amountMinor: random.whole(1, 300), destination: 'sim' };
      const end = random.pick('paid', 'reject', 'failed');
      const { payoutId } = await this.#until<{ payoutId?: number }>(
        '/api/payouts',
        this.#model.cookie,
        wish,
        [201, 409], // 409: the earnings do not cover it
      );
      if (payoutId === undefined) continue;
      if (end !== 'reject') await this.#until(`/api/payouts/${payoutId}/approve`, this.#operator, {}, [200]);
      await this.#until(`/api/payouts/${payoutId}/${end}`, this.#operator, { note: 'sim' }, [200]);
    }
  }

  // ---- harm -------------------------------------------------------------------------------------------

  async #harm(random: Random): Promise<void> {
    const kills = random.whole(1, KILLS_MAX);
    for (let n = 0; n < kills; n++) {
      const kind = random.pick(...KILLS);
      await sleep(random.whole(0, CALM_MS_MAX));
      this.kills[kind]++;
      if (kind === 'database') this.#killDatabase();
      else {
        if (kind === 'both') await this.#appliance.killTree();
        else await this.#appliance.killMain();
        await this.#appliance.start();
      }
    }
  }

  #killDatabase(): void {
    try {
      this.#appliance.killDatabase();
    } catch {
      // it is being started at this moment
    }
  }

  // ---- afterwards -------------------------------------------------------------------------------------

  async #check(): Promise<string[]> {
    const faults: string[] = [];
    const store = this.#storeOrThrow();
    const ledger = new Ledger(store);
    for (const { personId, username, credit } of this.#clients) {
      const balance = await this.#persist(() => ledger.balanceOf(personId, 'client'));
      if (balance !== credit) faults.push(`${username} has ${balance}, the notebook says ${credit}`);
    }
    const [studio] = await this.#persist(() =>
      store.main.query<{ earned: number; left: number }>(
        `select (select coalesce(sum(balance_minor), 0)::bigint from ledger_account where kind in
                   ('model_earnings', 'studio_revenue', 'payouts_clearing', 'payouts_paid')) as earned,
                (select count(*) from payout where not is_booked and state <> 'refused')
                  + (select count(*) from voucher where redeemed_by is not null and not is_credited)
                  + (select count(*) from payment where state = 'settled' and not is_credited) as left`,
      ),
    );
    if (studio?.earned !== this.#earned) faults.push(`the studio has ${studio?.earned}, the notebook ${this.#earned}`);
    if (studio?.left !== 0) faults.push(`${studio?.left} rows were answered and are not in the ledger`);
    const state = await this.#persist(() => ledger.check());
    if (!state.isBalanced) faults.push('the accounts do not add up');
    if (state.firstBreak) faults.push(state.firstBreak);
    return faults;
  }

  // ---- requests ---------------------------------------------------------------------------------------

  /** Sends the same request until it has one of these answers; another answer than "not now" is a fault. */
  async #until<T = object>(url: string, cookie: string, body: object, wanted: number[]): Promise<T> {
    const giveUpAt = performance.now() + DEADLINE_MS;
    for (;;) {
      const answer = await this.#send<T>(url, cookie, body);
      if (answer && wanted.includes(answer.status)) {
        this.acknowledged++;
        return answer.body;
      }
      const isLater = !answer || answer.status === 503 || answer.status === 429;
      if (!isLater) throw new Error(`${url} answered ${answer.status}: ${JSON.stringify(answer.body)}`);
      if (performance.now() > giveUpAt)
        throw new Error(`${url} was not answered; last: ${answer?.status ?? 'nothing'}`);
      await sleep(RETRY_MS);
    }
  }

  /** @returns null when the connection ended without an answer */
  async #send<T>(url: string, cookie: string, body: object): Promise<Answer<T> | null> {
    const text = JSON.stringify(body);
    const at = Math.floor(Date.now() / 1_000);
    const v1 = createHmac('sha256', SECRET).update(`${at}.${text}`).digest('hex');
    const headers = { 'Parlour-Signature': `t=${at},v1=${v1}` };
    return this.#appliance.request<T>('POST', url, { body, cookie, headers }).catch(() => null);
  }

  async #newCall(random: Random): Promise<{ callId: number; client: Client }> {
    const client = random.pick(...this.#clients);
    const row = await this.#persist(() =>
      this.#storeOrThrow().main.query<{ id: number }>(
        `insert into call (client_id, model_id, state, rate_minor, minimum_min, tariff, share_percent, outcome, ended_at)
         values ($1, $2, 'ended', 100, 0, 'per_minute', $3, 'client_ended', now()) returning id`,
        [client.personId, this.#model.personId, SHARE_PERCENT],
      ),
    );
    return { callId: row[0]?.id as number, client };
  }

  #storeOrThrow(): Store {
    if (!this.#store) throw new Error('the appliance is not open');
    return this.#store;
  }

  #persist<T>(attempt: () => Promise<T>): Promise<T> {
    return persist(attempt, RETRY_MS);
  }
}
