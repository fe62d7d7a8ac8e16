// Messages between two pages, also when an answer is lost on the way.
import type { Page } from 'playwright-core';
import t from 'tap';
import type { Thread } from '../../server/contract/index.ts';
import { TestPerson } from '../support/browser.ts';
import { openStudio } from '../support/studio.ts';

const { appliance, browser, operator } = await openStudio(t);
const { personId: miaId } = await appliance.makePerson(operator, 'model', 'Mia');
const { linkUrl } = await appliance.makePerson(operator, 'client', 'Alex');
const alex = await TestPerson.signIn(browser, linkUrl);
const { page } = alex;
const field = page.getByLabel('Write to Mia');
const lines = page.getByRole('log').getByRole('listitem');
const send = () => page.getByRole('button', { name: 'Send', exact: true }).click();

const fieldIsEmpty = () =>
  page.waitForFunction(() => {
    const { document } = globalThis as unknown as { document: { querySelector(what: string): { value: string } } };
    return document.querySelector('textarea').value === '';
  });

/** How often a text stands in the thread, as the appliance has it. */
async function timesInThread(text: string): Promise<number> {
  const { body } = await appliance.request<Thread>('GET', `/api/threads/${miaId}?limit=50`, {
    cookie: await alex.cookie(),
  });
  return body.messages.filter(({ content }) => content.kind === 'text' && content.text === text).length;
}

/** From now on, the line breaks right after the appliance has taken the next text, before it can say so. */
async function loseNextAnswer(page: Page): Promise<void> {
  let isLost = false;
  await page.routeWebSocket('**/hub', (socket) => {
    const server = socket.connectToServer();
    let sentId: number | null = null;
    socket.onMessage((text) => {
      const message = JSON.parse(String(text)) as { id: number; type: string };
      if (message.type === 'message.send' && !isLost) sentId = message.id;
      server.send(text);
    });
    server.onMessage((text) => {
      const message = JSON.parse(String(text)) as { id?: number; type: string };
      if (sentId !== null && message.type === 'message') return;
      if (sentId === null || message.type !== 'ok' || message.id !== sentId) return socket.send(text);
      isLost = true;
      sentId = null;
      void socket.close({ code: 4503, reason: 'cut' });
    });
  });
}

t.test('a thread is read once when it is opened', async (t) => {
  await page.goto(`${appliance.url}/messages/${miaId}`);
  await page.getByRole('heading', { name: 'Mia' }).waitFor();
  await field.fill('Good evening');
  await send();
  await lines.filter({ hasText: 'Good evening' }).waitFor();
  await fieldIsEmpty();
  const connected = page.waitForEvent('websocket').then((socket) => socket.waitForEvent('framereceived'));
  await page.goto(`${appliance.url}/messages`);
  await connected; // a thread that was open before is read anew then
  const asked: string[] = [];
  page.on('request', (request) => asked.push(new URL(request.url()).pathname));
  await page.getByRole('link', { name: /Mia/ }).click();
  await lines.filter({ hasText: 'Good evening' }).waitFor();
  await page.getByRole('heading', { name: 'Mia' }).waitFor();
  t.equal(asked.filter((path) => path === `/api/threads/${miaId}`).length, 1);
});

t.test(
  'sent again after a lost answer, a text stands there once; the same words later are a new message',
  async (t) => {
    await loseNextAnswer(page);
    await page.goto(`${appliance.url}/messages/${miaId}`);
    await page.getByRole('heading', { name: 'Mia' }).waitFor();
    // The page cannot find out by itself that the text arrived.
    await page.route(`**/api/threads/${miaId}*`, (route) => route.abort());
    await field.fill('Are you there?');
    await send();
    await page.getByRole('alert').first().waitFor();
    t.equal(await field.inputValue(), 'Are you there?', 'it is kept');
    t.equal(await timesInThread('Are you there?'), 1, 'it did arrive');
    await page.getByText('Connection lost').waitFor({ state: 'detached' });
    await send();
    await fieldIsEmpty();
    t.equal(await timesInThread('Are you there?'), 1);
    await page.unroute(`**/api/threads/${miaId}*`);
    await field.fill('Are you there?');
    await send();
    await fieldIsEmpty();
    t.equal(await timesInThread('Are you there?'), 2);
  },
);

t.test('a text whose answer was lost is seen to have arrived: nothing is left to send', async (t) => {
  await page.unrouteAll();
  await loseNextAnswer(page);
  await page.goto(`${appliance.url}/messages/${miaId}`);
  await page.getByRole('heading', { name: 'Mia' }).waitFor();
  await field.fill('Until nine');
  await send();
  await lines.filter({ hasText: 'Until nine' }).waitFor();
  await fieldIsEmpty();
  t.equal(await page.getByRole('alert').filter({ visible: true }).count(), 0);
  t.equal(await timesInThread('Until nine'), 1);
});
