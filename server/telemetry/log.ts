import { type DestinationStream, destination, type Logger, pino } from 'pino';

export type Log = Logger;

/** A log of JSON lines on standard error, so that standard output stays free for results. */
export function createLog(level: string, to: DestinationStream = destination({ dest: 2, sync: true })): Log {
  return pino(
    { name: 'parlour', level, base: undefined, timestamp: () => `,"time":"${new Date().toISOString()}"` },
    to,
  );
}
