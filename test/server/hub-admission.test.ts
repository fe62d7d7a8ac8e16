import t from 'tap';
import {
  HUB_CLOSE_SIGNED_OUT,
  HUB_CLOSE_TOO_MANY,
  HUB_CLOSE_UNAVAILABLE,
  HUB_MESSAGE_BYTES_MAX,
} from '../../server/contract/index.ts';
import {
  HELD_CHARACTERS_MAX,
  HELD_MESSAGES_MAX,
  HubAdmission,
  SIGN_IN_MS_MAX,
  STRANGERS_MAX,
  STRANGERS_PER_ADDRESS_MAX,
} from '../../server/hub/admission.ts';
import { Hub } from '../../server/hub/index.ts';
import { createLog, createMetrics } from '../../server/telemetry/index.ts';

const log = createLog('silent');
const PERSON = { personId: 7, role: 'client' } as const;
const unknown = (id: number) => JSON.stringify({ id, type: 'no.such.type' });
const UNKNOWN = unknown(1);

/** A page before the admission, with whatever it heard, and the answer to the question whose session it is. */
function openedSocket(admission = new TestAdmission()) {
  const heard: string[] = [];
  /** The messages that errors are about. */
  const refused: (number | null)[] = [];
  const closed: { code: number; reason: string }[] = [];
  const socket = {
    send: (text: string) => {
      const { type, id } = JSON.parse(text) as { type: string; id: number | null };
      heard.push(type);
      if (type === 'error') refused.push(id);
    },
    // As uWebSockets does it: the close is told of before the call has returned.
    close: (code: number, reason: string) => {
      closed.push({ code, reason });
      visitor.leaves();
    },
  };
  const visitor = admission.enter(socket, 'token', '192.0.2.1');
  return { admission, heard, refused, closed, visitor };
}

class TestAdmission extends HubAdmission {
  readonly hub: Hub;
  readonly answers: { is(person: typeof PERSON | null): void; fails(error: Error): void }[];

  constructor(signInMsMax = 60_000) {
    const hub = new Hub(log, createMetrics());
    const answers: TestAdmission['answers'] = [];
    const personOfSession = () =>
      new Promise<typeof PERSON | null>((resolve, reject) => answers.push({ is: resolve, fails: reject }));
    super({ hub, log, signIn: { personOfSession } }, signInMsMax);
    this.hub = hub;
    this.answers = answers;
  }

  /** Answers every question, and lets what waits for that happen. */
  async knows(person: typeof PERSON | null): Promise<void> {
    for (const answer of this.answers) answer.is(person);
    await new Promise(setImmediate);
  }
}

t.test('the bounds of who is not known yet', async (t) => {
  t.same(
    [SIGN_IN_MS_MAX, STRANGERS_PER_ADDRESS_MAX, STRANGERS_MAX, HELD_MESSAGES_MAX, HELD_CHARACTERS_MAX],
    [5_000, 64, 1_024, 16, 16_384],
  );
});

t.test('nothing is handled before the session is known; then it is, and from then on at once', async (t) => {
  const { admission, heard, visitor } = openedSocket();
  for (const text of [UNKNOWN, '{']) visitor.says(text);
  t.same(heard, []);
  t.equal(admission.hub.connectionCount, 0);
  await admission.knows(PERSON);
  t.same(heard, ['hello', 'error', 'error']);
  visitor.says(UNKNOWN);
  t.equal(heard.length, 4, 'and at once from now on');
  visitor.leaves();
  t.equal(admission.hub.connectionCount, 0);
});

t.test('what was said before the session is known is read in its order', async (t) => {
  const { admission, refused, visitor } = openedSocket();
  for (const id of [1, 2, 3]) visitor.says(unknown(id));
  await admission.knows(PERSON);
  t.same(refused, [1, 2, 3]);
});

t.test('a session that is not good, or cannot be looked at', async (t) => {
  const bad = openedSocket();
  bad.visitor.says(UNKNOWN);
  await bad.admission.knows(null);
  t.match(bad.closed, [{ code: HUB_CLOSE_SIGNED_OUT, reason: 'Sign in first.' }]);
  t.same(bad.heard, []);

  const failing = openedSocket();
  failing.admission.answers[0]?.fails(new Error('the database is away'));
  await new Promise(setImmediate);
  t.match(failing.closed, [{ code: HUB_CLOSE_UNAVAILABLE }]);

  const slow = openedSocket(new TestAdmission(1));
  while (slow.closed.length === 0) await new Promise(setImmediate);
  t.match(slow.closed, [{ code: HUB_CLOSE_UNAVAILABLE }], 'a stranger does not stay');
  await slow.admission.knows(PERSON);
  t.equal(slow.admission.hub.connectionCount, 0, 'the answer came too late');
});

t.test('more than a few words before the sign-in close the socket', async (t) => {
  const many = openedSocket();
  for (let n = 0; n < HELD_MESSAGES_MAX; n++) many.visitor.says(UNKNOWN);
  t.same(many.closed, []);
  many.visitor.says(UNKNOWN);
  t.match(many.closed, [{ code: HUB_CLOSE_TOO_MANY }]);
  const long = openedSocket();
  t.ok(HELD_CHARACTERS_MAX < HUB_MESSAGE_BYTES_MAX);
  long.visitor.says('x'.repeat(HELD_CHARACTERS_MAX + 1));
  t.match(long.closed, [{ code: HUB_CLOSE_TOO_MANY }]);
  for (const { admission, heard } of [many, long]) {
    await admission.knows(PERSON);
    t.same(heard, [], 'and none of them is handled');
    t.equal(admission.hub.connectionCount, 0);
  }
});

t.test('strangers are counted by address and together, until they are known or gone', async (t) => {
  const admission = new TestAdmission();
  const here = Array.from({ length: STRANGERS_PER_ADDRESS_MAX }, () => openedSocket(admission));
  t.notOk(admission.hasRoomFor('192.0.2.1'));
  t.ok(admission.hasRoomFor('192.0.2.2'), 'another address');
  here[0]?.visitor.leaves();
  here[0]?.visitor.leaves();
  t.ok(admission.hasRoomFor('192.0.2.1'), 'one has left');
  openedSocket(admission);
  t.notOk(admission.hasRoomFor('192.0.2.1'), 'it has left once, not twice');
  await admission.knows(PERSON);
  t.ok(admission.hasRoomFor('192.0.2.1'), 'the others are known');
  for (let n = 0; n < STRANGERS_MAX; n++) {
    if (n % STRANGERS_PER_ADDRESS_MAX === 0) t.ok(admission.hasRoomFor('192.0.2.3'), `${n} strangers`);
    admission.enter({ send: () => {}, close: () => {} }, 'token', `198.51.${n >> 8}.${n & 255}`);
  }
  t.notOk(admission.hasRoomFor('192.0.2.3'), 'that is all');
  await admission.knows(PERSON);
});

t.test('a page that is closed by the first words to it leaves nobody in the hub', async (t) => {
  const admission = new TestAdmission();
  const visitor = admission.enter({ send: () => visitor.leaves(), close: () => {} }, 'token', '192.0.2.1');
  await admission.knows(PERSON);
  t.equal(admission.hub.connectionCount, 0);
});
