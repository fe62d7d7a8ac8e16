import { setTimeout as sleep } from 'node:timers/promises';
import type { Browser, Page } from 'playwright-core';
import { monotonicMs } from '../../clock/index.ts';
import { type CallView, type MediaTransport, type Receipt, toMinor } from '../../contract/index.ts';
import type { Appliance } from '../../main.ts';
import { findBrowser, launch } from './browser.ts';
import { type DemoPeople, RATE_MINOR } from './people.ts';
import type { DemoReport } from './report.ts';
import type { ShapedNetwork } from './shaped-network.ts';

interface PageStats {
  readonly transport: MediaTransport | null;
  readonly framesDecoded: number;
  readonly audioEnergy: number;
  readonly audioSamples: number;
}

/** What the built pages offer for measuring. */
interface MeasuringApi {
  stats(): Promise<PageStats>;
  callView(): CallView | null;
}

const STEP_MS_MAX = 30_000;
const WATCH_MS = 50;
const TOP_UP_MINUTES = 5;

export interface PlayOptions {
  /** Where pages reach the appliance. */
  base: string;
  /** Where the model's page runs; null: beside the client's. */
  network: ShapedNetwork | null;
  liftAtSecond: number | null;
  seconds: number;
  topUpAtSecond: number | null;
  screenshots: string | null;
  say: (text: string) => void;
}

/** The two pages of a call that is played, and the pictures that are taken of them. */
interface Stage {
  readonly model: Page;
  readonly client: Page;
  shot(name: string): Promise<void>;
}

/** Plays a whole call between two real browser windows, as two people would, and says what came of it. */
export async function playCall(appliance: Appliance, people: DemoPeople, options: PlayOptions): Promise<DemoReport> {
  const browsers: Browser[] = [];
  try {
    const executable = await findBrowser();
    // A browser each: one process alone would share its timers and its encoder between the two.
    browsers.push(await launch(options.network?.wrap(executable) ?? executable), await launch(executable));
    const model = await signIn(browsers[0] as Browser, options.base, people.model.token);
    const client = await signIn(browsers[1] as Browser, options.base, people.client.token);
    const shot = async (name: string) => {
      if (!options.screenshots) return;
      await model.screenshot({ path: `${options.screenshots}/${name}-model.png` });
      await client.screenshot({ path: `${options.screenshots}/${name}-client.png` });
    };
    const stage = { model, client, shot };
    await shot('1-signed-in');
    options.say('ringing …');
    const callId = await goLive(stage, people);
    options.say(`live: ${options.seconds} s …`);
    return await playLive(stage, appliance, people, callId, options);
  } finally {
    await Promise.all(browsers.map((browser) => browser.close()));
  }
}

async function goLive({ model, client, shot }: Stage, people: DemoPeople): Promise<number> {
  await client.getByRole('button', { name: `Call ${people.model.displayName}` }).click();
  await model.getByRole('button', { name: 'Accept' }).waitFor();
  await shot('2-ring');
  await model.getByRole('button', { name: 'Accept' }).click();
  await Promise.all([pictureMoves(model), pictureMoves(client)]);
  await shot('3-confirmation');
  await model.getByRole('button', { name: 'Connect', exact: true }).click();
  await client.getByRole('button', { name: 'Connect', exact: true }).click();
  await inState(client, 'live');
  return (await viewOf(client))?.callId as number;
}

async function playLive(
  { model, client, shot }: Stage,
  appliance: Appliance,
  people: DemoPeople,
  callId: number,
  options: PlayOptions,
): Promise<DemoReport> {
  const liveAtMs = monotonicMs();
  const untilSecond = (second: number) => sleep(Math.max(0, second * 1_000 - (monotonicMs() - liveAtMs)));
  const shown = { model: watchForNotCharging(model), client: watchForNotCharging(client) };
  if (options.liftAtSecond !== null)
    setTimeout(() => void options.network?.shape(null), options.liftAtSecond * 1_000).unref();
  const suspension = watchForSuspension(appliance, client, callId, options.seconds * 1_000);
  let wentOn: boolean | undefined;
  if (options.topUpAtSecond !== null) {
    await untilSecond(options.topUpAtSecond);
    await shot('4-suspended');
    await topUp(appliance, people);
    await client.getByRole('button', { name: 'Restart call' }).click();
    await inState(client, 'live');
    wentOn = await Promise.all([pictureMoves(model), pictureMoves(client)]).then(() => true);
  }
  await untilSecond(options.seconds);
  await shot('5-live');
  const stats = { model: await statsOf(model), client: await statsOf(client) };
  const notChargingShown = { model: await shown.model.end(), client: await shown.client.end() };
  await client.getByRole('button', { name: 'Hang up' }).click();
  await inState(client, 'ended');
  const money = await moneyOf(appliance, people, callId);
  await shot('6-ended');
  return {
    ...mediaOf(stats.model, stats.client),
    ...money,
    notChargingShown,
    ...(await suspension),
    ...(wentOn !== undefined && { wentOn }),
  };
}

function mediaOf(ofModel: PageStats, ofClient: PageStats) {
  const isHeard = (stats: PageStats) => stats.audioSamples > 0 && stats.audioEnergy > 0;
  return {
    transport: ofModel.transport === ofClient.transport ? ofModel.transport : null,
    framesDecoded: { model: ofModel.framesDecoded, client: ofClient.framesDecoded },
    audio: { model: isHeard(ofModel), client: isHeard(ofClient) },
  };
}

async function moneyOf(appliance: Appliance, people: DemoPeople, callId: number) {
  const record = await settled(appliance, callId);
  const receipt = await appliance.history.receipt(await appliance.accounts.person(people.client.personId), callId);
  return {
    charges: receipt.units.map(({ unit, amountMinor, billableMs }) => ({ unit, amountMinor, atMs: billableMs })),
    billableMs: record.billableMs,
    pauses: pausesOf(receipt),
    ledgerBalanced: (await appliance.ledger.check()).isBalanced === true,
    receiptAgrees: record.agrees === true,
    outcome: record.outcome,
  };
}

async function signIn(browser: Browser, base: string, token: string): Promise<Page> {
  const context = await browser.newContext({ ignoreHTTPSErrors: true, viewport: { width: 1280, height: 800 } });
  await context.grantPermissions(['camera', 'microphone']);
  const page = await context.newPage();
  page.setDefaultTimeout(STEP_MS_MAX);
  await page.goto(`${base}/sign-in#${token}`);
  await page.getByRole('button', { name: 'Sign out' }).first().waitFor();
  return page;
}

const viewOf = (page: Page): Promise<CallView | null> =>
  page.evaluate(() => (globalThis as unknown as { parlour: MeasuringApi }).parlour.callView());
const statsOf = (page: Page): Promise<PageStats> =>
  page.evaluate(() => (globalThis as unknown as { parlour: MeasuringApi }).parlour.stats());

async function inState(page: Page, state: CallView['state']): Promise<void> {
  await page.waitForFunction(
    (wanted) => (globalThis as unknown as { parlour: MeasuringApi }).parlour.callView()?.state === wanted,
    state,
    { polling: WATCH_MS },
  );
}

/** Waits until the page has decoded more frames than it had. */
async function pictureMoves(page: Page): Promise<void> {
  const { framesDecoded: before } = await statsOf(page);
  const giveUpAtMs = monotonicMs() + STEP_MS_MAX;
  // Not waitForFunction: of a function that promises, it takes the promise itself for a yes.
  while ((await statsOf(page)).framesDecoded <= before) {
    if (monotonicMs() > giveUpAtMs) throw new Error('no picture came');
    await sleep(WATCH_MS);
  }
}

/** Measures, in the appliance, when the meter was suspended and when the last packet went out after that. */
async function watchForSuspension(
  appliance: Appliance,
  client: Page,
  callId: number,
  withinMs: number,
): Promise<Pick<DemoReport, 'suspendedAtMs' | 'lastPacketAfterMs'>> {
  const giveUpAtMs = monotonicMs() + withinMs;
  while (monotonicMs() < giveUpAtMs) {
    const view = await viewOf(client).catch(() => null);
    if (view?.state !== 'suspended') {
      await sleep(WATCH_MS);
      continue;
    }
    await sleep(2_000); // counters are told once a second
    const line = (await appliance.meterLog.read(callId)).find((entry) => entry.kind === 'suspended');
    if (!line) return {};
    const suspendedAtMs = line.billableMs;
    const atMonotonicMs = monotonicMs() - (Date.now() - line.at.getTime());
    const last = Math.max(...appliance.media.countersOf(callId).map((leg) => leg.lastForwardedMs ?? 0));
    return { suspendedAtMs, lastPacketAfterMs: Math.round(last - atMonotonicMs) };
  }
  return {};
}

/** Whether a page has shown the words, for as long as it is watched. */
function watchForNotCharging(page: Page): { end(): Promise<boolean> } {
  const words = page.getByText('Not charging', { exact: true }).first();
  const stop = new AbortController();
  const seen = words.waitFor({ timeout: 0 }).then(
    () => true,
    () => false,
  );
  const ended = new Promise<boolean>((resolve) => stop.signal.addEventListener('abort', () => resolve(false)));
  return {
    async end() {
      const isThere = await words.isVisible();
      stop.abort();
      return (await Promise.race([seen, ended])) || isThere;
    },
  };
}

/** Pauses in ms since the call was live. */
function pausesOf(receipt: Receipt): DemoReport['pauses'] {
  const liveAtMs = Date.parse(receipt.liveAt ?? receipt.rangAt);
  return receipt.pauses.map(({ reason, from, to, evidence }) => ({
    reason,
    fromMs: Math.max(0, Date.parse(from) - liveAtMs),
    toMs: to === null ? null : Date.parse(to) - liveAtMs,
    evidence,
  }));
}

/** As the operator does it, with a reason. */
async function topUp(appliance: Appliance, people: DemoPeople): Promise<void> {
  await appliance.ledger.topUp({
    key: 'demo-top-up',
    clientId: people.client.personId,
    amountMinor: toMinor(TOP_UP_MINUTES * RATE_MINOR),
    reason: 'Top-up during the call',
    actorId: people.operator.personId,
  });
}

/** The row once log, ledger and receipt were compared. */
async function settled(appliance: Appliance, callId: number) {
  const giveUpAtMs = monotonicMs() + STEP_MS_MAX;
  for (;;) {
    const record = await appliance.records.read(callId);
    if (record.agrees !== null) return record;
    if (monotonicMs() > giveUpAtMs) throw new Error('the call was not settled');
    await sleep(WATCH_MS);
  }
}
