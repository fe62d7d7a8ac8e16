// A call as its two people feel it, on real parts and in real pages: from the click to the ring, from
// accepting to the first picture, from the end of the funds to the last packet.
import type { Page } from 'playwright-core';
import { TestAppliance } from '../../test/support/appliance.ts';
import { openBrowser, TestPerson } from '../../test/support/browser.ts';
import type { Bench } from '../bench.ts';
import { benchSetUps } from './setups.ts';

const RATE_MINOR = 600;
/** Credit for the start of a call, and no more: a minute. */
const CREDIT_S = 60;
const ROUNDS = { quick: 3, full: 15 };
const WAIT_MS_MAX = 30_000;
const PAIRS = { quick: 20, full: 100 };
const SET_UP_S = 10;

interface Door {
  stats(): Promise<{ framesDecoded: number }>;
  callView(): { state: string; meter: { state: string; billableMs: number } | null } | null;
}
type Global = { parlour: Door };

interface Spread {
  readonly p50: number;
  readonly max: number;
}

export const callsBench: Bench = {
  says: 'click to ring, accept to first picture, end of funds to last picture, in two real pages; set-ups over sockets',
  async run({ isQuick, say }) {
    const appliance = new TestAppliance({ PARLOUR_MONEY_TARIFF: 'per_second' });
    await appliance.start();
    const browsers = [await openBrowser(), await openBrowser()] as const;
    try {
      const operator = await appliance.becomeOperator();
      const mia = await appliance.makePerson(operator, 'model', 'Mia');
      const alex = await appliance.makePerson(operator, 'client', 'Alex');
      await appliance.addCredit(operator, alex.personId, RATE_MINOR);
      const model = await TestPerson.signIn(browsers[0], mia.linkUrl);
      const client = await TestPerson.signIn(browsers[1], alex.linkUrl);
      const cookie = (await model.page.context().cookies()).map(({ name, value }) => `${name}=${value}`).join('; ');
      const profile = { rateMinor: RATE_MINOR, minimumMin: 0, about: '', languages: [], tags: [] };
      await appliance.request('PUT', '/api/profile', { cookie, body: profile });
      await appliance.request('PUT', '/api/availability', { cookie, body: { hours: 1 } });

      const rings: number[] = [];
      const pictures: number[] = [];
      for (let round = 0; round < (isQuick ? ROUNDS.quick : ROUNDS.full); round++) {
        const { ringMs, pictureMs } = await ringAndAccept(client, model);
        rings.push(ringMs);
        pictures.push(pictureMs);
        await client.press('Leave');
        await Promise.all([client.inState('ended'), model.inState('ended')]);
        await Promise.all([client.page.goto(appliance.url), model.page.goto(appliance.url)]);
      }
      const [ring, picture] = [spread(rings), spread(pictures)];
      say(`click to ring: p50 ${ring.p50} ms, max ${ring.max} ms`);
      say(`accept to first picture at both ends: p50 ${picture.p50} ms, max ${picture.max} ms`);
      const cutMs = isQuick ? null : await fundsToLastPicture(client, model);
      say(
        cutMs === null
          ? 'end of funds: needs a minute, left out with --quick'
          : `end of funds to last picture: ${cutMs} ms`,
      );
      const setUps = await benchSetUps(appliance, isQuick ? PAIRS.quick : PAIRS.full, SET_UP_S);
      say(`set-ups without media: ${setUps.perSecond} a second with ${setUps.pairs} pairs of pages`);
      say(`  ring to heard: p50 ${setUps.ringToHeardMs.p50} ms, p99 ${setUps.ringToHeardMs.p99} ms`);
      say(`  memory of an open call: main ${setUps.mainKbPerCall} KB, media ${setUps.mediaKbPerCall} KB`);
      return {
        figures: {
          setUps,
          rounds: rings.length,
          clickToRingMs: ring,
          acceptToFirstPictureMs: picture,
          fundsToLastPictureMs: cutMs,
        },
        goals: [
          {
            says: 'ms from accept to first picture (p50), two browsers on one machine',
            measured: picture.p50,
            atMost: 1_000,
          },
          { says: 'ms from the end of the funds to the last picture', measured: cutMs, atMost: 500 },
        ],
      };
    } finally {
      await Promise.all(browsers.map((browser) => browser.close()));
      await appliance.end();
    }
  },
};

async function ringAndAccept(client: TestPerson, model: TestPerson): Promise<{ ringMs: number; pictureMs: number }> {
  await client.page.getByRole('button', { name: 'Call Mia', exact: true, disabled: false }).waitFor();
  const heard = whenInState(model.page, 'ringing');
  const clickedAt = await click(client.page, 'Call Mia');
  const ringMs = (await heard) - clickedAt;
  await model.page.getByRole('button', { name: 'Accept', exact: true }).waitFor();
  const seen = Promise.all([whenFirstPicture(client.page), whenFirstPicture(model.page)]);
  const acceptedAt = await click(model.page, 'Accept');
  return { ringMs: Math.round(ringMs), pictureMs: Math.round(Math.max(...(await seen)) - acceptedAt) };
}

/** Plays a call until its minute of credit is used up. @returns from the suspension to the last decoded picture */
async function fundsToLastPicture(client: TestPerson, model: TestPerson): Promise<number> {
  await ringAndAccept(client, model);
  await model.press('Connect');
  await client.press('Connect');
  await client.inState('live');
  await client.unitsCharged(CREDIT_S - 5);
  const [suspendedAt, stopped] = await Promise.all([
    whenInState(client.page, 'suspended'),
    client.inState('suspended').then(() => Promise.all([client.pictureStops(1_000), model.pictureStops(1_000)])),
  ]);
  return Math.round(Math.max(0, ...stopped.map((at) => at - suspendedAt)));
}

/** Clicks from inside the page. @returns the page's clock at the click */
function click(page: Page, name: string): Promise<number> {
  return page.getByRole('button', { name, exact: true }).evaluate((button) => {
    const at = performance.timeOrigin + performance.now();
    (button as unknown as { click(): void }).click();
    return at;
  });
}

function whenInState(page: Page, state: string, timeoutMs = WAIT_MS_MAX): Promise<number> {
  return page.evaluate(
    async ([wanted, limit]) => {
      const giveUpAt = performance.now() + limit;
      while ((globalThis as unknown as Global).parlour.callView()?.state !== wanted) {
        if (performance.now() > giveUpAt) throw new Error(`never ${wanted}`);
        await new Promise((resolve) => setTimeout(resolve, 2));
      }
      return performance.timeOrigin + performance.now();
    },
    [state, timeoutMs] as const,
  );
}

function whenFirstPicture(page: Page): Promise<number> {
  return page.evaluate(async (limit) => {
    const giveUpAt = performance.now() + limit;
    while ((await (globalThis as unknown as Global).parlour.stats()).framesDecoded === 0) {
      if (performance.now() > giveUpAt) throw new Error('no picture');
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    return performance.timeOrigin + performance.now();
  }, WAIT_MS_MAX);
}

function spread(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b);
  return { p50: sorted[Math.floor(sorted.length / 2)] as number, max: sorted.at(-1) as number };
}
