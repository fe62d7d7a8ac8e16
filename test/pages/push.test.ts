// Notifications and installing, in a real browser: the service worker shows what the appliance sent.
import t from 'tap';
import { TestAppliance } from '../support/appliance.ts';
import { openBrowser, TestPerson } from '../support/browser.ts';

type Shown = { title: string; body: string; tag: string; requireInteraction: boolean };

/** A browser may wait so long for a notification's pictures before it shows it. */
const WAIT_MS_MAX = 90_000;

const appliance = new TestAppliance({ PARLOUR_NAME: 'Blue Door' });
await appliance.start();
// A browser with a trusted certificate, and one that has clicked through the appliance's own.
const trusting = await openBrowser('--ignore-certificate-errors');
const strict = await openBrowser();
t.teardown(async () => {
  await Promise.all([trusting.close(), strict.close()]);
  await appliance.end();
});
const operator = await appliance.becomeOperator();
const { personId, linkUrl } = await appliance.makePerson(operator, 'model', 'Mia');
const mia = await TestPerson.signIn(trusting, linkUrl);

t.test('the pages can be installed, under the name of the studio', async (t) => {
  const client = await mia.page.context().newCDPSession(mia.page);
  const { errors, data } = await client.send('Page.getAppManifest');
  t.same(errors, []);
  t.match(JSON.parse(data ?? ''), { name: 'Blue Door', display: 'standalone', start_url: '/' });
  const { installabilityErrors } = await client.send('Page.getInstallabilityErrors');
  t.same(
    installabilityErrors.filter(({ errorId }) => errorId !== 'in-incognito'),
    [],
  );
});

t.test('the service worker makes a sentence of what was sent, and replaces a ring by its missed call', async (t) => {
  const { page } = mia;
  await page.context().grantPermissions(['camera', 'microphone', 'notifications']);
  await page.goto(`${appliance.url}/account`);
  await page.getByRole('heading', { name: 'Notifications' }).waitFor();
  const client = await page.context().newCDPSession(page);
  const registered = new Promise<string>((resolve) =>
    client.on('ServiceWorker.workerRegistrationUpdated', ({ registrations }) => {
      const [own] = registrations;
      if (own) resolve(own.registrationId);
    }),
  );
  const workerErrors: string[] = [];
  client.on('ServiceWorker.workerErrorReported', ({ errorMessage: error }) => workerErrors.push(error.errorMessage));
  let workerState = 'unknown';
  client.on('ServiceWorker.workerVersionUpdated', ({ versions }) => {
    workerState = versions.map(({ status, runningStatus }) => `${status} ${runningStatus}`).join(', ') || workerState;
  });
  await client.send('ServiceWorker.enable');
  await page.getByRole('button', { name: 'Turn notifications on' }).waitFor();
  const registrationId = await registered;
  // What is delivered to a worker that is not active yet is lost.
  await page.evaluate(async () => {
    type Worker = { state: string; addEventListener(type: 'statechange', listener: () => void): void };
    const { navigator } = globalThis as unknown as {
      navigator: { serviceWorker: { ready: Promise<{ active: Worker }> } };
    };
    const { active } = await navigator.serviceWorker.ready;
    if (active.state === 'activated') return;
    await new Promise<void>((resolve) =>
      active.addEventListener('statechange', () => active.state === 'activated' && resolve()),
    );
  });
  const shown = (tag: string, title: RegExp): Promise<Shown> =>
    page
      .evaluate(
        async ({ tag, words, waitMsMax }) => {
          const { navigator } = globalThis as unknown as {
            navigator: {
              serviceWorker: { ready: Promise<{ getNotifications(filter: { tag: string }): Promise<Shown[]> }> };
            };
          };
          const registration = await navigator.serviceWorker.ready;
          for (const giveUpAt = performance.now() + waitMsMax; ; ) {
            const [one] = await registration.getNotifications({ tag });
            if (performance.now() > giveUpAt) throw new Error(`in vain for ${words}; there is ${one?.title}`);
            if (one && new RegExp(words).test(one.title)) {
              return { title: one.title, body: one.body, tag: one.tag, requireInteraction: one.requireInteraction };
            }
            await new Promise((resolve) => setTimeout(resolve, 20));
          }
        },
        { tag, words: title.source, waitMsMax: WAIT_MS_MAX },
      )
      .catch((error: Error) => {
        throw new Error(
          `${error.message}; the worker is ${workerState}; it said: ${workerErrors.join('; ') || 'nothing'}`,
        );
      });
  const deliver = (news: unknown) =>
    client.send('ServiceWorker.deliverPushMessage', {
      origin: appliance.url,
      registrationId,
      data: JSON.stringify(news),
    });
  await deliver({ kind: 'ring', name: 'Alex', callId: 7 });
  t.match(await shown('call-7', /calling/), {
    title: 'Alex is calling you',
    body: 'Open Parlour to answer.',
    requireInteraction: true,
  });
  await deliver({ kind: 'missed', name: 'Alex', personId: 3, callId: 7 });
  t.match(await shown('call-7', /missed/), { title: 'You missed a call from Alex', requireInteraction: false });
  await deliver({ kind: 'away' });
  t.match(await shown('away', /offline/), { body: /no page is open/ });
  await deliver('nonsense');
  await shown('test', /work\b/);
  const caches = await page.evaluate(async () => {
    const { caches } = globalThis as unknown as { caches: { keys(): Promise<string[]> } };
    return caches.keys();
  });
  t.same(caches, ['parlour-words'], 'no page and no answer is kept');
});

t.test('a push service that does not answer is told in plain words', async () => {
  await mia.press('Turn notifications on');
  await mia.reads(/push service does not answer/);
});

t.test('where the certificate is not trusted, the page says so, and what to do', async (t) => {
  const second = await TestPerson.signIn(strict, await appliance.newLink(operator, personId));
  await second.page.context().grantPermissions(['notifications']);
  await second.page.goto(`${appliance.url}/account`);
  await second.reads(/does not trust the certificate/);
  const link = second.page.getByRole('link', { name: 'Download the certificate of this Parlour' });
  t.equal(await link.getAttribute('href'), '/authority.pem');
});
