// The pages as a phone on a slow network feels them: how much script the client's first page loads, how soon its
// largest content is painted, how long a press takes to show, and whether our code holds the page up in a call.
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import type { Browser, CDPSession, Page } from 'playwright-core';
import { TestAppliance } from '../test/support/appliance.ts';
import { goLive, openBrowser, TestPerson } from '../test/support/browser.ts';
import type { Bench } from './bench.ts';

/** "Slow 4G" of Chromium's tools, and a processor four times slower than this one. */
const NETWORK = { latency: 150, downloadThroughput: (1.6 * 1024 * 1024) / 8, uploadThroughput: (750 * 1024) / 8 };
const CPU_SLOWDOWN = 4;
const ROUNDS = { quick: 3, full: 7 };
const CALL_S = { quick: 10, full: 40 };
const LONG_TASK_MS = 50;
const MODELS = 12;

interface Measured {
  lcp: number;
  interactions: number[];
  longTasks: { ms: number; at: number }[];
}
type Global = { measured: Measured };

/** Runs in the page before anything else does. */
function watch(): void {
  const measured: Measured = { lcp: 0, interactions: [], longTasks: [] };
  Object.assign(globalThis, { measured });
  const { PerformanceObserver: Observer } = globalThis as never as {
    PerformanceObserver: new (
      heard: (list: { getEntries(): { startTime: number; duration: number }[] }) => void,
    ) => { observe(options: object): void };
  };
  new Observer((list) => {
    measured.lcp = list.getEntries().at(-1)?.startTime ?? measured.lcp;
  }).observe({ type: 'largest-contentful-paint', buffered: true });
  new Observer((list) => {
    measured.interactions.push(...list.getEntries().map((entry) => entry.duration));
  }).observe({ type: 'event', durationThreshold: 16, buffered: true });
  new Observer((list) => {
    measured.longTasks.push(...list.getEntries().map(({ duration, startTime }) => ({ ms: duration, at: startTime })));
  }).observe({ type: 'longtask', buffered: true });
}

const measuredIn = (page: Page) => page.evaluate(() => (globalThis as never as Global).measured);
const median = (values: number[]) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;

async function throttle(page: Page): Promise<CDPSession> {
  const tools = await page.context().newCDPSession(page);
  await tools.send('Network.enable');
  await tools.send('Network.emulateNetworkConditions', { offline: false, ...NETWORK });
  await tools.send('Emulation.setCPUThrottlingRate', { rate: CPU_SLOWDOWN });
  return tools;
}

/** Every script that the client's first page asks for, as gzip would send it. */
async function firstLoadKb(browser: Browser, url: string, cookies: { name: string; value: string }[]): Promise<number> {
  const context = await browser.newContext({ ignoreHTTPSErrors: true });
  await context.addCookies(cookies.map((cookie) => ({ ...cookie, url })));
  const page = await context.newPage();
  const scripts = new Map<string, Promise<Buffer>>();
  page.on('response', (response) => {
    const { pathname } = new URL(response.url());
    if (pathname.endsWith('.js') && pathname !== '/sw.js') scripts.set(pathname, response.body());
  });
  await page.goto(url);
  await page
    .getByRole('button', { name: /^Call / })
    .first()
    .waitFor();
  const bytes = (await Promise.all(scripts.values())).map((script) => gzipSync(script, { level: 9 }).length);
  await context.close();
  return bytes.reduce((sum, one) => sum + one, 0) / 1024;
}

/** One cold load on the slow profile, and some presses. */
async function round(browser: Browser, url: string, cookies: { name: string; value: string }[]) {
  const context = await browser.newContext({
    ignoreHTTPSErrors: true,
    viewport: { width: 390, height: 844 },
    deviceScaleFactor: 2,
    isMobile: true,
    hasTouch: true,
  });
  await context.addCookies(cookies.map((cookie) => ({ ...cookie, url })));
  await context.addInitScript(watch);
  const page = await context.newPage();
  await throttle(page);
  await page.goto(url);
  await page.getByRole('button', { name: 'Call Model0' }).waitFor();
  await page.getByLabel('Search by name, tag or language').pressSequentially('Model1', { delay: 60 });
  await page.getByRole('button', { name: 'Favourite: Model1', exact: true }).tap();
  await page.getByRole('link', { name: /Wallet/ }).tap();
  await page.getByRole('heading', { name: 'Wallet' }).waitFor();
  await page.getByRole('link', { name: /Video calls/ }).tap();
  await page.getByLabel('Search by name, tag or language').waitFor();
  const { lcp, interactions } = await measuredIn(page);
  await context.close();
  return { lcpMs: lcp, interactionMs: Math.max(0, ...interactions) };
}

/** Long tasks of both pages while a call is live and nothing is touched. */
async function longTasksInCall(browser: Browser, links: { model: string; client: string }, seconds: number) {
  const model = await TestPerson.signIn(browser, links.model);
  const client = await TestPerson.signIn(browser, links.client);
  await model.takesCalls({ rateMinor: 100, minimumMin: 0 });
  for (const { page } of [model, client]) {
    await page.addInitScript(watch);
    await page.reload();
  }
  await goLive(client, model, 'Mia');
  await sleep(2_000);
  const from = await Promise.all([model, client].map(({ page }) => page.evaluate(() => performance.now())));
  await sleep(seconds * 1_000);
  const found = await Promise.all([model, client].map(({ page }) => measuredIn(page)));
  await client.press('Hang up');
  return found.flatMap(({ longTasks }, index) =>
    longTasks.filter(({ ms, at }) => ms > LONG_TASK_MS && at > (from[index] as number)).map(({ ms }) => Math.round(ms)),
  );
}

export const pagesBench: Bench = {
  says: "script of the client's first page, largest paint and presses on a slow phone, long tasks in a call",
  async run({ isQuick, say }) {
    const appliance = new TestAppliance();
    await appliance.start();
    const browser = await openBrowser();
    try {
      const operator = await appliance.becomeOperator();
      for (let index = 0; index < MODELS; index += 1) await appliance.makePerson(operator, 'model', `Model${index}`);
      const alex = await appliance.makePerson(operator, 'client', 'Alex');
      const mia = await appliance.makePerson(operator, 'model', 'Mia');
      await appliance.addCredit(operator, alex.personId, 50_000);
      const [name = '', value = ''] = (await appliance.signIn(alex.linkUrl)).split('=');
      const cookies = [{ name, value }];

      const scriptKb = await firstLoadKb(browser, appliance.url, cookies);
      say(`script of the client's first page: ${scriptKb.toFixed(1)} KB in gzip`);
      const rounds = [];
      for (let index = 0; index < (isQuick ? ROUNDS.quick : ROUNDS.full); index += 1)
        rounds.push(await round(browser, appliance.url, cookies));
      const lcpMs = Math.round(median(rounds.map((one) => one.lcpMs)));
      const interactionMs = Math.round(median(rounds.map((one) => one.interactionMs)));
      say(`largest contentful paint, slow 4G and a processor ${CPU_SLOWDOWN}x slower: ${lcpMs} ms (median)`);
      say(`slowest press of a visit: ${interactionMs} ms (median)`);
      const seconds = isQuick ? CALL_S.quick : CALL_S.full;
      const clientLink = await appliance.newLink(operator, alex.personId);
      const longTasks = await longTasksInCall(browser, { model: mia.linkUrl, client: clientLink }, seconds);
      say(`tasks over ${LONG_TASK_MS} ms in ${seconds} s of a call, both pages: ${longTasks.length}`);
      return {
        figures: { scriptKb, lcpMs, interactionMs, longTasks, rounds, callSeconds: seconds },
        goals: [
          { says: "KB of script (gzip) on the client's first page", measured: scriptKb, atMost: 120 },
          { says: 'ms to the largest contentful paint on the slow profile', measured: lcpMs, atMost: 1_500 },
          { says: 'ms of the slowest press on the slow profile', measured: interactionMs, atMost: 100 },
          { says: `tasks over ${LONG_TASK_MS} ms while a call is live`, measured: longTasks.length, atMost: 0 },
        ],
      };
    } finally {
      await browser.close();
      await appliance.end();
    }
  },
};
