// One run of main on what is durable: the real calls and the real meter, with doubles for the modules around them.
import fs from 'node:fs';
import path from 'node:path';
import type { CallDeps } from '../../../server/calls/deps.ts';
import { Calls } from '../../../server/calls/index.ts';
import {
  type CallerCard,
  type CallId,
  type PersonId,
  type Side,
  type Tariff,
  UserError,
} from '../../../server/contract/index.ts';
import { Meter } from '../../../server/meter/index.ts';
import { createLog, createMetrics } from '../../../server/telemetry/index.ts';
import { type Line, MediaDouble } from './lines.ts';
import { Pages } from './pages.ts';
import { RATE_MINOR, type Rows } from './rows.ts';

export const GRACE_MS = 300_000;

const OWN_SHARE_PERCENT = 35;
/** Nobody here sleeps: what wears people down in a day would stop the story. */
export const RINGS = { ringsPerMinuteMax: 8, ringsOfPairPerHourMax: 100, looksMax: 3, looksPerDayMax: 100 };

export interface RunTerms {
  readonly tariff: Tariff;
  readonly minimumMin: number;
  /** 0 or nothing: links are not probed. */
  readonly slowLinkKbps?: number;
  /** As RINGS says where it is not said. */
  readonly rings?: Partial<typeof RINGS>;
  isModel(personId: PersonId): boolean;
}

const CALLER: CallerCard = {
  memberSince: '2026-01-01T00:00:00.000Z',
  isVerified: false,
  isStaff: false,
  callsWithYou: 0,
  callsInAll: 0,
  rating: { count: 0, averageTenths: null, upCount: 0, downCount: 0 },
  wasBlocked: false,
  looksWithYou: 0,
};

/** Nothing is read from them; to make them for each run would take longer than most runs. */
const metrics = createMetrics();

export class Run {
  readonly pages = new Pages();
  readonly media: MediaDouble;
  readonly meter: Meter;
  readonly calls: Calls;
  #isAlive = true;

  /**
   * @param lines what each person's line does
   * @param onError hears of each line that the run logs as an error
   */
  constructor(
    core: WebAssembly.Module,
    rows: Rows,
    terms: RunTerms,
    lines: ReadonlyMap<PersonId, Line>,
    onError: (line: string) => void,
  ) {
    const personOf = (callId: CallId, side: Side) => {
      const call = rows.calls.get(callId);
      return call ? (side === 'client' ? call.clientId : call.modelId) : null;
    };
    this.media = new MediaDouble(lines, personOf);
    const log = createLog('error', { write: (line: string) => this.#isAlive && onError(line) });
    const meterLog = this.#untilKilled(rows.meterLog(() => this.#isAlive));
    const postCharges = this.#untilKilled({ post: rows.postCharges });
    this.meter = new Meter(
      core,
      { capacity: 16, slowLinkKbps: 12_000, graceMs: GRACE_MS },
      {
        post: (charges) => postCharges.post(charges),
        meterLog,
        log,
        metrics,
      },
    );
    const deps: CallDeps = {
      hub: this.pages.hub,
      ledger: this.#untilKilled(rows.ledger),
      meter: this.meter,
      meterLog,
      media: this.media.control,
      records: this.#untilKilled(rows.records),
      presence: {
        ringable: async (modelId: PersonId) => {
          if (!terms.isModel(modelId)) throw new UserError('person_not_found');
          if (this.calls.isInCall(modelId)) throw new UserError('model_busy');
          return {
            profile: { rateMinor: RATE_MINOR, minimumMin: terms.minimumMin },
            // The first model has a share of her own, and takes no looks beyond the limit.
            refusesLooks: modelId === 1,
            sharePercent: modelId === 1 ? OWN_SHARE_PERCENT : null,
          };
        },
        changed: () => {},
      },
      callers: { isBlocked: async () => false, cardOf: async () => CALLER },
      log,
      metrics,
    };
    rows.onBalance = (...change) => void (this.#isAlive && this.calls.balanceChanged(...change));
    this.calls = new Calls(deps, {
      tariff: terms.tariff,
      sharePercent: 60,
      graceMs: GRACE_MS,
      rings: { ...RINGS, ...terms.rings },
      media: {
        slowLinkKbps: terms.slowLinkKbps ?? 0,
        iceServers: () => [],
        transport: 'webrtc',
        certificateHashes: () => [],
      },
    });
  }

  /** As kill -9 does: nothing more of it reaches anything, and nothing that it waits for comes. */
  kill(): void {
    this.#isAlive = false;
    this.calls.stop();
    this.meter.stop();
  }

  #untilKilled<T extends object>(dependency: T): T {
    return new Proxy(dependency, {
      get: (target, name) => {
        const member: unknown = Reflect.get(target, name);
        if (typeof member !== 'function') return member;
        return (...args: unknown[]) => (this.#isAlive ? member.apply(target, args) : new Promise(() => {}));
      },
    });
  }
}

export function loadTestCore(): WebAssembly.Module {
  return new WebAssembly.Module(fs.readFileSync(path.resolve('core-wasm/build/core.wasm')));
}
