// Runs one suite as a process of its own and says which of its tests failed first.
import { spawn } from 'node:child_process';
import { ROOT } from './bundles.ts';
import type { Suite } from './mutant.ts';

/** A suite that works for longer hangs. It is time of the processor, which a busy machine does not lengthen. */
const CPU_S_MAX = 20;
/** The same of one that waits for a database, and keeps much of it in mind. */
const DATABASE_CPU_S_MAX = 150;
/** A suite with a database works in other processes too, and waits: so many times its own time, and at least so long. */
const WAIT_FACTOR = 6;
const WAIT_MS_MIN = 30_000;
const OUTPUT_CHARS_MAX = 2 ** 24;

export interface SuiteRun {
  readonly suite: Suite;
  readonly file: string;
  readonly environment: Readonly<Record<string, string>>;
  /** How long the suite takes on the code as it is, in ms; null when that is what is found out. */
  readonly usualMs: number | null;
}

/** @returns the name of the first test that failed, or null @throws Error when it is stopped from outside */
export function failureOf({ suite, file, environment, usualMs }: SuiteRun): Promise<string | null> {
  const limit = `ulimit -t ${suite.cpuSMax ?? (suite.needsDatabase ? DATABASE_CPU_S_MAX : CPU_S_MAX)}; exec "$0" "$@"`;
  const child = spawn('/bin/sh', ['-c', limit, process.execPath, file], {
    cwd: ROOT,
    // A group of its own: what the suite has started ends with it.
    detached: suite.needsDatabase === true,
    // A test has no time of its own to be over in: what waits for ever leaves node nothing to do.
    env: { ...process.env, TAP_BAIL: '1', TAP_TIMEOUT: '3600', ...environment },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    if (output.length < OUTPUT_CHARS_MAX) output += text;
  });
  const endGroup = () => {
    if (!suite.needsDatabase) return;
    try {
      process.kill(-(child.pid as number), 'SIGKILL');
    } catch {
      // the last of the group has ended
    }
  };
  return new Promise((resolve, reject) => {
    let isLate = false;
    const onLate = () => {
      isLate = true;
      endGroup();
    };
    const timer =
      suite.needsDatabase && usualMs !== null
        ? setTimeout(onLate, Math.max(WAIT_MS_MIN, usualMs * WAIT_FACTOR))
        : undefined;
    child.on('error', reject);
    // Not `close`: a process that the suite has left behind holds the pipe.
    child.on(suite.needsDatabase ? 'exit' : 'close', (code: number | null, signal: NodeJS.Signals | null) => {
      clearTimeout(timer);
      endGroup();
      if (isLate) return resolve('waits for ever');
      if (code === 0) return resolve(null);
      if (signal === 'SIGTERM' || signal === 'SIGINT')
        return reject(new Error(`${suite.name} was stopped from outside`));
      resolve(signal === null ? firstNotOk(output) : `ended by ${signal}`);
    });
  });
}

/** The name of the outermost test in which the first `not ok` stands. */
function firstNotOk(output: string): string {
  const lines = output.split('\n');
  const failed = lines.findIndex((line) => /^\s*not ok /.test(line));
  const subtest = lines.slice(0, failed).findLast((line) => line.startsWith('# Subtest: '));
  if (subtest) return subtest.slice('# Subtest: '.length);
  return lines.find((line) => line.trim() !== '') ?? 'stopped';
}
