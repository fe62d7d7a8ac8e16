// From one page's camera to the other's screen: the camera is a canvas with a clock in it, read again at the far
// end. Both pages run on this machine, so that their clocks are one.
/// <reference lib="dom" />
import type { Browser } from 'playwright-core';
import { TestAppliance } from '../../test/support/appliance.ts';
import { openBrowser, TestPerson } from '../../test/support/browser.ts';

const RATE_MINOR = 600;
const ROUNDS = { quick: 3, full: 8 };
const WATCH_MS = { quick: 4_000, full: 12_000 };
/** What a call takes to find its bitrate. */
const SETTLE_MS = 4_000;
const RING_MS = 1_500;
const TRANSPORTS = ['webrtc', 'webtransport'] as const;
export type Way = (typeof TRANSPORTS)[number];

export interface Glass {
  readonly firstPictureMs: { readonly p50: number; readonly max: number };
  readonly glassToGlassMs: { readonly p50: number; readonly p95: number };
  readonly framesPerSecond: number;
  readonly cpuSecondsPerGbit: number | null;
}

/** Runs in the page before anything of it: the camera shows 32 squares, black or white, of the time in ms. */
function clockCamera(): void {
  const real = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
  navigator.mediaDevices.getUserMedia = async (constraints) => {
    const stream = await real(constraints);
    const track = stream.getVideoTracks()[0];
    if (!track) return stream;
    const canvas = Object.assign(document.createElement('canvas'), { width: 1_280, height: 720 });
    const context = canvas.getContext('2d') as CanvasRenderingContext2D;
    const paint = () => {
      const now = Math.round(performance.timeOrigin + performance.now()) >>> 0;
      context.fillStyle = `hsl(${now % 360} 60% 50%)`;
      context.fillRect(0, 0, 1_280, 720);
      for (let bit = 0; bit < 32; bit++) {
        context.fillStyle = (now >>> bit) & 1 ? '#fff' : '#000';
        context.fillRect((bit % 8) * 160, Math.floor(bit / 8) * 180, 160, 180);
      }
    };
    setInterval(paint, 1_000 / 30);
    paint();
    stream.removeTrack(track);
    track.stop();
    stream.addTrack(canvas.captureStream(30).getVideoTracks()[0] as MediaStreamTrack);
    return stream;
  };
}

/** Reads the clock of the other's picture, frame by frame. @returns delays in ms */
function readClock(watchMs: number): Promise<number[]> {
  const video = [...document.querySelectorAll('video')].find((one) => !one.muted) as HTMLVideoElement;
  const canvas = Object.assign(document.createElement('canvas'), { width: 8, height: 4 });
  const context = canvas.getContext('2d', { willReadFrequently: true }) as CanvasRenderingContext2D;
  context.imageSmoothingEnabled = false;
  const delays: number[] = [];
  const until = performance.now() + watchMs;
  return new Promise((resolve) => {
    const look = () => {
      const now = Math.round(performance.timeOrigin + performance.now());
      const { videoWidth, videoHeight } = video;
      // The middle of each square, where no edge is.
      for (let bit = 0; bit < 32; bit++) {
        const x = ((bit % 8) + 0.4) * (videoWidth / 8);
        const y = (Math.floor(bit / 8) + 0.4) * (videoHeight / 4);
        context.drawImage(video, x, y, videoWidth / 40, videoHeight / 20, bit % 8, Math.floor(bit / 8), 1, 1);
      }
      const { data } = context.getImageData(0, 0, 8, 4);
      let stamp = 0;
      for (let bit = 0; bit < 32; bit++) if ((data[bit * 4] as number) > 127) stamp |= 1 << bit;
      const delay = ((now >>> 0) - (stamp >>> 0)) | 0;
      if (delay >= 0 && delay < 5_000) delays.push(delay);
      if (performance.now() > until) resolve(delays);
      else video.requestVideoFrameCallback(look);
    };
    video.requestVideoFrameCallback(look);
  });
}

/** @returns what both ways come to, one after the other on the same machine in the same run */
export async function measureGlass(isQuick: boolean, say: (line: string) => void): Promise<Record<Way, Glass>> {
  const found = {} as Record<Way, Glass>;
  for (const way of TRANSPORTS) {
    found[way] = await measureWay(way, isQuick);
    const { firstPictureMs, glassToGlassMs, framesPerSecond, cpuSecondsPerGbit } = found[way];
    say(
      `${way}: accept to first picture p50 ${firstPictureMs.p50} ms, max ${firstPictureMs.max}; glass to glass p50 ` +
        `${glassToGlassMs.p50} ms, p95 ${glassToGlassMs.p95}; ${framesPerSecond} frames/s; ` +
        `${cpuSecondsPerGbit?.toFixed(1)} s of CPU a gigabit`,
    );
  }
  return found;
}

async function measureWay(way: Way, isQuick: boolean): Promise<Glass> {
  const appliance = new TestAppliance({
    PARLOUR_MEDIA_TRANSPORT: way,
    PARLOUR_MEDIA_WEB_TRANSPORT_PORT: '0',
    // A burst would be measured with the picture.
    PARLOUR_METER_SLOW_LINK_KBPS: '0',
  });
  await appliance.start();
  const browsers: Browser[] = [await openBrowser(), await openBrowser()];
  try {
    const operator = await appliance.becomeOperator();
    const mia = await appliance.makePerson(operator, 'model', 'Mia');
    const alex = await appliance.makePerson(operator, 'client', 'Alex');
    await appliance.addCredit(operator, alex.personId, RATE_MINOR * 10);
    const model = await TestPerson.signIn(browsers[0] as Browser, mia.linkUrl);
    const client = await TestPerson.signIn(browsers[1] as Browser, alex.linkUrl);
    await model.takesCalls({ rateMinor: RATE_MINOR, minimumMin: 0 });
    for (const { page } of [model, client]) await page.addInitScript(clockCamera);

    const pictures: number[] = [];
    for (const { page } of [model, client]) await page.goto(appliance.url);
    pictures.push(await acceptToPicture(client, model));
    await client.page.waitForTimeout(SETTLE_MS);
    const before = await carried(appliance, operator, way);
    const framesBefore = (await client.stats()).framesDecoded;
    const watchMs = isQuick ? WATCH_MS.quick : WATCH_MS.full;
    const delays = (await client.page.evaluate(readClock, watchMs)).sort((a, b) => a - b);
    const frames = (await client.stats()).framesDecoded - framesBefore;
    const after = await carried(appliance, operator, way);
    await hangUp(client, model);
    for (let round = 1; round < (isQuick ? ROUNDS.quick : ROUNDS.full); round++) {
      for (const { page } of [model, client]) await page.goto(appliance.url);
      pictures.push(await acceptToPicture(client, model));
      await hangUp(client, model);
    }
    pictures.sort((a, b) => a - b);
    const gbit = ((after.bytes - before.bytes) * 8) / 1e9;
    return {
      firstPictureMs: { p50: pictures[pictures.length >> 1] as number, max: pictures.at(-1) as number },
      glassToGlassMs: {
        p50: delays[delays.length >> 1] ?? Number.NaN,
        p95: delays[Math.floor(delays.length * 0.95)] ?? Number.NaN,
      },
      framesPerSecond: Math.round((frames * 1_000) / watchMs),
      cpuSecondsPerGbit: gbit > 0 ? (after.cpuS - before.cpuS) / gbit : null,
    };
  } finally {
    await Promise.all(browsers.map((browser) => browser.close()));
    await appliance.end();
  }
}

async function acceptToPicture(client: TestPerson, model: TestPerson): Promise<number> {
  await client.page.getByRole('button', { name: 'Call Mia', exact: true, disabled: false }).click();
  const accept = model.page.getByRole('button', { name: 'Accept', exact: true });
  await accept.waitFor();
  await model.page.waitForTimeout(RING_MS); // nobody answers sooner
  const atMs = performance.now();
  const pictures = Promise.all([client.firstPicture(), model.firstPicture()]);
  await accept.click();
  await pictures;
  return Math.round(performance.now() - atMs);
}

async function hangUp(client: TestPerson, model: TestPerson): Promise<void> {
  await client.press('Leave');
  await Promise.all([client.inState('ended'), model.inState('ended')]);
}

/** What the process of a transport has carried, and its CPU, from the metrics. */
async function carried(appliance: TestAppliance, cookie: string, way: Way): Promise<{ bytes: number; cpuS: number }> {
  const { body: text } = await appliance.request<string>('GET', '/api/metrics', { cookie });
  const read = (what: string) =>
    Number(
      new RegExp(`^parlour_media_total\\{transport="${way}",what="${what}"\\} ([0-9.e+]+)$`, 'm').exec(text)?.[1] ?? 0,
    );
  return { bytes: read('bytes'), cpuS: read('cpu_seconds') };
}
