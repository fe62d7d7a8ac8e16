import { type Command, InvalidArgumentError } from 'commander';
import { headLine, Ledger } from '../ledger/index.ts';
import { say, secondsSince } from './say.ts';
import { type ConfigOption, configOption, withStore } from './with-store.ts';

/** A batch and its hash, written down earlier: `1234:9f86d0…`. */
const WITNESS = /^(\d{1,15}):([0-9a-f]{64})$/;

export function registerLedger(program: Command): void {
  program
    .command('ledger')
    .description('look after the ledger')
    .command('verify')
    .description('add up every transfer and walk the chain of batches; also while the appliance runs')
    .addOption(configOption())
    .option('--witness <batch:hash>', 'a head that was written down earlier must still stand in the chain', witness)
    .action((options: ConfigOption & { witness?: Witness }) =>
      withStore(options, async (store) => {
        process.exitCode = (await verify(new Ledger(store), options.witness)) ? 0 : 1;
      }),
    );
}

interface Witness {
  readonly batch: number;
  readonly hash: string;
}

function witness(text: string): Witness {
  const [, batch, hash] = WITNESS.exec(text) ?? [];
  if (!batch || !hash) throw new InvalidArgumentError('Allowed is <number of the batch>:<its hash, 64 hex digits>.');
  return { batch: Number(batch), hash };
}

/** Facts go to standard output, one a line; whether all is well is the exit code. */
async function verify(ledger: Ledger, known: Witness | undefined): Promise<boolean> {
  const startedAt = performance.now();
  const state = await ledger.check();
  const isWitnessed = known === undefined || (await ledger.hashOfBatch(known.batch)) === known.hash;
  console.log(`transfers ${state.transferCount}`);
  if (state.head) console.log(`head ${headLine(state.head)}`);
  console.log(
    `sums ${state.isBalanced ? 'right' : 'WRONG: the accounts do not add up to their transfers, or not to zero'}`,
  );
  console.log(`chain ${state.isChainIntact ? 'intact' : `BROKEN: ${state.firstBreak}`}`);
  if (known) console.log(`witness ${isWitnessed ? 'stands' : `BROKEN: batch ${known.batch} had another hash`}`);
  say(`verified in ${secondsSince(startedAt)}`);
  return state.isBalanced === true && state.isChainIntact === true && isWitnessed;
}
