import { type DestinationStream, destination, type Logger, pino } from 'pino';

export type Log = Logger;

type Line = { time: string; level: number; name?: string; msg?: string };

/** pino's numbers. */
const WARNING = 40;
const LEVELS: Record<number, string> = { [WARNING]: 'WARNING', 50: 'ERROR', 60: 'FATAL' };

/** A line of the log as a person in front of a terminal reads it: when and what; from a warning on, everything. */
export function lineForPeople(json: string): string {
  const { time, level, msg, name: _, ...rest } = JSON.parse(json) as Line;
  const hasDetails = Object.keys(rest).length > 0 && (level >= WARNING || msg === undefined);
  const words = [LEVELS[level], msg, hasDetails ? JSON.stringify(rest) : undefined].filter(
    (word) => word !== undefined,
  );
  return `${time.slice(11, 19)} ${words.join(' ')}\n`;
}

const terminal: DestinationStream = { write: (json) => void process.stderr.write(lineForPeople(json)) };

/** A log on standard error, so that standard output stays free for results: JSON lines, or plain ones in a terminal. */
export function createLog(
  level: string,
  to: DestinationStream = process.stderr.isTTY ? terminal : destination({ dest: 2, sync: true }),
): Log {
  return pino(
    { name: 'parlour', level, base: undefined, timestamp: () => `,"time":"${new Date().toISOString()}"` },
    to,
  );
}
