// npm run sim -- <name> [flags]: the seeded simulations. Each prints what it did and fails loudly.
import { parseArgs } from 'node:util';
import { fuzzBoundaries, fuzzReport } from './boundaries.ts';
import { CORE_SIM_DEFAULTS, coreSimReport, simulateCore } from './core.ts';
import { POSTER, runPoster } from './ledger/poster.ts';
import { simulateLedger } from './ledger.ts';
import { LIFE_SIM_DEFAULTS, lifeSimReport, simulateLife } from './life.ts';
import { callsInARow, soak } from './media.ts';
import { PEOPLE_SIM_DEFAULTS, peopleSimReport, simulatePeople } from './people.ts';
import { describeReceiptSim, RECEIPT_SIM_DEFAULTS, simulateReceipt } from './receipt.ts';

interface Sim {
  says: string;
  /** Flags that it takes besides --seed and --seeds, with what they allow. */
  flags: Record<string, string>;
  /** Plays and returns whether all was well. */
  run(flags: Flags): boolean | Promise<boolean>;
}

interface Flags {
  /** A whole number of the flag, from 1 to WHOLE_MAX, or the default. */
  whole(name: string, otherwise: number): number;
  /** One of the words, or the default, which is the first. */
  word<W extends string>(name: string, ...words: [W, ...W[]]): W;
}

const SIMS: Record<string, Sim> = {
  core: {
    says: 'the metering core against its reference model, ledger double and receipt',
    flags: { calls: 'calls in a scenario (50)', build: 'debug or release (debug)' },
    run(flags) {
      const result = simulateCore(
        {
          seed: flags.whole('seed', CORE_SIM_DEFAULTS.seed),
          seeds: flags.whole('seeds', CORE_SIM_DEFAULTS.seeds),
          calls: flags.whole('calls', CORE_SIM_DEFAULTS.calls),
          build: flags.word('build', 'debug', 'release'),
        },
        console.log,
      );
      console.log(coreSimReport(result));
      return result.mismatches === 0;
    },
  },
  ledger: {
    says: 'the ledger while appliance, database and posters are killed and connections are cut',
    flags: {
      rounds: 'how many rounds, each with the next seed (10)',
      kind: 'posters (of the ledger alone), appliance (a whole one, through its API) or both',
    },
    async run(flags) {
      const kind = flags.word('kind', 'both', 'posters', 'appliance');
      const rounds = flags.whole('rounds', flags.whole('seeds', 10));
      const told = await simulateLedger({ seed: flags.whole('seed', 1), rounds, kind }, console.log);
      console.log(told);
      return told.endsWith(': 0 faults');
    },
  },
};

const BOUNDARIES: Sim = {
  says: 'the boundaries of media under wrong input: SDP, candidates, packets, the control protocol',
  flags: { inputs: 'how many inputs (100000)' },
  async run(flags) {
    const result = await fuzzBoundaries({ seed: flags.whole('seed', 1), inputs: flags.whole('inputs', 100_000) });
    console.log(fuzzReport(result));
    return result.faults.length === 0;
  },
};
SIMS.boundaries = BOUNDARIES;

const MEDIA: Sim = {
  says: 'many calls through real media processes, one after another and at once',
  flags: { rounds: 'calls one after another (1000)', calls: 'calls at once (30)', seconds: 'for how long (600)' },
  async run(flags) {
    const faults = [
      ...(await callsInARow(flags.whole('rounds', 1_000), console.log)),
      ...(await soak({ calls: flags.whole('calls', 30), seconds: flags.whole('seconds', 600) }, console.log)),
    ];
    for (const fault of faults) console.log(`  FAULT ${fault}`);
    return faults.length === 0;
  },
};
SIMS.media = MEDIA;

const LIFE: Sim = {
  says: "a call's life under random events, crashes and silence",
  flags: { calls: 'calls of a seed (50)' },
  run(flags) {
    const result = simulateLife({
      seed: flags.whole('seed', LIFE_SIM_DEFAULTS.seed),
      seeds: flags.whole('seeds', LIFE_SIM_DEFAULTS.seeds),
      calls: flags.whole('calls', LIFE_SIM_DEFAULTS.calls),
    });
    console.log(lifeSimReport(result));
    return result.faults.length === 0;
  },
};
SIMS.life = LIFE;

const PEOPLE: Sim = {
  says: 'two to six people, their devices, crashes and clocks around the runner of the calls',
  flags: { steps: 'steps of a seed (300)' },
  async run(flags) {
    const result = await simulatePeople({
      seed: flags.whole('seed', PEOPLE_SIM_DEFAULTS.seed),
      seeds: flags.whole('seeds', PEOPLE_SIM_DEFAULTS.seeds),
      steps: flags.whole('steps', PEOPLE_SIM_DEFAULTS.steps),
    });
    console.log(peopleSimReport(result));
    return result.faults.length === 0;
  },
};
SIMS.people = PEOPLE;

const RECEIPT: Sim = {
  says: 'the recomputation of receipts against the charging rules written once more, in Python',
  flags: {},
  async run(flags) {
    const result = await simulateReceipt({
      seed: flags.whole('seed', RECEIPT_SIM_DEFAULTS.seed),
      seeds: flags.whole('seeds', RECEIPT_SIM_DEFAULTS.seeds),
    });
    console.log(describeReceiptSim(result));
    return result.differences.length === 0;
  },
};
SIMS.receipt = RECEIPT;

/** Seeds are 32 bits in the generator: a larger one would repeat a smaller one's story. */
const WHOLE_MAX = 2 ** 31 - 1;

const COMMON_FLAGS = { seeds: 'how many seeds (100)', seed: `the first seed (1), at most ${WHOLE_MAX}` };

class UsageError extends Error {}

function usage(): string {
  const lines = ['usage: npm run sim -- <name> [--seeds N] [--seed S]'];
  for (const [name, sim] of Object.entries(SIMS)) {
    lines.push(`  ${name}: ${sim.says}`);
    for (const [flag, says] of Object.entries({ ...COMMON_FLAGS, ...sim.flags })) lines.push(`    --${flag}  ${says}`);
  }
  return lines.join('\n');
}

function flagsOf(sim: Sim, args: string[]): Flags {
  const allowed = { ...COMMON_FLAGS, ...sim.flags };
  const options = Object.fromEntries(Object.keys(allowed).map((flag) => [flag, { type: 'string' as const }]));
  let values: Record<string, string | undefined>;
  try {
    values = parseArgs({ args, options, strict: true }).values as Record<string, string | undefined>;
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
  return {
    whole(name, otherwise) {
      const value = values[name];
      if (value === undefined) return otherwise;
      if (!/^\d+$/.test(value) || Number(value) < 1 || Number(value) > WHOLE_MAX)
        throw new UsageError(`--${name} is "${value}"; allowed is a whole number from 1 to ${WHOLE_MAX}`);
      return Number(value);
    },
    word(name, ...words) {
      const value = values[name] ?? words[0];
      const word = words.find((w) => w === value);
      if (!word) throw new UsageError(`--${name} is "${value}"; allowed is ${words.join(' or ')}`);
      return word;
    },
  };
}

async function main(): Promise<void> {
  const [name, ...args] = process.argv.slice(2);
  const sim = name === undefined ? undefined : SIMS[name];
  if (!sim)
    throw new UsageError(
      name === undefined
        ? 'which simulation?'
        : `there is no simulation "${name}"; there are: ${Object.keys(SIMS).join(', ')}`,
    );
  process.exitCode = (await sim.run(flagsOf(sim, args))) ? 0 : 1;
}

try {
  if (process.env[POSTER]) runPoster();
  else {
    await main();
    // The native library of media keeps its threads: the process is ended, not waited for.
    process.exit();
  }
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  console.error(`${error.message}\n\n${usage()}`);
  process.exitCode = 2;
}
