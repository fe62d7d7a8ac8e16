import fs from 'node:fs';
import type { Browser } from 'playwright-core';

const PLACES = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome-stable',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
];

/** A Chromium that is installed on this machine. */
export async function findBrowser(): Promise<string> {
  const found = PLACES.find((place) => fs.existsSync(place));
  if (found) return found;
  throw new Error('No Chromium was found. Install one (on Debian: apt-get install chromium) and try again.');
}

/**
 * A headless browser with a fake camera and microphone that speaks to nobody but the appliance.
 * @param flags more of Chromium's own
 */
export async function launch(executablePath: string, flags: readonly string[] = []): Promise<Browser> {
  const { chromium } = await import('playwright-core').catch(() => {
    throw new Error('This needs the development packages. Run npm ci first.');
  });
  return chromium.launch({
    executablePath,
    headless: true,
    args: [
      ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
      '--disable-gpu',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--no-first-run',
      '--use-fake-device-for-media-stream',
      '--use-fake-ui-for-media-stream',
      '--autoplay-policy=no-user-gesture-required',
      '--allow-loopback-in-peer-connection',
      '--disable-features=WebRtcHideLocalIpsWithMdns',
      ...flags,
    ],
  });
}
