// Every page and state that the tour leads through, in both themes, by axe-core; the paid call in it by keyboard alone.
import t from 'tap';
import { TestAppliance } from '../support/appliance.ts';
import { axeFindings } from '../support/axe.ts';
import { openBrowser } from '../support/browser.ts';
import { TOUR_SETTINGS, tour } from '../support/tour.ts';

const appliance = new TestAppliance(TOUR_SETTINGS);
await appliance.start();
const browser = await openBrowser();
t.teardown(async () => {
  await browser.close();
  await appliance.end();
});

t.test('axe-core finds nothing on any page, in either theme, and a paid call goes by keyboard alone', async (t) => {
  const visited: string[] = [];
  await tour(appliance, browser, async (name, page) => {
    visited.push(name);
    t.same(await axeFindings(page), [], name);
  });
  t.ok(visited.length >= 50, `${visited.length} stops`);
  t.ok(visited.includes('call-ended-client'), 'the call went from ring to end');
});
