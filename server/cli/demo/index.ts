import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { type Command, InvalidArgumentError, Option } from 'commander';
import type { TransportChoice } from '../../contract/index.ts';
import { type Appliance, startAppliance } from '../../main.ts';
import { loadSettings, type Settings } from '../../settings/index.ts';
import { createLog } from '../../telemetry/index.ts';
import { parts } from '../parts.ts';
import { say } from '../say.ts';
import { stopOnSignals } from '../start.ts';
import { makePeople } from './people.ts';
import { playCall } from './play.ts';
import { judge } from './report.ts';
import { CannotShape, ShapedNetwork } from './shaped-network.ts';

interface Options {
  readonly auto?: boolean;
  readonly json?: boolean;
  readonly seconds: number;
  readonly creditMinutes: number;
  readonly topUpAt?: number;
  readonly screenshots?: string;
  readonly uplinkMbps?: number;
  readonly liftAt?: number;
  readonly transport?: TransportChoice;
}

const SECONDS_MAX = 3_600;
const CREDIT_MINUTES_MAX = 1_000;
const UPLINK_MBPS_MAX = 1_000;

export function registerDemo(program: Command): void {
  program
    .command('demo')
    .description('start an appliance with sample people on an empty data folder, which goes when it stops')
    .option('--auto', 'play the call in two headless browser windows and report')
    .option('--json', 'with --auto: the last line of the output is the report as one JSON object')
    .option(
      '--seconds <n>',
      'with --auto: length of the call from the moment it is live',
      wholeNumber(1, SECONDS_MAX),
      70,
    )
    .option('--credit-minutes <n>', "minutes that the client's credit covers", wholeNumber(1, CREDIT_MINUTES_MAX), 30)
    .option(
      '--top-up-at <s>',
      'with --auto: second at which the operator adds credit and the client restarts',
      wholeNumber(1, SECONDS_MAX),
    )
    .option(
      '--uplink-mbps <n>',
      "with --auto, as root on Linux: limits what leaves the model's page",
      wholeNumber(1, UPLINK_MBPS_MAX),
    )
    .option('--lift-at <s>', 'with --uplink-mbps: second at which the limit is lifted', wholeNumber(1, SECONDS_MAX))
    .addOption(new Option('--transport <way>', 'how media goes, whatever parlour.toml says').choices(TRANSPORTS))
    .option('--screenshots <folder>', 'with --auto: pictures of both windows at each step')
    .action(async (options: Options) => {
      if (options.uplinkMbps !== undefined && !options.auto) throw new CannotShape('--uplink-mbps needs --auto.');
      const network = options.uplinkMbps === undefined ? null : await ShapedNetwork.open();
      const data = fs.mkdtempSync(path.join(os.tmpdir(), 'parlour-demo-'));
      fs.chmodSync(data, 0o755);
      const settings = loadSettings({
        environment: { ...FREE_PORTS, ...process.env },
        overrides: {
          data,
          log: { level: 'warn' },
          ...(options.auto && { front: { host: addressOf(network) } }),
          media: {
            ...(options.auto && { address: addressOf(network) }),
            ...(options.transport && { transport: options.transport }),
          },
        },
      });
      const appliance = await startAppliance(settings, parts, createLog(settings.log.level));
      const stop = async () => {
        await appliance.stop();
        await network?.closed();
        fs.rmSync(data, { recursive: true, force: true });
      };
      stopOnSignals(stop);
      if (options.auto) process.exitCode = await playAndReport(appliance, settings, options, network, stop);
      else await invite(appliance, settings, options);
    });
}

/** A demo plays beside anything else, unless ports were asked for. */
const FREE_PORTS = { PARLOUR_FRONT_PORT: '0', PARLOUR_MEDIA_UDP_PORT: '0', PARLOUR_MEDIA_WEB_TRANSPORT_PORT: '0' };
const TRANSPORTS: TransportChoice[] = ['auto', 'webrtc', 'webtransport'];
const addressOf = (network: ShapedNetwork | null) => network?.hostAddress ?? '127.0.0.1';

async function invite(appliance: Appliance, settings: Settings, { creditMinutes }: Options): Promise<void> {
  const people = await makePeople(appliance, creditMinutes);
  // Two host names of one appliance keep two sign-ins apart in one browser.
  const base = `https://127.0.0.1:${appliance.port}`;
  say(`\n  ${settings.name} demo. Open both links in one browser (it will warn of the home-made certificate):\n`);
  say(`  1. ${people.model.displayName}, the model, who is taking calls:`);
  say(`     ${appliance.url}/sign-in#${people.model.token}\n`);
  say(`  2. ${people.client.displayName}, the client, with credit for ${creditMinutes} minutes:`);
  say(`     ${base}/sign-in#${people.client.token}\n`);
  say('  Then press Call in the second window. The operator, who can add credit:');
  say(`     ${appliance.url}/sign-in#${people.operator.token}  (in a private window)\n`);
  say('  Ctrl-C stops the demo and forgets everything.\n');
}

async function playAndReport(
  appliance: Appliance,
  settings: Settings,
  options: Options,
  network: ShapedNetwork | null,
  stop: () => Promise<void>,
): Promise<number> {
  try {
    const people = await makePeople(appliance, options.creditMinutes);
    await network?.shape(options.uplinkMbps ?? null);
    const report = await playCall(appliance, people, {
      base: network ? `https://${network.hostAddress}:${appliance.port}` : appliance.url,
      network,
      liftAtSecond: options.liftAt ?? null,
      seconds: options.seconds,
      topUpAtSecond: options.topUpAt ?? null,
      screenshots: options.screenshots ?? null,
      say,
    });
    const faults = judge(report, { rateMs: 60_000, slowLinkKbps: settings.meter.slowLinkKbps, ...options });
    for (const fault of faults) say(`  not as it should be: ${fault}`);
    if (options.json) console.log(JSON.stringify(report));
    else
      say(
        `\n${settings.name} demo: ${faults.length === 0 ? 'all well' : 'failed'}\n${JSON.stringify(report, null, 2)}`,
      );
    return faults.length === 0 ? 0 : 1;
  } finally {
    await stop();
  }
}

function wholeNumber(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!/^\d+$/.test(text) || value < least || value > most) {
      throw new InvalidArgumentError(`Allowed is a whole number from ${least} to ${most}.`);
    }
    return value;
  };
}
