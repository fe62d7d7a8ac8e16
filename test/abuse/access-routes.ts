// Who may call which route: a row for each that the port answers. The test asks every row of everybody whom it is not
// open to; what the people may do whom it is open to, with what is theirs and what is not, stands in its cases.
import type { ErrorCode, Role } from '../../server/contract/index.ts';
import {
  type AccessWorld,
  JPEG,
  MINIMUM_MIN_MAX,
  NOBODY,
  PASSWORD,
  PAYOUT_MINOR_MIN,
  RATE_MINOR_MAX,
  RATE_MINOR_MIN,
  type Someone,
} from './access-world.ts';

export interface Ask {
  readonly url: string;
  /** Where it is not the row's: what a case needs before. */
  readonly method?: 'GET' | 'POST' | 'PUT';
  readonly body?: object;
  /** A picture in place of a body. */
  readonly bytes?: Buffer;
}

export interface Case {
  /** Null: nobody is signed in. */
  readonly as: Someone | null;
  readonly what: string;
  readonly ask: Ask;
  /** A status below 300, or why it is refused. */
  readonly answer: number | ErrorCode;
  /** The refusal itself is written down. */
  readonly isKept?: boolean;
}

export interface Row {
  /** `signed`: a signature over its bytes stands in for session and origin. */
  readonly open: readonly Role[] | 'everybody' | 'signed';
  /** A request that the people may make whom it is open to. */
  readonly ask: (world: AccessWorld) => Ask;
  readonly cases: (world: AccessWorld) => readonly Case[] | Promise<readonly Case[]>;
}

const ALL = ['client', 'model', 'operator'] as const;
const KEY = 'key-of-the-matrix';
let keys = 0;
const newKey = () => `${KEY}-${++keys}`;

const done = (as: Someone | null, ask: Ask, what = 'their own', status = 200): Case => ({
  as,
  what,
  ask,
  answer: status,
});
const not = (as: Someone | null, code: ErrorCode, ask: Ask, what: string): Case => ({ as, what, ask, answer: code });

/** A list or a state that each role reads for itself. */
const read = (url: string, ...open: Role[]): Row => ({
  open,
  ask: () => ({ url }),
  cases: (world) => open.map((role) => done(someoneOf(world, role), { url })),
});

const someoneOf = (world: AccessWorld, role: Role): Someone =>
  ({ client: world.alex, model: world.mia, operator: world.boss })[role];

/** What the two people of a call and the operator may read, and other people may not. */
const ofCall = (tail: string): Row => ({
  open: ALL,
  ask: ({ call }) => ({ url: `/api/calls/${call.callId}${tail}` }),
  cases: ({ call, alex, mia, boss, bob, zoe }) => {
    const ask = { url: `/api/calls/${call.callId}${tail}` };
    return [
      ...[alex, mia, boss].map((as) => done(as, ask)),
      ...[bob, zoe].map((as) => not(as, 'call_not_found', ask, 'a call of others')),
      not(boss, 'call_not_found', { url: `/api/calls/${NOBODY}${tail}` }, 'no call'),
    ];
  },
});

/** What an operator does to a person. */
function toPerson(tail: string, body: object | undefined, whom: (world: AccessWorld) => Someone): Row {
  const askOf = (personId: number): Ask => ({ url: `/api/people/${personId}${tail}`, ...(body && { body }) });
  return {
    open: ['operator'],
    ask: (world) => askOf(whom(world).personId),
    cases: (world) => [
      done(world.boss, askOf(whom(world).personId), 'a person'),
      not(world.boss, 'person_not_found', askOf(NOBODY), 'nobody'),
    ],
  };
}

/** A step of a payout that an operator takes. @param make a payout in the state from which it is possible */
function ofPayout(step: string, body: object, make: (world: AccessWorld) => Promise<number>): Row {
  const askOf = (payoutId: number): Ask => ({ url: `/api/payouts/${payoutId}/${step}`, body });
  return {
    open: ['operator'],
    ask: () => askOf(NOBODY),
    cases: async (world) => {
      const withdrawn = await world.payout(world.mia);
      const ofHers = { method: 'POST', url: `/api/payouts/${withdrawn}/withdraw`, body: {} } as const;
      return [
        done(world.mia, ofHers, 'withdraws one'),
        not(world.boss, 'payout_state', askOf(withdrawn), 'one that was withdrawn'),
        not(world.boss, 'payout_not_found', askOf(NOBODY), 'none'),
        done(world.boss, askOf(await make(world)), 'one that can be'),
      ];
    },
  };
}

const ACCOUNT: Record<string, Row> = {
  'GET /api/appliance': {
    open: 'everybody',
    ask: () => ({ url: '/api/appliance' }),
    cases: ({ boss }) => [null, boss].map((as) => done(as, { url: '/api/appliance' })),
  },
  'POST /api/set-up': {
    open: 'everybody',
    ask: () => ({
      url: '/api/set-up',
      body: { token: 'x', username: 'second', displayName: 'Second', password: PASSWORD },
    }),
    cases: ({ appliance }) => {
      const body = { token: appliance.setUpToken, username: 'second', displayName: 'Second', password: PASSWORD };
      return [not(null, 'already_set_up', { url: '/api/set-up', body }, 'the link that was used')];
    },
  },
  'POST /api/session': {
    open: 'everybody',
    ask: () => ({ url: '/api/session', body: { username: 'boss', password: PASSWORD } }),
    cases: () => {
      const ask = (username: string, password: string) => ({ url: '/api/session', body: { username, password } });
      return [
        done(null, ask('boss', PASSWORD), 'the right password'),
        not(null, 'wrong_credentials', ask('boss', 'another password'), 'a wrong password'),
        not(null, 'wrong_credentials', ask('nobody', PASSWORD), 'an unknown name'),
      ];
    },
  },
  'POST /api/session/link': {
    open: 'everybody',
    ask: () => ({ url: '/api/session/link', body: { token: 'x' } }),
    cases: async (world) => {
      const { signIn } = world.appliance.modules;
      const linkOf = async ({ personId }: Someone) => {
        const { token } = await signIn.newLink(personId);
        return { url: '/api/session/link', body: { token } };
      };
      const link = await linkOf(world.alex);
      return [
        done(null, link, 'a link'),
        not(null, 'link_used_or_expired', link, 'a link that was used'),
        // The link is used up by it.
        {
          ...not(null, 'account_suspended', await linkOf(world.suspended.client), 'the link of a suspended person'),
          isKept: true,
        },
      ];
    },
  },
  'GET /api/session': read('/api/session', ...ALL),
  'DELETE /api/session': {
    open: ALL,
    ask: () => ({ url: '/api/session' }),
    cases: async (world) => {
      const people = await Promise.all(ALL.map(async (role) => world.again(someoneOf(world, role))));
      const ask = { url: '/api/session' };
      return people.flatMap((as) => [done(as, ask), not(as, 'not_signed_in', ask, 'once more')]);
    },
  },
  'GET /api/password': read('/api/password', ...ALL),
  'PUT /api/password': {
    open: ALL,
    ask: () => ({ url: '/api/password', body: { password: PASSWORD } }),
    cases: async (world) => {
      const ask = { url: '/api/password', body: { password: PASSWORD } };
      const people = [await world.fresh('client'), await world.fresh('model')];
      const bossAgain = await world.again(world.boss);
      return [
        ...people.flatMap((as) => [
          done(as, ask, 'their first'),
          not(as, 'wrong_old_password', ask, 'another without the old one'),
        ]),
        not(bossAgain, 'wrong_old_password', ask, 'another without the old one'),
      ];
    },
  },
  'GET /api/sessions': read('/api/sessions', ...ALL),
  'DELETE /api/sessions': {
    open: ALL,
    ask: () => ({ url: '/api/sessions' }),
    cases: async (world) => {
      const people = await Promise.all([world.fresh('client'), world.fresh('model')]);
      return [...[...people, world.boss].map((as) => done(as, { url: '/api/sessions' }))];
    },
  },
  'DELETE /api/sessions/:sessionId': {
    open: ALL,
    ask: () => ({ url: `/api/sessions/${NOBODY}` }),
    cases: async (world) => {
      const ask = async (whose: Someone) => ({ url: `/api/sessions/${await world.sessionIdOf(whose)}` });
      const cases = await Promise.all(
        ALL.map(async (role) => {
          const own = someoneOf(world, role);
          const other = role === 'client' ? world.bob : world.alex;
          return [
            not(own, 'session_not_found', await ask(other), 'of somebody else'),
            not(own, 'wrong_state', await ask(own), 'the one that asks'),
          ];
        }),
      );
      const person = await world.fresh('client');
      const second = await world.again(person);
      return [...cases.flat(), done(second, await ask(person), 'of another device')];
    },
  },
  'GET /api/export': read('/api/export', ...ALL),
  'POST /api/account/deletion': {
    open: ALL,
    ask: () => ({ url: '/api/account/deletion', body: { username: 'nobody', giveUpMinor: 0, key: KEY } }),
    cases: async (world) => {
      const ask = (username: string, giveUpMinor = 0) => ({
        url: '/api/account/deletion',
        body: { username, giveUpMinor, key: newKey() },
      });
      const [client, model, paying] = [
        await world.fresh('client'),
        await world.fresh('model'),
        await world.fresh('client'),
      ];
      await world.payment(paying, 'pending');
      await world.payout(world.mia);
      return [
        not(world.boss, 'last_operator', ask(world.boss.username), 'the last operator'),
        not(world.alex, 'wrong_username', ask('bob'), 'by another name'),
        not(world.alex, 'money_left', ask('alex'), 'with money unsaid'),
        not(world.alex, 'money_left', ask('alex', 1), 'with other money'),
        not(world.mia, 'payout_open', ask('mia'), 'with a payout open'),
        not(paying, 'payment_open', ask(paying.username), 'with a payment open'),
        done(client, ask(client.username)),
        done(model, ask(model.username)),
      ];
    },
  },
};

const MODELS: Record<string, Row> = {
  'PUT /api/profile': {
    open: ['model'],
    ask: () => ({ url: '/api/profile', body: profile({}) }),
    cases: ({ mia }) => {
      const ask = (change: object) => ({ url: '/api/profile', body: profile(change) });
      return [
        done(mia, ask({ rateMinor: RATE_MINOR_MIN, minimumMin: MINIMUM_MIN_MAX }), 'the lowest price'),
        done(mia, ask({ rateMinor: RATE_MINOR_MAX, minimumMin: 0 }), 'the highest price'),
        not(mia, 'malformed', ask({ rateMinor: RATE_MINOR_MIN - 1 }), 'a price too low'),
        not(mia, 'malformed', ask({ rateMinor: RATE_MINOR_MAX + 1 }), 'a price too high'),
        not(mia, 'malformed', ask({ minimumMin: MINIMUM_MIN_MAX + 1 }), 'a minimum too long'),
      ];
    },
  },
  'PUT /api/ring-terms': {
    open: ['model'],
    ask: () => ({ url: '/api/ring-terms', body: { refusesLooks: true } }),
    cases: ({ mia }) => [done(mia, { url: '/api/ring-terms', body: { refusesLooks: false } })],
  },
  'PUT /api/availability': {
    open: ['model'],
    ask: () => ({ url: '/api/availability', body: { hours: 1 } }),
    cases: ({ mia }) => [
      done(mia, { url: '/api/availability', body: { hours: 12 } }),
      not(mia, 'malformed', { url: '/api/availability', body: { hours: 13 } }, 'more than twelve hours'),
    ],
  },
};

const profile = (change: object) => ({
  rateMinor: 200,
  minimumMin: 1,
  about: '',
  languages: [],
  tags: [],
  ...change,
});

const PEOPLE: Record<string, Row> = {
  'GET /api/people': read('/api/people', 'operator'),
  'POST /api/people': {
    open: ['operator'],
    ask: () => ({ url: '/api/people', body: { role: 'operator', username: 'intruder', displayName: 'X' } }),
    cases: ({ boss }) => {
      const url = '/api/people';
      const ask = (username: string) => ({ url, body: { role: 'client', username, displayName: 'X' } });
      return [
        done(boss, ask('newcomer'), 'a person', 201),
        not(boss, 'username_taken', ask('alex'), 'a name that is taken'),
        not(boss, 'malformed', ask('deleted:1'), 'the name of a deleted person'),
        not(
          boss,
          'at_the_machine',
          { url, body: { role: 'operator', username: 'other', displayName: 'X' } },
          'an operator',
        ),
      ];
    },
  },
  'POST /api/people/:personId/sign-in-link': {
    open: ['operator'],
    ask: ({ bob }) => ({ url: `/api/people/${bob.personId}/sign-in-link` }),
    cases: async (world) => {
      const { boss, bob, suspended, gone } = world;
      const ask = (personId: number) => ({ url: `/api/people/${personId}/sign-in-link` });
      return [
        not(boss, 'at_the_machine', ask((await world.fresh('operator')).personId), 'of another operator'),
        done(boss, ask(bob.personId), 'of a person'),
        not(boss, 'person_not_found', ask(NOBODY), 'of nobody'),
        not(boss, 'person_not_found', ask(gone), 'of a deleted person'),
        not(boss, 'account_suspended', ask(suspended.client.personId), 'of a suspended person'),
      ];
    },
  },
  'POST /api/people/:personId/credit': {
    open: ['operator'],
    ask: ({ alex }) => ({ url: `/api/people/${alex.personId}/credit`, body: credit(500) }),
    cases: ({ boss, alex, mia }) => {
      const ask = (personId: number, body: object) => ({ url: `/api/people/${personId}/credit`, body });
      const once = credit(500);
      return [
        done(boss, ask(alex.personId, once), 'to a client'),
        not(boss, 'key_reused', ask(alex.personId, { ...once, amountMinor: 501 }), 'the same key, another amount'),
        not(boss, 'malformed', ask(alex.personId, credit(0)), 'nothing'),
        not(boss, 'malformed', ask(alex.personId, credit(-500)), 'less than nothing'),
        not(boss, 'no_wallet', ask(mia.personId, credit(500)), 'to a model'),
        not(boss, 'no_wallet', ask(boss.personId, credit(500)), 'to an operator'),
        not(boss, 'person_not_found', ask(NOBODY, credit(500)), 'to nobody'),
      ];
    },
  },
  'POST /api/people/:personId/adjustment': {
    open: ['operator'],
    ask: ({ alex }) => ({ url: `/api/people/${alex.personId}/adjustment`, body: credit(-500) }),
    cases: ({ boss, alex, mia }) => {
      const ask = (personId: number, amountMinor: number) => ({
        url: `/api/people/${personId}/adjustment`,
        body: credit(amountMinor),
      });
      return [
        done(boss, ask(alex.personId, -1), 'of a client'),
        done(boss, ask(mia.personId, 1), 'of a model'),
        not(boss, 'malformed', ask(alex.personId, 0), 'by nothing'),
        not(boss, 'balance_too_low', ask(alex.personId, -100_000_000), 'below zero'),
        not(boss, 'no_wallet', ask(boss.personId, 1), 'of an operator'),
        not(boss, 'person_not_found', ask(NOBODY, 1), 'of nobody'),
      ];
    },
  },
  'PUT /api/people/:personId/suspension': {
    open: ['operator'],
    ask: ({ bob }) => ({ url: `/api/people/${bob.personId}/suspension`, body: { reason: 'x' } }),
    cases: async (world) => {
      const { boss } = world;
      const ask = (personId: number, reason = 'x') => ({ url: `/api/people/${personId}/suspension`, body: { reason } });
      const person = await world.fresh('client');
      return [
        not(boss, 'not_yourself', ask(boss.personId), 'themselves'),
        not(boss, 'malformed', ask(person.personId, ' '), 'without a reason'),
        not(boss, 'person_not_found', ask(NOBODY), 'nobody'),
        not(boss, 'person_not_found', ask(world.gone), 'a deleted person'),
        done(boss, ask(person.personId), 'a person'),
        not(person, 'not_signed_in', { method: 'GET', url: '/api/session' }, 'who is suspended'),
      ];
    },
  },
  'DELETE /api/people/:personId/suspension': toPerson('/suspension', undefined, ({ bob }) => bob),
  'POST /api/people/:personId/reset': {
    open: ['operator'],
    ask: ({ bob }) => ({ url: `/api/people/${bob.personId}/reset` }),
    cases: async (world) => {
      const { boss } = world;
      const ask = (personId: number) => ({ url: `/api/people/${personId}/reset` });
      const person = await world.fresh('client');
      return [
        not(boss, 'not_yourself', ask(boss.personId), 'themselves'),
        not(boss, 'at_the_machine', ask((await world.fresh('operator')).personId), 'another operator'),
        not(boss, 'person_not_found', ask(NOBODY), 'nobody'),
        not(boss, 'person_not_found', ask(world.gone), 'a deleted person'),
        done(boss, ask(person.personId), 'a person'),
        not(person, 'not_signed_in', { method: 'GET', url: '/api/session' }, 'who was reset'),
      ];
    },
  },
  'PUT /api/people/:personId/marks': toPerson('/marks', { isVerified: true, isStaff: true }, ({ bob }) => bob),
  'PUT /api/people/:personId/share': {
    ...toPerson('/share', { sharePercent: 70 }, ({ zoe }) => zoe),
    cases: ({ boss, zoe, bob }) => {
      const ask = (personId: number, sharePercent: number) => ({
        url: `/api/people/${personId}/share`,
        body: { sharePercent },
      });
      return [
        done(boss, ask(zoe.personId, 100), 'of a model'),
        not(boss, 'malformed', ask(zoe.personId, 101), 'more than all'),
        not(boss, 'person_not_found', ask(bob.personId, 70), 'of a client'),
        not(boss, 'person_not_found', ask(NOBODY, 70), 'of nobody'),
      ];
    },
  },
};

const credit = (amountMinor: number) => ({ key: newKey(), amountMinor, reason: 'test' });

const BETWEEN_PEOPLE: Record<string, Row> = {
  'PUT /api/people/:personId/favourite': {
    open: ['client'],
    ask: ({ mia }) => ({ url: `/api/people/${mia.personId}/favourite` }),
    cases: ({ alex, bob, mia }) => {
      const ask = (personId: number) => ({ url: `/api/people/${personId}/favourite` });
      return [
        done(alex, ask(mia.personId), 'a model'),
        not(alex, 'person_not_found', ask(bob.personId), 'a client'),
        not(alex, 'person_not_found', ask(NOBODY), 'nobody'),
      ];
    },
  },
  'DELETE /api/people/:personId/favourite': {
    open: ['client'],
    ask: ({ mia }) => ({ url: `/api/people/${mia.personId}/favourite` }),
    cases: ({ alex, mia }) => [
      done(alex, { url: `/api/people/${mia.personId}/favourite` }, 'a model'),
      done(alex, { url: `/api/people/${NOBODY}/favourite` }, 'nobody, which changes nothing'),
      not(alex, 'malformed', { url: '/api/people/0/favourite' }, 'no id'),
    ],
  },
  'PUT /api/people/:personId/block': {
    open: ['client', 'model'],
    ask: ({ zoe }) => ({ url: `/api/people/${zoe.personId}/block` }),
    cases: ({ alex, bob, mia, zoe, boss }) => {
      const ask = (personId: number) => ({ url: `/api/people/${personId}/block` });
      return [
        done(alex, ask(zoe.personId), 'a model'),
        done(zoe, ask(alex.personId), 'a client'),
        not(alex, 'not_allowed', ask(bob.personId), 'a client'),
        not(mia, 'not_allowed', ask(zoe.personId), 'a model'),
        not(alex, 'not_allowed', ask(boss.personId), 'an operator'),
        not(alex, 'person_not_found', ask(NOBODY), 'nobody'),
      ];
    },
  },
  'DELETE /api/people/:personId/block': {
    open: ['client', 'model'],
    ask: ({ zoe }) => ({ url: `/api/people/${zoe.personId}/block` }),
    cases: ({ alex, zoe }) => [
      done(alex, { url: `/api/people/${zoe.personId}/block` }),
      done(zoe, { url: `/api/people/${alex.personId}/block` }),
      not(alex, 'malformed', { url: '/api/people/0/block' }, 'no id'),
    ],
  },
  'GET /api/blocks': read('/api/blocks', 'client', 'model'),
  'GET /api/people/:personId/picture': {
    open: ALL,
    ask: ({ mia }) => ({ url: `/api/people/${mia.personId}/picture` }),
    cases: (world) => [
      done(world.mia, { method: 'PUT', url: '/api/picture', bytes: JPEG }, 'sets one'),
      ...ALL.map((role) => done(someoneOf(world, role), { url: `/api/people/${world.mia.personId}/picture` }, 'hers')),
      done(world.zoe, { url: `/api/people/${world.mia.personId}/picture` }, 'of another model'),
      done(world.alex, { method: 'PUT', url: '/api/picture', bytes: JPEG }, 'sets his'),
      done(world.boss, { url: `/api/people/${world.alex.personId}/picture` }, 'operators see everybody'),
      done(world.alex, { url: `/api/people/${world.alex.personId}/picture` }, 'his own'),
      done(world.mia, { url: `/api/people/${world.alex.personId}/picture` }, 'who has called her'),
      not(world.zoe, 'no_picture', { url: `/api/people/${world.alex.personId}/picture` }, 'who has not called her'),
      not(world.bob, 'no_picture', { url: `/api/people/${world.alex.personId}/picture` }, 'another client'),
      not(world.alex, 'no_picture', { url: `/api/people/${NOBODY}/picture` }, 'of nobody'),
    ],
  },
  'PUT /api/picture': {
    open: ALL,
    ask: () => ({ url: '/api/picture', bytes: JPEG }),
    cases: (world) => [
      ...ALL.map((role) => done(someoneOf(world, role), { url: '/api/picture', bytes: JPEG })),
      not(world.alex, 'bad_picture', { url: '/api/picture', bytes: Buffer.from('<svg>') }, 'no picture'),
      not(world.alex, 'bad_picture', { url: '/api/picture', body: {} }, 'no bytes'),
      not(world.alex, 'bad_picture', { url: '/api/picture' }, 'nothing'),
    ],
  },
  'DELETE /api/picture': read('/api/picture', ...ALL),
  'GET /api/threads': read('/api/threads', 'client', 'model'),
  'GET /api/threads/:personId': {
    open: ['client', 'model'],
    ask: ({ mia }) => ({ url: `/api/threads/${mia.personId}` }),
    cases: ({ alex, bob, mia, boss }) => {
      const ask = (personId: number) => ({ url: `/api/threads/${personId}` });
      return [
        done(alex, ask(mia.personId)),
        done(mia, ask(alex.personId)),
        not(alex, 'not_reachable', ask(bob.personId), 'of a client'),
        not(mia, 'not_reachable', ask(boss.personId), 'of an operator'),
        not(alex, 'person_not_found', ask(NOBODY), 'of nobody'),
      ];
    },
  },
  'GET /api/calls/:callId/rating': {
    ...ofCall('/rating'),
    open: ['client', 'model'],
    cases: ({ call, alex, mia, bob, zoe }) => {
      const ask = { url: `/api/calls/${call.callId}/rating` };
      return [
        ...[alex, mia].map((as) => done(as, ask)),
        ...[bob, zoe].map((as) => not(as, 'call_not_found', ask, 'a call of others')),
      ];
    },
  },
  'PUT /api/calls/:callId/rating': {
    open: ['client', 'model'],
    ask: ({ call }) => ({ url: `/api/calls/${call.callId}/rating`, body: { isUp: true, stars: 5 } }),
    cases: ({ call, alex, mia, bob, zoe }) => {
      const ask = (callId: number, body: object = { isUp: true, stars: 5 }) => ({
        url: `/api/calls/${callId}/rating`,
        body,
      });
      return [
        ...[alex, mia].map((as) => done(as, ask(call.callId))),
        ...[bob, zoe].map((as) => not(as, 'cannot_rate', ask(call.callId), 'a call of others')),
        not(alex, 'cannot_rate', ask(NOBODY), 'no call'),
        not(alex, 'malformed', ask(call.callId, { isUp: true, stars: 6 }), 'six stars'),
      ];
    },
  },
  'POST /api/people/:personId/reports': {
    open: ['client', 'model'],
    ask: ({ mia }) => ({ url: `/api/people/${mia.personId}/reports`, body: { kind: 'other', words: '' } }),
    cases: ({ call, otherCall, alex, bob, mia, zoe }) => {
      const ask = (personId: number, callId?: number) => ({
        url: `/api/people/${personId}/reports`,
        body: { kind: 'other', words: '', ...(callId && { callId }) },
      });
      return [
        done(alex, ask(mia.personId, call.callId), 'a model of a call', 201),
        done(mia, ask(alex.personId), 'a client', 201),
        not(alex, 'person_not_found', ask(bob.personId), 'a client'),
        not(mia, 'person_not_found', ask(zoe.personId), 'a model'),
        not(alex, 'call_not_found', ask(zoe.personId, otherCall.callId), 'of a call of others'),
        not(bob, 'call_not_found', ask(mia.personId, otherCall.callId), 'who was not in the call'),
      ];
    },
  },
  'GET /api/issue-reports': read('/api/issue-reports', ...ALL),
  'POST /api/issue-reports/:reportId/answer': {
    open: ['operator'],
    ask: () => ({ url: `/api/issue-reports/${NOBODY}/answer`, body: { words: 'x' } }),
    cases: async (world) => {
      const { boss } = world;
      const ask = (reportId: number) => ({ url: `/api/issue-reports/${reportId}/answer`, body: { words: 'x' } });
      const reportId = await world.report(world.bob, world.zoe);
      return [
        done(boss, ask(reportId), 'a report'),
        not(boss, 'report_answered', ask(reportId), 'once more'),
        not(boss, 'report_not_found', ask(NOBODY), 'none'),
      ];
    },
  },
};

const CALLS: Record<string, Row> = {
  'GET /api/calls': read('/api/calls', ...ALL),
  'GET /api/calls/:callId/receipt': ofCall('/receipt'),
  'GET /api/calls/:callId/receipt.json': ofCall('/receipt.json'),
  'GET /api/calls/:callId/log.json': ofCall('/log.json'),
  'GET /api/calls/:callId/refunds': ofCall('/refunds'),
  'POST /api/calls/:callId/end': {
    open: ['operator'],
    ask: ({ call }) => ({ url: `/api/calls/${call.callId}/end` }),
    // What it does to a call that goes on stands among the messages.
    cases: ({ call, boss }) => [
      not(boss, 'call_not_found', { url: `/api/calls/${call.callId}/end` }, 'one that is over'),
      not(boss, 'call_not_found', { url: `/api/calls/${NOBODY}/end` }, 'no call'),
    ],
  },
  'POST /api/calls/:callId/refund': {
    open: ['model', 'operator'],
    ask: ({ call }) => ({ url: `/api/calls/${call.callId}/refund`, body: { units: [1], reason: 'x' } }),
    cases: ({ call, mia, zoe, boss }) => {
      const ask = (callId: number, units: number[] | 'all') => ({
        url: `/api/calls/${callId}/refund`,
        body: { units, reason: 'x' },
      });
      return [
        not(zoe, 'call_not_found', ask(call.callId, 'all'), 'of a call of others'),
        not(zoe, 'call_not_found', ask(call.callId, [7]), 'of a unit that was not charged, of a call of others'),
        done(mia, ask(call.callId, [1]), 'of her own call'),
        done(boss, ask(call.callId, 'all'), 'of any call'),
        not(boss, 'refund_nothing', ask(call.callId, [7]), 'of a unit that was not charged'),
        not(boss, 'call_not_found', ask(NOBODY, 'all'), 'of no call'),
      ];
    },
  },
  'POST /api/calls/:callId/tips/:transferId/refund': {
    open: ['model', 'operator'],
    ask: ({ call }) => ({ url: `/api/calls/${call.callId}/tips/${call.tipIds[0]}/refund`, body: { reason: 'x' } }),
    cases: ({ call, otherCall, mia, zoe, boss }) => {
      const ask = (callId: number, tipId: number) => ({
        url: `/api/calls/${callId}/tips/${tipId}/refund`,
        body: { reason: 'x' },
      });
      const [first, second] = call.tipIds;
      return [
        not(zoe, 'call_not_found', ask(call.callId, first), 'of a call of others'),
        not(zoe, 'call_not_found', ask(call.callId, NOBODY), 'no tip of a call of others'),
        not(zoe, 'refund_nothing', ask(otherCall.callId, first), 'of another call by her own'),
        done(mia, ask(call.callId, first), 'of her own call'),
        done(boss, ask(call.callId, second), 'of any call'),
        not(boss, 'refund_nothing', ask(call.callId, NOBODY), 'no tip'),
      ];
    },
  },
};

const CREDIT: Record<string, Row> = {
  'GET /api/history': history('/api/history'),
  'GET /api/history.csv': history('/api/history.csv'),
  'POST /api/vouchers/redeem': {
    open: ['client'],
    ask: () => ({ url: '/api/vouchers/redeem', body: { code: 'x' } }),
    cases: async (world) => {
      const { alex, bob, boss } = world;
      const ask = (code: string) => ({ url: '/api/vouchers/redeem', body: { code } });
      const [{ code }, voided] = [await world.vouchers(), await world.vouchers()];
      return [
        done(alex, ask(code), 'a voucher'),
        not(bob, 'voucher_used', ask(code), 'one that another has used'),
        not(bob, 'voucher_mistyped', ask('x'), 'no code'),
        done(boss, { method: 'POST', url: `/api/vouchers/${voided.voucherId}/void` }, 'ends one'),
        not(bob, 'voucher_void', ask(voided.code), 'one that was ended'),
      ];
    },
  },
  'GET /api/voucher-batches': read('/api/voucher-batches', 'operator'),
  'POST /api/voucher-batches': {
    open: ['operator'],
    ask: () => ({ url: '/api/voucher-batches', body: batch(5) }),
    cases: ({ boss }) => {
      const once = batch(1);
      const ask = (body: object) => ({ url: '/api/voucher-batches', body });
      return [
        done(boss, ask(once), 'a batch', 201),
        not(boss, 'key_reused', ask({ ...once, count: 2 }), 'the same key, another batch'),
        not(boss, 'malformed', ask(batch(1_001)), 'too many'),
      ];
    },
  },
  'GET /api/voucher-batches/:batchId': batchRow('GET'),
  'POST /api/voucher-batches/:batchId/void': batchRow('POST'),
  'POST /api/vouchers/:voucherId/void': {
    open: ['operator'],
    ask: () => ({ url: `/api/vouchers/${NOBODY}/void` }),
    cases: async (world) => {
      const { voucherId } = await world.vouchers();
      return [
        done(world.boss, { url: `/api/vouchers/${voucherId}/void` }, 'a voucher'),
        not(world.boss, 'batch_not_found', { url: `/api/vouchers/${NOBODY}/void` }, 'none'),
      ];
    },
  },
  'GET /api/payments/providers': read('/api/payments/providers', ...ALL),
  'POST /api/payments': {
    open: ['client'],
    ask: () => ({ url: '/api/payments', body: { key: KEY, provider: 'webhook', amountMinor: 500 } }),
    cases: ({ alex }) => {
      const ask = (provider: string, amountMinor = 500) => ({
        url: '/api/payments',
        body: { key: newKey(), provider, amountMinor },
      });
      return [
        done(alex, ask('webhook'), 'a payment', 201),
        not(alex, 'malformed', ask('webhook', 499), 'too little'),
        not(alex, 'malformed', ask('voucher'), 'by what has no checkout'),
        not(alex, 'provider_off', ask('btcpay'), 'by what is not open'),
      ];
    },
  },
  'GET /api/payments': read('/api/payments', 'client', 'operator'),
  'GET /api/payments/:paymentId': {
    open: ['client'],
    ask: () => ({ url: `/api/payments/${NOBODY}` }),
    cases: async (world) => {
      const own = { url: `/api/payments/${await world.payment(world.alex)}` };
      return [
        done(world.alex, own),
        not(world.bob, 'payment_not_found', own, 'of somebody else'),
        not(world.alex, 'payment_not_found', { url: `/api/payments/${NOBODY}` }, 'none'),
      ];
    },
  },
  'POST /api/payments/:paymentId/settle-trouble': {
    open: ['operator'],
    ask: () => ({ url: `/api/payments/${NOBODY}/settle-trouble`, body: { note: 'x' } }),
    cases: async (world) => {
      const ask = (paymentId: number) => ({ url: `/api/payments/${paymentId}/settle-trouble`, body: { note: 'x' } });
      return [
        done(world.boss, ask(await world.payment(world.alex)), 'of a payment'),
        not(world.boss, 'payment_not_found', ask(NOBODY), 'of none'),
      ];
    },
  },
};

function history(url: string): Row {
  return {
    open: ALL,
    ask: () => ({ url }),
    cases: (world) => [
      ...ALL.map((role) => done(someoneOf(world, role), { url })),
      done(world.boss, { url: `${url}?personId=${world.alex.personId}` }, 'of a person'),
      not(world.boss, 'person_not_found', { url: `${url}?personId=${NOBODY}` }, 'of nobody'),
      not(world.alex, 'not_allowed', { url: `${url}?personId=${world.bob.personId}` }, 'of somebody else'),
      not(world.alex, 'not_allowed', { url: `${url}?personId=${world.alex.personId}` }, 'their own by name'),
      not(world.mia, 'not_allowed', { url: `${url}?personId=${world.alex.personId}` }, 'of somebody else'),
    ],
  };
}

const batch = (count: number) => ({ key: newKey(), count, amountMinor: 500, label: 'test' });

function batchRow(method: 'GET' | 'POST'): Row {
  const ask = (batchId: number) => ({ url: `/api/voucher-batches/${batchId}${method === 'POST' ? '/void' : ''}` });
  return {
    open: ['operator'],
    ask: () => ask(NOBODY),
    cases: async (world) => [
      done(world.boss, ask((await world.vouchers()).batchId), 'a batch'),
      not(world.boss, 'batch_not_found', ask(NOBODY), 'none'),
    ],
  };
}

const PAYOUTS: Record<string, Row> = {
  'GET /api/earnings': read('/api/earnings', 'model'),
  'GET /api/payouts': read('/api/payouts', 'model', 'operator'),
  'GET /api/payouts.csv': read('/api/payouts.csv', 'operator'),
  'POST /api/payouts': {
    open: ['model'],
    ask: () => ({ url: '/api/payouts', body: { key: KEY, amountMinor: PAYOUT_MINOR_MIN, destination: 'account' } }),
    cases: ({ mia }) => {
      const ask = (amountMinor: number) => ({
        url: '/api/payouts',
        body: { key: newKey(), amountMinor, destination: 'account' },
      });
      return [
        done(mia, ask(PAYOUT_MINOR_MIN), 'the least amount', 201),
        not(mia, 'malformed', ask(PAYOUT_MINOR_MIN - 1), 'less than the least'),
      ];
    },
  },
  'POST /api/payouts/:payoutId/approve': ofPayout('approve', {}, (world) => world.payout(world.mia)),
  'POST /api/payouts/:payoutId/reject': ofPayout('reject', { note: 'x' }, (world) => world.payout(world.mia)),
  'POST /api/payouts/:payoutId/paid': ofPayout('paid', {}, (world) => world.approvedPayout(world.mia)),
  'POST /api/payouts/:payoutId/failed': ofPayout('failed', { note: 'x' }, (world) => world.approvedPayout(world.mia)),
  'POST /api/payouts/:payoutId/withdraw': {
    open: ['model'],
    ask: () => ({ url: `/api/payouts/${NOBODY}/withdraw`, body: {} }),
    cases: async (world) => {
      const ask = (payoutId: number) => ({ url: `/api/payouts/${payoutId}/withdraw`, body: {} });
      const [own, approved] = [await world.payout(world.mia), await world.approvedPayout(world.mia)];
      return [
        not(world.zoe, 'payout_not_found', ask(own), 'of another model'),
        done(world.mia, ask(own)),
        not(world.mia, 'payout_state', ask(approved), 'one that was approved'),
        not(world.mia, 'payout_not_found', ask(NOBODY), 'none'),
      ];
    },
  },
};

const PUSH_ENDPOINT = 'https://push.example.org/x';
const browser = (endpoint: string) => ({ endpoint, keys: { p256dh: 'a'.repeat(87), auth: 'a'.repeat(22) } });

const PUSH: Record<string, Row> = {
  'GET /api/push': read('/api/push', 'client', 'model'),
  'PUT /api/push': {
    open: ['client', 'model'],
    ask: () => ({ url: '/api/push', body: browser(PUSH_ENDPOINT) }),
    cases: ({ alex, mia }) => [
      ...[alex, mia].map((as) => done(as, { url: '/api/push', body: browser(PUSH_ENDPOINT) })),
      ...['https://127.0.0.1/x', 'https://192.168.1.1/x', 'https://localhost/x', 'https://push.example.org:8443/x'].map(
        (endpoint) => not(alex, 'bad_push_endpoint', { url: '/api/push', body: browser(endpoint) }, endpoint),
      ),
    ],
  },
  'DELETE /api/push': read('/api/push', 'client', 'model'),
  'POST /api/push/test': {
    open: ['client', 'model'],
    ask: () => ({ url: '/api/push/test' }),
    // Where they are on, a push service of the internet is asked; that stands in integration/push.test.ts.
    cases: ({ alex, mia }) => [alex, mia].map((as) => not(as, 'push_off', { url: '/api/push/test' }, 'that are off')),
  },
};

const STUDIO: Record<string, Row> = {
  'GET /api/studio': read('/api/studio', 'operator'),
  'GET /api/metrics': read('/api/metrics', 'operator'),
  'GET /api/audit': read('/api/audit', 'operator'),
  'GET /api/audit.csv': read('/api/audit.csv', 'operator'),
  'GET /api/settings': read('/api/settings', 'operator'),
  'POST /api/settings/check': {
    open: ['operator'],
    ask: () => ({ url: '/api/settings/check', body: { text: '' } }),
    cases: ({ boss }) => [done(boss, { url: '/api/settings/check', body: { text: '' } })],
  },
  'GET /api/self-test': read('/api/self-test', 'operator'),
  'GET /api/reports': read('/api/reports?by=day', 'operator'),
  'GET /api/reports.csv': read('/api/reports.csv?by=day', 'operator'),
  'POST /api/ledger/check': read('/api/ledger/check', 'operator'),
};

const WITHOUT_SESSION: Record<string, Row> = {
  'POST /api/webhooks/payment': {
    open: 'signed',
    ask: () => ({ url: '/api/webhooks/payment', body: {} }),
    cases: ({ boss }) =>
      [null, boss].map((as) =>
        not(as, 'bad_signature', { url: '/api/webhooks/payment', body: {} }, 'without a signature'),
      ),
  },
  'POST /api/webhooks/btcpay': {
    open: 'signed',
    ask: () => ({ url: '/api/webhooks/btcpay', body: {} }),
    cases: () => [not(null, 'provider_off', { url: '/api/webhooks/btcpay', body: {} }, 'that is not open')],
  },
  ...Object.fromEntries(
    ['/authority.pem', '/parlour-verify.mjs', '/*'].map((url): [string, Row] => [
      `GET ${url}`,
      { open: 'everybody', ask: () => ({ url }), cases: () => [done(null, { url: url.replace('*', '') }, 'a file')] },
    ]),
  ),
};

export const ROUTES: Readonly<Record<string, Row>> = {
  ...ACCOUNT,
  ...MODELS,
  ...PEOPLE,
  ...BETWEEN_PEOPLE,
  ...CALLS,
  ...CREDIT,
  ...PAYOUTS,
  ...PUSH,
  ...STUDIO,
  ...WITHOUT_SESSION,
};
