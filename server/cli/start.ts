import { setTimeout as sleep } from 'node:timers/promises';
import type { Command } from 'commander';
import { type Appliance, startAppliance } from '../main.ts';
import { StoreUnavailable } from '../store/index.ts';
import { createLog } from '../telemetry/index.ts';
import { parts } from './parts.ts';
import { say } from './say.ts';
import { reportTo, serviceManagerOf } from './service-manager.ts';
import { configOption, settingsOf } from './with-store.ts';

/** A stop that takes longer is not waited for; what was acknowledged is durable anyway. */
const STOP_MS_MAX = 15_000;
/** Between two questions to a database that does not answer. */
const RETRY_MS = 200;
/** Between two starts while a database of one's own does not answer. */
const WAIT_MS_MIN = 1_000;
const WAIT_MS_MAX = 30_000;

export function registerStart(program: Command): void {
  program
    .command('start')
    .description('start the appliance')
    .addOption(configOption())
    .action(async (options: { config?: string }) => {
      const settings = settingsOf(options);
      const log = createLog(settings.log.level);
      const manager = serviceManagerOf(process.env);
      const appliance = await startWhenDatabaseAnswers(() => startAppliance(settings, parts, log), {
        isPatient: settings.database.url !== '',
        sayWait: (text) => {
          say(text);
          manager?.notify(`STATUS=${text}`);
        },
      });
      const sayStopping = manager ? reportTo(manager, () => appliance.readiness()) : () => {};
      stopOnSignals(() => {
        sayStopping();
        return appliance.stop();
      });
      say(`\n  ${settings.name} is open at ${appliance.url}`);
      for (const url of appliance.networkUrls) say(`  ${' '.repeat(settings.name.length)} on other devices at ${url}`);
      await sayHowToBegin(appliance);
    });
}

interface Patience {
  readonly isPatient: boolean;
  sayWait(text: string): void;
  wait?(ms: number): Promise<unknown>;
}

/**
 * A database of one's own may start after the appliance, or be away for an hour: it is asked again, ever more seldom. The
 * embedded one is started here, and what keeps it from starting is said.
 */
export async function startWhenDatabaseAnswers<T>(
  start: () => Promise<T>,
  { isPatient, sayWait, wait = sleep }: Patience,
): Promise<T> {
  for (let waitMs = WAIT_MS_MIN; ; waitMs = Math.min(2 * waitMs, WAIT_MS_MAX)) {
    try {
      return await start();
    } catch (error) {
      if (!isPatient || !(error instanceof StoreUnavailable)) throw error;
      sayWait(`The database does not answer (${error.message}). It is asked again in ${waitMs / 1_000} s.`);
      await wait(waitMs);
    }
  }
}

type Newcomer = Pick<Appliance, 'url'> & {
  readonly accounts: Pick<Appliance['accounts'], 'hasOperator'>;
  readonly signIn: Pick<Appliance['signIn'], 'newSetUpLink'>;
};

/**
 * Before there is an operator, each start prints a new one-time link, and the older ones stop working. What is open stays
 * open where the database has gone at this very moment: it is asked until it answers.
 */
export async function sayHowToBegin(appliance: Newcomer, print: (line: string) => void = say): Promise<void> {
  if (await untilAnswered(() => appliance.accounts.hasOperator())) return print('');
  const { token } = await untilAnswered(() => appliance.signIn.newSetUpLink());
  print('\n  Nobody runs it yet. Open this link, once, to become its operator:');
  print(`  ${appliance.url}/set-up#${token}`);
  print('\n  The browser will warn of the certificate, which the appliance has made itself.');
  print(`  Devices that shall trust it install ${appliance.url}/authority.pem\n`);
}

async function untilAnswered<T>(ask: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      if (!(error instanceof StoreUnavailable)) throw error;
      await sleep(RETRY_MS);
    }
  }
}

/** Stops in order on Ctrl-C and on the service manager's signal; a second signal ends at once. */
export function stopOnSignals(stop: () => Promise<void>): void {
  let isStopping = false;
  const onSignal = () => {
    if (isStopping) process.exit(1);
    isStopping = true;
    say('stopping …');
    setTimeout(() => process.exit(1), STOP_MS_MAX).unref();
    stop().then(
      () => process.exit(0),
      (error: unknown) => {
        console.error(error);
        process.exit(1);
      },
    );
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
}
