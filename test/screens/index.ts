// Screenshots of every page and state, at four widths and in both themes, into screens/ (kept out of git), and a
// list of what lies outside of the page or is cut; it fails when there is any.
// Usage: npm run screens [-- pattern of names]
import fs from 'node:fs';
import path from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { TestAppliance } from '../support/appliance.ts';
import { openBrowser } from '../support/browser.ts';
import { type House, settled, TOUR_SETTINGS, tour } from '../support/tour.ts';

const SIZES = { phone: [360, 740], tablet: [820, 1180], desktop: [1280, 800], wide: [2560, 1300] } as const;
/** Only looked at for what is cut: the narrowest page, and text of twice the size. */
const TIGHT = {
  narrow: [320, 640, 100],
  landscape: [740, 360, 100],
  'large-text': [640, 800, 200],
  'large-text-phone': [360, 740, 200],
} as const;
const folder = path.resolve('screens');
const wanted = new RegExp(process.argv[2] ?? '');
const troubles: string[] = [];

/** Elements that stick out of the page, and words that are cut without a way to read the rest. */
function cutOff(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const { document, getComputedStyle, innerWidth } = globalThis as unknown as {
      // biome-ignore lint/suspicious/noExplicitAny: this runs in the page, whose types the server's side has not
      document: any;
      // biome-ignore lint/suspicious/noExplicitAny: as above
      getComputedStyle: any;
      innerWidth: number;
    };
    const found: string[] = [];
    const nameOf = (element: { textContent: string; tagName: string; className: string }) =>
      `${element.tagName.toLowerCase()} "${element.textContent.trim().slice(0, 40)}" (${String(element.className).slice(0, 60)})`;
    for (const element of document.querySelectorAll('body *')) {
      const box = element.getBoundingClientRect();
      const style = getComputedStyle(element);
      if (box.width === 0 || box.height === 0 || style.visibility === 'hidden' || style.opacity === '0') continue;
      if (element.closest('.sr-only, svg, [inert], [aria-hidden="true"]') || box.right <= 0 || box.bottom <= 0)
        continue;
      let scroller = element.parentElement;
      while (scroller && !/auto|scroll/.test(getComputedStyle(scroller).overflowX)) scroller = scroller.parentElement;
      if (!scroller && (box.right > innerWidth + 1 || box.left < -1)) found.push(`sticks out: ${nameOf(element)}`);
      const isCut = element.scrollWidth > element.clientWidth + 1 && /hidden|clip/.test(style.overflowX);
      const isText = [...element.childNodes].some((node: { nodeType: number }) => node.nodeType === 3);
      if (isCut && isText && style.textOverflow !== 'ellipsis') found.push(`cut: ${nameOf(element)}`);
    }
    return found.slice(0, 3);
  });
}

/** A change of the theme is on the screen with the frame after the next one. */
function painted(page: Page): Promise<void> {
  return page.evaluate(async () => {
    const { requestAnimationFrame } = globalThis as unknown as { requestAnimationFrame(done: () => void): void };
    for (const _ of [1, 2]) await new Promise<void>((done) => requestAnimationFrame(done));
  });
}

/** Of what scrolls as a page, all of it; a call and a dialog are one screen. */
const isWhole = (name: string) => !/^call-|-delete$|-new$|-suspend$|device-check/.test(name);

async function shoot(name: string, page: Page): Promise<void> {
  if (!wanted.test(name)) return;
  const before = page.viewportSize();
  for (const [size, [width, height]] of Object.entries(SIZES)) {
    await page.setViewportSize({ width, height });
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      await painted(page);
      const file = path.join(folder, `${name}.${size}.${colorScheme}.png`);
      await page.screenshot({ path: file, fullPage: isWhole(name) });
    }
    for (const what of await cutOff(page)) troubles.push(`${name} at ${size}: ${what}`);
  }
  for (const [size, [width, height, percent]] of Object.entries(TIGHT)) {
    await page.setViewportSize({ width, height });
    await page.evaluate((percent) => {
      const { document } = globalThis as unknown as { document: { documentElement: { style: { fontSize: string } } } };
      document.documentElement.style.fontSize = `${percent}%`;
    }, percent);
    await page.screenshot({ path: path.join(folder, `${name}.${size}.png`), fullPage: isWhole(name) });
    for (const what of await cutOff(page)) troubles.push(`${name} at ${size}: ${what}`);
  }
  await page.evaluate(() => {
    const { document } = globalThis as unknown as { document: { documentElement: { style: { fontSize: string } } } };
    document.documentElement.style.fontSize = '';
  });
  await page.emulateMedia({ colorScheme: null, reducedMotion: null });
  if (before) await page.setViewportSize(before);
  console.error(name);
}

/** Words are longer in Spanish: the pages once more, where they need no steps. */
const SPANISH = {
  alex: ['/', '/wallet', '/history', '/messages', '/account'],
  mia: ['/', '/earnings', '/profile', '/history'],
  boss: [
    '/operator',
    '/operator/people',
    '/operator/disputes',
    '/operator/money',
    '/operator/studio',
    '/operator/studio/settings',
  ],
} as const;

async function inSpanish(house: House, browser: Browser): Promise<void> {
  for (const [who, paths] of Object.entries(SPANISH) as [keyof typeof SPANISH, readonly string[]][]) {
    const context = await browser.newContext({ ignoreHTTPSErrors: true, locale: 'es-ES' });
    await context.addCookies(await house[who].page.context().cookies());
    const page = await context.newPage();
    for (const where of paths) {
      await page.goto(`${house.url}${where}`);
      await page.getByRole('heading', { level: 1 }).first().waitFor();
      await settled(page);
      await shoot(`es-${who}${where.replaceAll('/', '-')}`, page);
    }
    await context.close();
  }
}

fs.rmSync(folder, { recursive: true, force: true });
fs.mkdirSync(folder);
const appliance = new TestAppliance(TOUR_SETTINGS);
await appliance.start();
const browser = await openBrowser('--hide-scrollbars');
try {
  await inSpanish(await tour(appliance, browser, shoot), browser);
} finally {
  await browser.close();
  await appliance.end();
  console.log(`${fs.readdirSync(folder).length} screenshots in screens/`);
  for (const trouble of troubles) console.log(trouble);
}
process.exitCode = troubles.length > 0 ? 1 : 0;
