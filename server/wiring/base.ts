import type { Settings } from '../settings/index.ts';
import type { Store } from '../store/index.ts';
import type { Log, Metrics } from '../telemetry/index.ts';

/** Where the built parts lie. */
export interface Parts {
  readonly migrations: string;
  readonly core: string;
  readonly mediaProgram: string;
  readonly webTransportProgram: string;
  readonly pages: string;
  /** The program that checks a call's files without the appliance; for everybody to download. */
  readonly verifyProgram: string;
  readonly version: string;
}

/** What stops the parts that have started: the last that started stops first. */
export class Stops {
  readonly #steps: (() => void | Promise<void>)[] = [];

  push(step: () => void | Promise<void>): void {
    this.#steps.push(step);
  }

  async run(): Promise<void> {
    for (const step of this.#steps.splice(0).reverse()) await step();
  }
}

/** What every group of modules is built on. */
export interface Base {
  readonly settings: Settings;
  readonly parts: Parts;
  readonly store: Store;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly stops: Stops;
}
