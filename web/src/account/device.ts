// What a browser calls itself, in words. Names of products are the same in every language.

const BROWSERS: [RegExp, string][] = [
  [/Edg(e|A|iOS)?\//, 'Edge'],
  [/OPR\/|Opera/, 'Opera'],
  [/SamsungBrowser\//, 'Samsung Internet'],
  [/Firefox\/|FxiOS\//, 'Firefox'],
  [/CriOS\/|Chrome\/|Chromium\//, 'Chrome'],
  [/Safari\//, 'Safari'],
];
const SYSTEMS: [RegExp, string][] = [
  [/iPhone/, 'iPhone'],
  [/iPad/, 'iPad'],
  [/Android/, 'Android'],
  [/Windows/, 'Windows'],
  [/CrOS/, 'ChromeOS'],
  [/Macintosh|Mac OS X/, 'Mac'],
  [/Linux/, 'Linux'],
];

const find = (list: [RegExp, string][], text: string) => list.find(([pattern]) => pattern.test(text))?.[1];

/** Browser and system, as far as they can be told; null when neither can. */
export function deviceNames(userAgent: string): { browser: string | null; system: string | null } | null {
  const browser = find(BROWSERS, userAgent) ?? null;
  const system = find(SYSTEMS, userAgent) ?? null;
  return browser || system ? { browser, system } : null;
}

export const isPhone = (userAgent: string): boolean => /iPhone|Android.*Mobile/.test(userAgent);
