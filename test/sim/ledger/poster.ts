// A process that posts: it stands for an appliance that is killed and comes back. Its plan follows from its
// seed alone; whenever it starts it plays the plan from the beginning under the same keys, as a meter does
// that found its calls again, and tells its parent of every transfer that the ledger has acknowledged.
import { toMinor } from '../../../server/contract/index.ts';
import { type Charge, Ledger } from '../../../server/ledger/index.ts';
import { Database, type Store } from '../../../server/store/index.ts';
import { createLog } from '../../../server/telemetry/index.ts';
import { Random } from '../core/random.ts';
import { persist } from './persist.ts';

/** The variable that makes the simulation's program a poster. */
export const POSTER = 'SIM_LEDGER_POSTER';

export interface Orders {
  readonly seed: number;
  /** Folder of the database's socket. */
  readonly host: string;
  readonly clients: number[];
  readonly modelId: number;
  readonly operatorId: number;
  /** Ids of its calls begin here. */
  readonly callBase: number;
  /** Play the plan once and end; else again and again. */
  readonly isLast: boolean;
}

export interface Acknowledged {
  readonly key: string;
  /** Null where the ledger answers without it. */
  readonly transferId: number | null;
  readonly clientId: number;
  readonly amountMinor: number;
}

const STEPS = 60;
const RETRY_MS = 20;
const SHARE_PERCENT = 60;

export function runPoster(): void {
  process.once('message', (orders) => {
    play(orders as Orders).then(
      () => process.exit(0),
      (error: unknown) => {
        console.error(error);
        process.exit(1);
      },
    );
  });
  process.once('disconnect', () => process.exit(2));
}

async function play(orders: Orders): Promise<void> {
  const log = createLog('silent');
  const connection = { host: orders.host, port: 5432, user: 'parlour', database: 'postgres' };
  const parameters = { plan_cache_mode: 'force_custom_plan' };
  const money = new Database(connection, { connections: 1, parameters, log });
  const main = new Database(connection, { connections: 1, log });
  const ledger = new Ledger({ main, money } as Store);
  do await playOnce(orders, ledger);
  while (!orders.isLast);
}

async function playOnce(orders: Orders, ledger: Ledger): Promise<void> {
  const random = new Random(orders.seed);
  for (let step = 1; step <= STEPS; step++) {
    // All is drawn before anything is sent, so that the plan does not depend on what happens.
    const clientId = random.pick(...orders.clients);
    const amountMinor = random.whole(100, 6_000);
    const kind = random.whole(1, 10);
    const earlier = random.whole(1, step);
    const charges = orders.clients.map((client, index) => chargeOf(orders, client, index, step, random.whole(1, 250)));
    if (kind <= 6) await charge(ledger, charges);
    else if (kind <= 8) await topUp(ledger, `${orders.seed}-${step}`, clientId, amountMinor);
    else await refund(ledger, orders, orders.clients.indexOf(clientId), earlier);
  }
  // What an earlier life gave back without hearing of it.
  for (const index of orders.clients.keys()) await refund(ledger, orders, index, 0);
}

function chargeOf(orders: Orders, clientId: number, index: number, unit: number, amount: number): Charge {
  const { modelId, callBase } = orders;
  return {
    callId: callBase + index,
    unit,
    amountMinor: toMinor(amount),
    chargedBeforeMinor: toMinor(0),
    clientId,
    modelId,
    sharePercent: SHARE_PERCENT,
  };
}

async function charge(ledger: Ledger, charges: Charge[]): Promise<void> {
  const answers = await persist(() => ledger.postCharges(charges), RETRY_MS);
  for (const [index, { status, transferId }] of answers.entries()) {
    const { callId, unit, clientId, amountMinor } = charges[index] as Charge;
    if (status === 'posted') tell({ key: `charge:${callId}:${unit}`, transferId, clientId, amountMinor });
  }
}

async function topUp(ledger: Ledger, key: string, clientId: number, amount: number): Promise<void> {
  const credit = { key, clientId, amountMinor: toMinor(amount), reason: 'sim', actorId: null };
  await persist(() => ledger.topUp(credit), RETRY_MS);
  tell({ key: `credit:${clientId}:${key}`, transferId: null, clientId, amountMinor: amount });
}

/** @param unit 0 gives nothing back and only reads what was given back */
async function refund(ledger: Ledger, orders: Orders, index: number, unit: number): Promise<void> {
  const by = { role: 'operator', personId: orders.operatorId } as const;
  const callId = orders.callBase + index;
  const clientId = orders.clients[index] as number;
  const known = await persist(async () => {
    if (unit === 0) return ledger.refundsOfCall(callId, by);
    return ledger.refund({ callId, units: [unit], reason: 'sim', by }).catch((error: { code?: string }) => {
      if (error.code === 'refund_nothing' || error.code === 'refund_not_covered') return null;
      throw error;
    });
  }, RETRY_MS);
  for (const { chargeId, transferId, amountMinor } of known?.refunds ?? []) {
    tell({ key: `refund:${chargeId}`, transferId, clientId, amountMinor });
  }
}

function tell(acknowledged: Acknowledged): void {
  process.send?.(acknowledged);
}
