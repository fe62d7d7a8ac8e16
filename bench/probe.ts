// Whether probes are right: a real page behind links of known rates, and on a bad way, many times.
import { setTimeout as sleep } from 'node:timers/promises';
import { findBrowser, launch } from '../server/cli/demo/browser.ts';
import { CannotShape, ShapedNetwork } from '../server/cli/demo/shaped-network.ts';
import type { ProbeEvidence } from '../server/contract/index.ts';
import { TestAppliance } from '../test/support/appliance.ts';
import { BadPath } from '../test/support/bad-path.ts';
import { TestPerson } from '../test/support/browser.ts';
import type { Bench, Goal } from './bench.ts';

const RATES = [
  [6, 'fail'],
  [11, 'fail'],
  [14, 'pass'],
  [30, 'pass'],
] as const;
const ROUNDS = { quick: 4, full: 20 };
/** The bad way, each direction. */
const DELAY_MS = 50;
const LOSS_RATIO = 0.02;

export const probeBench: Bench = {
  says: 'verdicts of the bandwidth probe at known rates (as root on Linux)',
  async run({ isQuick, say }) {
    const rounds = isQuick ? ROUNDS.quick : ROUNDS.full;
    const figures: Record<string, unknown> = {};
    const goals: Goal[] = [];
    let network: ShapedNetwork;
    try {
      network = await ShapedNetwork.open();
    } catch (error) {
      if (!(error instanceof CannotShape)) throw error;
      say(`${error.message} Skipped.`);
      return { figures, goals };
    }
    const browser = await launch(network.wrap(await findBrowser()));
    try {
      const near = await pageOf(network, { PARLOUR_MEDIA_ADDRESS: network.hostAddress });
      for (const [mbps, right] of RATES) {
        await network.shape(mbps);
        const samples = await gather(await near.page(browser), rounds);
        const conclusive = samples.filter(({ verdict }) => verdict !== 'inconclusive');
        const wrong = conclusive.filter(({ verdict }) => verdict !== right).length;
        figures[`${mbps} Mbps`] = samples;
        say(`${mbps} Mbps: ${count(samples)}; ${spread(conclusive)}`);
        goals.push({
          says: `of 20 bursts at ${mbps} Mbps right`,
          measured: (20 * (samples.length - wrong - (samples.length - conclusive.length))) / samples.length,
          atLeast: 19,
        });
      }
      await near.end();
      const far = await pageOf(network, { PARLOUR_MEDIA_PUBLIC_ADDRESS: network.hostAddress });
      const options = { delayMs: DELAY_MS, lossRatio: LOSS_RATIO, address: network.hostAddress, port: far.mediaPort };
      const bad = await BadPath.open(options);
      await network.shape(30);
      const samples = await gather(await far.page(browser), rounds);
      figures['100 ms, 2 % loss'] = samples;
      say(`30 Mbps with 100 ms of delay and 2 % loss: ${count(samples)}`);
      const failed = samples.filter(({ verdict }) => verdict === 'fail').length;
      goals.push({ says: 'fails on a way that is bad and not slow', measured: failed, atMost: 0 });
      bad.close();
      await far.end();
    } finally {
      await browser.close();
      await network.closed();
    }
    return { figures, goals };
  },
};

async function pageOf(network: ShapedNetwork, environment: Record<string, string>) {
  const appliance = new TestAppliance({ PARLOUR_FRONT_HOST: '0.0.0.0', ...environment });
  await appliance.start();
  const operator = await appliance.becomeOperator();
  const { linkUrl } = await appliance.makePerson(operator, 'model', 'Mia');
  let person: TestPerson | null = null;
  return {
    mediaPort: appliance.mediaPort,
    end: () => appliance.end(),
    async page(browser: Awaited<ReturnType<typeof launch>>): Promise<TestPerson> {
      person ??= await TestPerson.signIn(browser, linkUrl.replace('localhost', network.hostAddress));
      return person;
    },
  };
}

async function gather(person: TestPerson, rounds: number): Promise<ProbeEvidence[]> {
  const samples: ProbeEvidence[] = [];
  while (samples.length < rounds) {
    samples.push(...(await person.testUplink()).samples);
    await sleep(500);
  }
  return samples.slice(0, rounds);
}

function count(samples: readonly ProbeEvidence[]): string {
  const of = (verdict: string) => samples.filter((sample) => sample.verdict === verdict).length;
  return `${of('pass')} pass, ${of('fail')} fail, ${of('inconclusive')} inconclusive`;
}

function spread(samples: readonly ProbeEvidence[]): string {
  const rates = samples.map(({ kbps }) => kbps).sort((a, b) => a - b);
  return rates.length === 0 ? '' : `${rates[0]} to ${rates.at(-1)} kbps`;
}
