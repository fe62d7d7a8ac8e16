// Sentences of the two seeds that only a page can show: what is heard, seen at which place, and counted down.
import t from 'tap';
import { goLive, TestPerson } from '../support/browser.ts';
import { TestSocket } from '../support/page-socket.ts';
import { openStudio } from '../support/studio.ts';

const RATE_MINOR = 600;
const SECOND_MINOR = RATE_MINOR / 60;
const VOUCHER_MINOR = 2_000;

const { appliance, browser, operator } = await openStudio(t, { PARLOUR_MONEY_TARIFF: 'per_second' });
const mia = await appliance.makePerson(operator, 'model', 'Mia');
const alex = await appliance.makePerson(operator, 'client', 'Alex');
await appliance.addCredit(operator, alex.personId, RATE_MINOR * 10);
const model = await TestPerson.signIn(browser, mia.linkUrl);
const client = await TestPerson.signIn(browser, alex.linkUrl);
const profile = { rateMinor: RATE_MINOR, minimumMin: 0, about: '', languages: [], tags: [] };
await appliance.request('PUT', '/api/profile', { cookie: await model.cookie(), body: profile });

interface Asked {
  asked?: { notifications: number; media: unknown[] };
}

interface Sounds {
  sounds?: number;
}

t.test('turning calls on asks for notifications, camera and microphone', async (t) => {
  const { page } = model;
  await page.evaluate(() => {
    const asked = { notifications: 0, media: [] as unknown[] };
    (globalThis as Asked).asked = asked;
    const { Notification: notification, navigator } = globalThis as unknown as {
      Notification: { requestPermission(): Promise<string> };
      navigator: { mediaDevices: { getUserMedia(what: unknown): Promise<unknown> } };
    };
    Object.defineProperty(notification, 'permission', { value: 'default', configurable: true });
    notification.requestPermission = async () => {
      asked.notifications += 1;
      return 'default';
    };
    const getUserMedia = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
    navigator.mediaDevices.getUserMedia = (what) => {
      asked.media.push(what);
      return getUserMedia(what);
    };
  });
  await model.press('Turn calls on');
  const check = page.getByRole('dialog', { name: 'Before you go online' });
  await check.getByRole('heading', { name: /Microphone ?: good/ }).waitFor();
  const asked = await page.evaluate(() => (globalThis as Asked).asked);
  t.equal(asked?.notifications, 1);
  t.match(asked?.media.at(0), { audio: {}, video: {} });
  await check.getByRole('button', { name: /Go online|Turn calls on anyway/ }).click();
  await page.getByRole('heading', { name: 'Your calls are on' }).waitFor();
});

t.test('on a phone, the first page after signing in is Calls', async (t) => {
  const phone = await browser.newContext({
    ignoreHTTPSErrors: true,
    viewport: { width: 360, height: 740 },
    isMobile: true,
  });
  t.teardown(() => phone.close());
  const page = await phone.newPage();
  await page.goto(await appliance.newLink(operator, mia.personId));
  await page.getByRole('heading', { name: 'Your calls are on' }).waitFor();
  t.equal(new URL(page.url()).pathname, '/');
});

t.test('the operator verifies a model, and clients see it at once', async (t) => {
  await client.page.goto(`${appliance.url}/`);
  const card = client.page.getByRole('listitem').filter({ hasText: 'Mia' });
  await card.waitFor();
  t.equal(await card.getByText('Verified by the studio').count(), 0);
  const boss = await TestPerson.signIn(browser, await appliance.linkAtMachine(1));
  t.teardown(() => boss.page.context().close());
  await boss.opens('/operator/people', 'People');
  await boss.press('More about Mia');
  await boss.page.getByRole('menuitemcheckbox', { name: 'Verified' }).click();
  await card.getByText('Verified by the studio').waitFor();
});

t.test('a ring is heard, and a page whose browser keeps it silent says so and offers to switch it on', async (t) => {
  const listen = () => {
    const { AudioContext: context } = globalThis as unknown as {
      AudioContext: { prototype: { createOscillator(this: unknown): unknown } };
    };
    const { createOscillator } = context.prototype;
    context.prototype.createOscillator = function (this: unknown) {
      (globalThis as Sounds).sounds = ((globalThis as Sounds).sounds ?? 0) + 1;
      return createOscillator.call(this);
    };
  };
  await model.page.evaluate(listen);
  await client.press('Call Mia');
  await model.inState('ringing');
  await model.page.waitForFunction(() => ((globalThis as Sounds).sounds ?? 0) >= 4);
  t.equal(await model.page.getByText('keeps the sound off').count(), 0);
  await client.press('Hang up');
  await model.inState('ended');

  // A browser that nobody has touched since the page came.
  await model.page.evaluate(() => {
    const { AudioContext: context, addEventListener } = globalThis as unknown as {
      AudioContext: { prototype: object };
      addEventListener(type: string, listener: () => void, isCapturing: boolean): void;
    };
    let isTouched = false;
    addEventListener('click', () => (isTouched = true), true);
    Object.defineProperty(context.prototype, 'state', { get: () => (isTouched ? 'running' : 'suspended') });
    (globalThis as Sounds).sounds = 0;
  });
  await client.page.goto(`${appliance.url}/`);
  await client.press('Call Mia');
  await model.reads('This browser keeps the sound off until you allow it.');
  t.equal(await model.page.evaluate(() => (globalThis as Sounds).sounds), 0);
  await model.press('Switch the ring on');
  await model.page.waitForFunction(() => ((globalThis as Sounds).sounds ?? 0) >= 4);
  await client.press('Hang up');
  await model.inState('ended');
});

t.test('a caller whose credit does not cover the call is told from one whose does', async () => {
  const pat = await appliance.makePerson(operator, 'client', 'Pat');
  const socket = await TestSocket.open(appliance, await appliance.signIn(pat.linkUrl));
  await model.page.goto(`${appliance.url}/`);
  await socket.ask({ type: 'call.ring', modelId: mia.personId });
  await model.reads('Pat is calling');
  await model.reads('Not funded for your call');
  await model.press('Reject');
  socket.close();
  await Promise.all([model, client].map(({ page }) => page.goto(`${appliance.url}/`)));
  await client.press('Call Mia');
  await model.reads(/Funded for \d+ minutes/);
  await client.press('Hang up');
  await model.inState('ended');
});

t.test(
  'the confirmation says in words what each connection is like; who leaves is canceled in the messages',
  async () => {
    await Promise.all([model, client].map(({ page }) => page.goto(`${appliance.url}/`)));
    await client.press('Call Mia');
    await model.press('Accept');
    for (const [person, name] of [
      [model, 'Alex'],
      [client, 'Mia'],
    ] as const) {
      const line = person.page.locator('summary').filter({ visible: true });
      await line.filter({ hasText: /Your connection:\s*(good|fair|poor)/ }).waitFor();
      await line.filter({ hasText: new RegExp(`${name}:\\s*(good|fair|poor)`) }).waitFor();
    }
    await client.press('Leave');
    await model.inState('ended');
    await model.press('Message Alex');
    await model.reads('The call was canceled');
  },
);

t.test('the speaker that was chosen plays the other’s sound', async (t) => {
  await Promise.all([model, client].map(({ page }) => page.goto(`${appliance.url}/`)));
  await goLive(client, model, 'Mia');
  const sinkOf = () =>
    client.page.getByLabel('Picture of Mia').evaluate((video) => (video as unknown as { sinkId: string }).sinkId);
  t.equal(await sinkOf(), '');
  await client.press('More');
  await client.page.getByRole('menuitem', { name: 'Camera, microphone, speaker' }).click();
  const choice = client.page.getByRole('dialog').getByLabel('Speaker', { exact: true });
  const speaker = await choice.locator('option').last().getAttribute('value');
  t.ok(speaker, 'there is one to choose');
  await choice.selectOption(speaker as string);
  await client.page.waitForFunction(
    ({ label, wanted }) => {
      const { document } = globalThis as unknown as {
        document: { querySelector(what: string): { sinkId: string } | null };
      };
      return document.querySelector(`[aria-label="${label}"]`)?.sinkId === wanted;
    },
    { label: 'Picture of Mia', wanted: speaker },
  );
  await client.page.keyboard.press('Escape');
  await client.press('Hang up');
  await model.inState('ended');
});

t.test(
  'low on credit: a red block at the top left of both; credit is added in the call, and the block goes',
  async (t) => {
    const body = { key: 'seeds-batch', count: 1, amountMinor: VOUCHER_MINOR, label: 'Kiosk' };
    const made = await appliance.request<{ codes: string[] }>('POST', '/api/voucher-batches', {
      cookie: operator,
      body,
    });
    await Promise.all([model, client].map(({ page }) => page.goto(`${appliance.url}/`)));
    await appliance.leaveCredit(operator, alex.personId, RATE_MINOR + SECOND_MINOR * 30);
    await goLive(client, model, 'Mia');
    for (const { page } of [client, model]) {
      const block = page.getByRole('timer', { name: 'Time left' }).filter({ visible: true }).first();
      await block.waitFor();
      const box = await block.boundingBox();
      t.ok(box && box.x < 640 && box.y < 200, `at the top left: ${JSON.stringify(box)}`);
      const [red = 0, green = 255, blue = 255] = await block.evaluate((element) => {
        const { getComputedStyle, document } = globalThis as unknown as {
          getComputedStyle(of: unknown): { backgroundColor: string };
          document: { createElement(what: string): { getContext(kind: '2d'): CanvasPainter } };
        };
        interface CanvasPainter {
          fillStyle: string;
          fillRect(x: number, y: number, width: number, height: number): void;
          getImageData(x: number, y: number, width: number, height: number): { data: Uint8ClampedArray };
        }
        const painter = document.createElement('canvas').getContext('2d');
        painter.fillStyle = getComputedStyle(
          (element as unknown as { parentElement: unknown }).parentElement,
        ).backgroundColor;
        painter.fillRect(0, 0, 1, 1);
        return [...painter.getImageData(0, 0, 1, 1).data];
      });
      t.ok(red > green * 2 && red > blue * 2, `red: ${red}, ${green}, ${blue}`);
    }
    await client.press('Add credit now');
    const dialog = client.page.getByRole('dialog', { name: 'Add credit' });
    await dialog.getByLabel('Voucher code').fill(made.body.codes[0] as string);
    await dialog.getByRole('button', { name: 'Use voucher' }).click();
    await client.reads(/€20\.00 added/);
    await model.page.getByRole('timer', { name: 'Time left' }).filter({ visible: true }).waitFor({ state: 'detached' });
    t.match((await model.view())?.meter, { isLow: false });
    await client.page.keyboard.press('Escape');
  },
);

/** What the tracker in its own window says was charged so far, once it says more than `more`, in minor units. */
const trackerCharged = (more: number): Promise<number> =>
  model.page.evaluate(
    async ({ more, waitMsMax }) => {
      const { documentPictureInPicture: own } = globalThis as unknown as {
        documentPictureInPicture: { window: { document: { body: { textContent: string } } } | null };
      };
      for (const giveUpAt = performance.now() + waitMsMax; ; await new Promise((done) => setTimeout(done, 20))) {
        const text = own.window?.document.body.textContent ?? '';
        const [, euros, cents] = /Charged so far\s*€(\d+)\.(\d\d)/.exec(text) ?? [];
        const minor = Number(euros) * 100 + Number(cents);
        if (minor > more) return minor;
        if (performance.now() > giveUpAt) throw new Error(`the tracker says: ${text}`);
      }
    },
    { more, waitMsMax: 20_000 },
  );

t.test('the tracker shows each charge as it falls, added to those before', async (t) => {
  const turnTracker = async (name: string) => {
    await model.press('More');
    await model.page.getByRole('menuitem', { name }).click();
  };
  await turnTracker('Tracker window');
  const first = await trackerCharged(0);
  const second = await trackerCharged(first);
  t.equal((second - first) % SECOND_MINOR, 0, `${first}, then ${second}`);
  await turnTracker('Close the tracker window');
});

t.test('out of credit: she is told to stay on the screen, and the grace counts down', async (t) => {
  await appliance.leaveCredit(operator, alex.personId, SECOND_MINOR);
  await model.inState('suspended');
  await model.reads(/Stay on this screen: if Alex adds credit and restarts, you only know by looking here/);
  const left = model.page.getByRole('timer', { name: 'The call ends in' });
  const before = await left.textContent();
  t.match(before, /^[45]:\d\d$/);
  await left.filter({ hasNotText: before as string }).waitFor();
  await client.press('End the call');
  await model.inState('ended');
});
