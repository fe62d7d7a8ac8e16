import type { Browser } from 'playwright-core';
import type { Test } from 'tap';
import { TestAppliance } from './appliance.ts';
import { openBrowser } from './browser.ts';

/** A house for one file of tests: an appliance with its operator, and a browser. All goes at the end of the file. */
export interface TestStudio {
  readonly appliance: TestAppliance;
  readonly browser: Browser;
  /** The operator's session, as a cookie. */
  readonly operator: string;
}

/**
 * Where something failed, the appliance's log is in what is printed.
 * @param settings of the appliance, as environment variables
 * @param flags of the browser
 */
export async function openStudio(
  t: Test,
  settings: Record<string, string> = {},
  ...flags: string[]
): Promise<TestStudio> {
  const appliance = new TestAppliance(settings);
  await appliance.start();
  const browser = await openBrowser(...flags);
  t.teardown(async () => {
    if (!t.passing()) t.comment(appliance.log);
    await browser.close();
    await appliance.end();
  });
  return { appliance, browser, operator: await appliance.becomeOperator() };
}
