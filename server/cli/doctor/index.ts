import { type Command, InvalidArgumentError } from 'commander';
import { parts } from '../parts.ts';
import { configOption, settingsOf } from '../with-store.ts';
import { type Check, checkAddresses, checkCertificate, checkPorts, checkTurn } from './checks.ts';
import { measureThroughput } from './throughput.ts';

interface Options {
  readonly config?: string;
  readonly json?: boolean;
  readonly seconds: number;
  readonly mbps: number;
}

const SECONDS_MAX = 60;
const MBPS_MAX = 1_000;
/** Less than this comes through, and the machine cannot carry one call well. */
const MBPS_NEEDED = 12;
const LOSS_PCT_MAX = 2;

export function registerDoctor(program: Command): void {
  program
    .command('doctor')
    .description('look for what keeps the appliance from working')
    .command('media')
    .description('ports, addresses, certificate, TURN servers and throughput of media; what to forward on the router')
    .addOption(configOption())
    .option('--json', 'the result as one JSON object')
    .option('--seconds <n>', 'length of the test of throughput; 0 leaves it out', wholeNumber(0, SECONDS_MAX), 3)
    .option('--mbps <n>', 'load of the test of throughput', wholeNumber(1, MBPS_MAX), 50)
    .addHelpText('after', '\nExit code: 0 when media works (warnings may remain), 1 when something fails.')
    .action(async (options: Options) => {
      const settings = settingsOf(options);
      const checks: Check[] = [
        ...(await checkPorts(settings)),
        ...(await checkAddresses(settings)),
        checkCertificate(settings),
        ...(await checkTurn(settings)),
      ];
      if (options.seconds > 0) checks.push(await checkThroughput(options));
      const isWell = checks.every(({ verdict }) => verdict !== 'fail');
      if (options.json) console.log(JSON.stringify({ isWell, checks }));
      else for (const { name, verdict, says } of checks) console.log(`${MARKS[verdict]} ${name}: ${says}`);
      // The native library's threads would keep the process.
      process.exit(isWell ? 0 : 1);
    });
}

const MARKS = { ok: '  ok', warn: 'warn', fail: 'FAIL' } as const;

async function checkThroughput(options: Options): Promise<Check> {
  const name = 'throughput';
  try {
    const { receivedMbps, lossPct, cpuSecondsPerGbit, callsPerCore } = await measureThroughput(
      parts.mediaProgram,
      options,
    );
    const says = `${receivedMbps} of ${options.mbps} Mbps came through, ${lossPct} % lost, ${cpuSecondsPerGbit} s of CPU for a gigabit: about ${callsPerCore} calls a core`;
    if (receivedMbps < Math.min(MBPS_NEEDED, options.mbps * 0.9)) return { name, verdict: 'fail', says };
    return { name, verdict: lossPct > LOSS_PCT_MAX ? 'warn' : 'ok', says };
  } catch (error) {
    return { name, verdict: 'fail', says: (error as Error).message };
  }
}

function wholeNumber(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!/^\d+$/.test(text) || value < least || value > most)
      throw new InvalidArgumentError(`Allowed is a whole number from ${least} to ${most}.`);
    return value;
  };
}
