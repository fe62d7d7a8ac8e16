import { ACCESS } from './access.ts';
import { ACCOUNTS } from './accounts.ts';
import { CORE } from './core.ts';
import { HUB } from './hub.ts';
import { LEDGER } from './ledger.ts';
import { METER } from './meter.ts';
import type { MutatedModule } from './mutant.ts';
import { PAYMENTS } from './payments.ts';
import { PUSH } from './push.ts';
import { RECEIPT } from './receipt.ts';
import { RUNNER } from './runner.ts';
import { TRUST } from './trust.ts';

/** By the name that the command takes. */
export const MODULES: Readonly<Record<string, MutatedModule>> = {
  core: CORE,
  runner: RUNNER,
  receipt: RECEIPT,
  ledger: LEDGER,
  payments: PAYMENTS,
  meter: METER,
  access: ACCESS,
  accounts: ACCOUNTS,
  hub: HUB,
  push: PUSH,
  trust: TRUST,
};
