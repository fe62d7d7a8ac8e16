import type { Browser, Page } from 'playwright-core';
import { findBrowser, launch } from '../../server/cli/demo/browser.ts';
import type { CallView, ProbeEvidence, ProbeVerdict } from '../../server/contract/index.ts';

interface Stats {
  readonly framesDecoded: number;
  readonly audioEnergy: number;
  readonly audioSamples: number;
  readonly transport: 'webrtc' | 'webtransport' | null;
  readonly soundGapMs: number | null;
}

export interface UplinkTest {
  readonly verdict: ProbeVerdict;
  readonly kbps: number;
  readonly rttMs: number | null;
  readonly samples: readonly ProbeEvidence[];
}

interface MeasuringApi {
  stats(): Promise<Stats>;
  testUplink(): Promise<UplinkTest>;
  testRelay(): Promise<UplinkTest & { readonly relay: string }>;
  callView(): CallView | null;
}

type Global = { parlour: MeasuringApi };

const WAIT_MS_MAX = 45_000;
const POLL_MS = 25;
const COMPLAINTS_MAX = 20;

export const openBrowser = async (...flags: string[]): Promise<Browser> => launch(await findBrowser(), flags);

/** A person in front of a real page. */
export class TestPerson {
  readonly page: Page;
  readonly #origin: string;
  /** What the page threw and complained of, the latest last. */
  readonly #complaints: string[] = [];

  private constructor(page: Page, origin: string) {
    this.page = page;
    this.#origin = origin;
    page.on('pageerror', (error) => this.#complaints.push(error.stack ?? error.message));
    page.on('console', (line) => {
      if (line.type() === 'error' || line.type() === 'warning') this.#complaints.push(line.text());
    });
  }

  /** Opens a page of their own and signs in by the link that the operator gave. */
  static async signIn(browser: Browser, linkUrl: string): Promise<TestPerson> {
    const context = await browser.newContext({ ignoreHTTPSErrors: true, viewport: { width: 1280, height: 800 } });
    await context.grantPermissions(['camera', 'microphone']);
    const page = await context.newPage();
    page.setDefaultTimeout(WAIT_MS_MAX);
    const person = new TestPerson(page, new URL(linkUrl).origin);
    await page.goto(linkUrl);
    await page.getByRole('button', { name: 'Sign out' }).first().waitFor();
    return person;
  }

  /** The session's cookie, for requests beside the page. */
  async cookie(): Promise<string> {
    const cookies = await this.page.context().cookies();
    return cookies.map(({ name, value }) => `${name}=${value}`).join('; ');
  }

  /** The line is cut, and the page has noticed. `page.context().setOffline(false)` is the way back. */
  async losesConnection(): Promise<void> {
    await this.page.context().setOffline(true);
    await this.page.evaluate(() => {
      const { dispatchEvent, Event: News } = globalThis as unknown as {
        dispatchEvent(event: unknown): void;
        Event: new (type: string) => unknown;
      };
      dispatchEvent(new News('online')); // the page looks for its connection anew
    });
    await this.reads('Connection lost. Reconnecting…');
  }

  /** Waits until the words are to be read. */
  async reads(words: string | RegExp): Promise<void> {
    await this.page.getByText(words).first().waitFor();
  }

  /** Goes to a page of the appliance, and waits until it is there. */
  async opens(path: string, heading: string): Promise<Page> {
    await this.page.goto(`${this.#origin}${path}`);
    await this.page.getByRole('heading', { level: 1, name: heading }).waitFor();
    return this.page;
  }

  press(name: string): Promise<void> {
    return this.page.getByRole('button', { name, exact: true }).click();
  }

  view(): Promise<CallView | null> {
    return this.page.evaluate(() => (globalThis as unknown as Global).parlour.callView());
  }

  stats(): Promise<Stats> {
    return this.page.evaluate(() => (globalThis as unknown as Global).parlour.stats());
  }

  /** The test of the link that a model makes before she takes calls. */
  testUplink(): Promise<UplinkTest> {
    return this.page.evaluate(() => (globalThis as unknown as Global).parlour.testUplink());
  }

  /** Whether media gets through a TURN server from here. */
  testRelay(): Promise<UplinkTest & { readonly relay: string }> {
    return this.page.evaluate(() => (globalThis as unknown as Global).parlour.testRelay());
  }

  /** A model's price, and her calls turned on, without the pages for them. */
  async takesCalls(profile: { rateMinor: number; minimumMin: number }): Promise<void> {
    const problem = await this.page.evaluate(async (profile) => {
      for (const [path, body] of [
        ['/api/profile', { about: '', languages: [], tags: [], ...profile }],
        ['/api/availability', { hours: 1 }],
      ] as const) {
        const headers = { 'Content-Type': 'application/json' };
        const answer = await fetch(path, { method: 'PUT', headers, body: JSON.stringify(body) });
        if (!answer.ok) return `${path}: ${await answer.text()}`;
      }
      return null;
    }, profile);
    if (problem) throw new Error(problem);
  }

  /** What a failure has to say of the page: its call, its text, and what it threw. */
  async described(): Promise<string> {
    const [view, text] = await Promise.all([this.view(), this.page.locator('body').textContent()]).catch(
      (error: unknown) => [null, String(error)] as const,
    );
    return [this.page.url(), JSON.stringify(view), text, ...this.#complaints.slice(-COMPLAINTS_MAX)].join('\n');
  }

  async inState(state: CallView['state']): Promise<CallView> {
    await this.page.waitForFunction(
      (wanted) => (globalThis as unknown as Global).parlour.callView()?.state === wanted,
      state,
      { polling: POLL_MS, timeout: WAIT_MS_MAX },
    );
    return (await this.view()) as CallView;
  }

  /** Waits for a view of the call that is newer than `seq`: right after a restart the page still shows the old one. */
  async hearsOfCall(seq: number): Promise<void> {
    await this.page.waitForFunction(
      (known) => ((globalThis as unknown as Global).parlour.callView()?.seq ?? 0) > known,
      seq,
      { polling: POLL_MS, timeout: WAIT_MS_MAX },
    );
  }

  async meterIs(state: 'charging' | 'not_charging' | 'suspended'): Promise<void> {
    await this.page.waitForFunction(
      (wanted) => (globalThis as unknown as Global).parlour.callView()?.meter?.state === wanted,
      state,
      { polling: POLL_MS, timeout: WAIT_MS_MAX },
    );
  }

  /** Waits until the meter does not run for this reason, whatever other reasons there are. */
  async pausedFor(reason: string): Promise<void> {
    await this.page.waitForFunction(
      (wanted) => (globalThis as unknown as Global).parlour.callView()?.meter?.reasons.some((one) => one === wanted),
      reason,
      { polling: POLL_MS, timeout: 120_000 },
    );
  }

  /** Waits until billable time has reached `ms`, as the page's newest view says. */
  async unitsCharged(count: number): Promise<void> {
    await this.page.waitForFunction(
      (wanted) => ((globalThis as unknown as Global).parlour.callView()?.meter?.unitsCharged ?? 0) >= wanted,
      count,
      { polling: POLL_MS, timeout: 120_000 },
    );
  }

  /** Waits until the picture moves: more than `frames` are decoded from now on. */
  async pictureMoves(frames = 2): Promise<void> {
    // Not by waitForFunction: it takes the promise of an answer for the answer.
    await this.page.evaluate(
      async ({ frames, waitMsMax }) => {
        const { parlour } = globalThis as unknown as Global;
        const { framesDecoded } = await parlour.stats();
        const giveUpAt = performance.now() + waitMsMax;
        while ((await parlour.stats()).framesDecoded <= framesDecoded + frames) {
          if (performance.now() > giveUpAt) throw new Error('the picture does not move');
          await new Promise((resolve) => setTimeout(resolve, 20));
        }
      },
      { frames, waitMsMax: WAIT_MS_MAX },
    );
  }

  /** Waits until anything of the other's picture was decoded. */
  async firstPicture(): Promise<void> {
    await this.page.evaluate(async (waitMsMax) => {
      const { parlour } = globalThis as unknown as Global;
      const giveUpAt = performance.now() + waitMsMax;
      while ((await parlour.stats()).framesDecoded === 0) {
        if (performance.now() > giveUpAt) throw new Error('no picture comes');
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    }, WAIT_MS_MAX);
  }

  /** Waits until media goes that way, and moves. */
  async goesOver(transport: 'webrtc' | 'webtransport'): Promise<void> {
    await this.page.evaluate(
      async ([wanted, waitMsMax]) => {
        const { parlour } = globalThis as unknown as Global;
        const giveUpAt = performance.now() + waitMsMax;
        for (let stats = await parlour.stats(); stats.transport !== wanted; stats = await parlour.stats()) {
          if (performance.now() > giveUpAt)
            throw new Error(`media does not go over ${wanted}: ${JSON.stringify(stats)}`);
          await new Promise((resolve) => setTimeout(resolve, 20));
        }
      },
      [transport, WAIT_MS_MAX] as const,
    );
    await this.pictureMoves();
  }

  /** Waits until the picture stands still for `ms`. @returns when it stopped, on the page's clock in ms */
  pictureStops(ms: number): Promise<number> {
    return this.page.evaluate(async (quietMs) => {
      const { parlour } = globalThis as unknown as Global;
      let frames = -1;
      let since = performance.now();
      while (performance.now() - since < quietMs) {
        const now = (await parlour.stats()).framesDecoded;
        if (now !== frames) [frames, since] = [now, performance.now()];
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
      return performance.timeOrigin + since;
    }, ms);
  }
}

/** From the client's click to a live call, as the two would do it. */
export async function goLive(client: TestPerson, model: TestPerson, modelName: string): Promise<number> {
  try {
    await client.press(`Call ${modelName}`);
    await model.press('Accept');
    await Promise.all([client.pictureMoves(), model.pictureMoves()]);
    await model.press('Connect');
    await client.press('Connect');
    return (await client.inState('live')).callId;
  } catch (error) {
    const shown = await Promise.all([client.described(), model.described()]);
    throw new Error(`the call did not go live\nclient: ${shown[0]}\nmodel: ${shown[1]}`, { cause: error });
  }
}
