// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are texts of sources
import { inFile, type Mutant, type MutatedModule } from './mutant.ts';

const inFront = (file: string, ...mutants: [find: string, replace: string, breaks: string][]) =>
  inFile(`server/front/${file}`, ...mutants);

const OPERATOR = "personOf(request, signIn, 'operator');";
const ANYBODY = 'personOf(request, signIn);';

/** Routes of operators that are open to everybody who is signed in. @param after what stands behind the question who it is */
const openedRoutes = (file: string, ...routes: [after: string, breaks: string][]): Mutant[] =>
  inFront(
    file,
    ...routes.map(([after, breaks]): [string, string, string] => [OPERATOR + after, ANYBODY + after, breaks]),
  );

const SESSION = inFront(
  'api/session.ts',
  [
    "httpOnly: true,\n    secure: true,\n    sameSite: 'strict',\n    maxAge",
    "secure: true,\n    sameSite: 'strict',\n    maxAge",
    'scripts do not read the cookie',
  ],
  [
    "httpOnly: true,\n    secure: true,\n    sameSite: 'strict',\n    maxAge",
    "httpOnly: true,\n    sameSite: 'strict',\n    maxAge",
    'the cookie goes over TLS only',
  ],
  [
    "httpOnly: true,\n    secure: true,\n    sameSite: 'strict',\n    maxAge",
    "httpOnly: true,\n    secure: true,\n    sameSite: 'lax',\n    maxAge",
    'the cookie goes with no request of another site',
  ],
  ['maxAge: SESSION_MS / 1_000', 'maxAge: SESSION_MS', 'the cookie lasts as long as the session'],
  ['  reply.clearCookie(COOKIE, {', '  void (COOKIE, {', 'the cookie goes at sign-out'],
  ['[A-Za-z0-9_-]{43}$/', '[A-Za-z0-9_-]+$/', 'a token has its form'],
  ['[A-Za-z0-9_-]{43}$/', '.{43}$/', 'a token has no other characters'],
  ['name === COOKIE && value', 'value', 'the session is in its own cookie'],
  ["if (!person || !token) throw new UserError('not_signed_in');", '', 'nobody is let in without a session'],
  ['if (roles.length > 0 && !roles.includes(person.role))', 'if (false)', 'a route is open to its roles only'],
  [
    'if (roles.length > 0 && !roles.includes(person.role))',
    'if (!roles.includes(person.role))',
    'a route without roles is open to all who are signed in',
  ],
  [
    'const { token, expiresAt } = await deps.signIn.newLink(personId);',
    'const { token, expiresAt } = await deps.signIn.newSetUpLink();',
    'a link is of its person',
  ],
  [
    'isLoopback(host) ? deps',
    '!isLoopback(host) ? deps',
    'other addresses are named where the first leads nowhere else',
  ],
);

const ADDRESSES = inFront(
  'addresses.ts',
  ["host.replace(/:\\d+$/, '').toLowerCase()", "host.replace(/:\\d+$/, '')", 'a host name is the same in capitals'],
  [
    "(net.isIPv4(name) && name.startsWith('127.'))",
    "name.startsWith('127.')",
    'a name that begins like an address is a name',
  ],
  ["name === '[::1]' || ", '', 'the machine itself by IPv6'],
  [".filter((name) => !name.includes('*'))", '', 'a pattern is no address'],
  ['.filter((name) => !isLoopback(name))', '', 'other devices are not sent to themselves'],
  ['net.isIPv6(name) ? `[${name}]` : name', 'name', 'an IPv6 address stands in brackets'],
);

const SIGN_IN = inFront(
  'api/api.ts',
  ['SIGN_INS_PER_MINUTE_MAX = 10', 'SIGN_INS_PER_MINUTE_MAX = 11', 'ten tries a minute'],
  ['SIGN_INS_PER_MINUTE_MAX = 10', 'SIGN_INS_PER_MINUTE_MAX = 9', 'ten tries a minute, not less'],
  [
    '{ schema: { body: SetUp }, config: strict }',
    '{ schema: { body: SetUp } }',
    'a set-up link is not guessed at speed',
  ],
  [
    '{ schema: { body: SignIn }, config: strict }',
    '{ schema: { body: SignIn } }',
    'a password is not guessed at speed',
  ],
  [
    '{ schema: { body: SignInByLink }, config: strict }',
    '{ schema: { body: SignInByLink } }',
    'a link is not guessed at speed',
  ],
  [
    '{ schema: { body: SetPassword }, config: strict }',
    '{ schema: { body: SetPassword } }',
    'an old password is not guessed at speed',
  ],
  [
    'openSession(person, request, deps, true)',
    'openSession(person, request, deps)',
    'a session that a link began may set a password',
  ],
  ['    await signIn.closeSession(before);\n', '', 'signing in ends the session before'],
  ['    await signIn.closeSession(token);\n', '', 'signing out ends the session'],
  [
    "'signed out', (connection) => connection.session === token",
    "'signed out', (connection) => connection.session !== token",
    'signing out closes the pages of this session',
  ],
  [
    "'signed out', (connection) => connection.session === token",
    "'signed out', () => true",
    'signing out closes no other pages',
  ],
  ['    clearSessionCookie(reply);\n', '', 'the cookie goes at sign-out'],
  [
    'connection.personId === personId && connection.session !== token',
    'connection.personId === personId && connection.session === token',
    'a new password closes the other pages, not one’s own',
  ],
  [
    'connection.personId === personId && connection.session !== token',
    'connection.session !== token',
    'a new password closes nobody else’s pages',
  ],
  [
    "    hub.close(HUB_CLOSE_SIGNED_OUT, 'the password was changed', isOther);\n",
    '',
    'a new password closes the other pages',
  ],
  ['    await signIn.setPassword(personId, request.body, token);\n', '', 'a password is set'],
  [
    "action: 'set_up', personId: null, detail: {} });",
    "action: 'set_up', personId: null, detail: { password } });",
    'no password stands in the audit log',
  ],
);

const OWN = inFront(
  'api/api.ts',
  ['profile.rateMinor < rateMinorMin ||', 'profile.rateMinor <= rateMinorMin ||', 'the lowest price may be asked'],
  ['profile.rateMinor < rateMinorMin ||', '', 'no price under the lowest'],
  ['profile.rateMinor > rateMinorMax)', 'profile.rateMinor >= rateMinorMax)', 'the highest price may be asked'],
  ['profile.rateMinor > rateMinorMax)', 'profile.rateMinor > 10 * rateMinorMax)', 'no price over the highest'],
  ['profile.minimumMin > minimumMinMax', 'profile.minimumMin > minimumMinMax + 1', 'no minimum over the longest'],
  ['profile.minimumMin > minimumMinMax', 'profile.minimumMin >= minimumMinMax', 'the longest minimum may be asked'],
  ["signIn, 'model');\n    refuseBeyondLimits", 'signIn);\n    refuseBeyondLimits', 'only a model has a profile'],
  [
    "signIn, 'model');\n    await accounts.setRingTerms",
    'signIn);\n    await accounts.setRingTerms',
    'only a model says whom she takes rings of',
  ],
  [
    "signIn, 'model');\n    await accounts.setAvailability",
    'signIn);\n    await accounts.setAvailability',
    'only a model turns calls on',
  ],
  [
    "balanceMinor: person.role === 'operator' ? null :",
    "balanceMinor: person.role !== 'operator' ? null :",
    'an operator has no balance',
  ],
);

const PEOPLE = [
  ...openedRoutes(
    'api/api.ts',
    ['\n    const people = await accounts.people(', 'the list of people is the operators’'],
    [
      '\n      const { role, username, displayName } = request.body;\n      // One operator',
      'only an operator makes people',
    ],
    [
      '\n      const person = await accounts.person(request.params.personId);\n      if (person.deletedAt !== null)',
      'only an operator makes sign-in links',
    ],
    [
      '\n      const client = await accounts.person(request.params.personId);\n      if (client.role',
      'only an operator gives credit',
    ],
    ['\n    return studioOf(deps);', 'the state of the studio is the operators’'],
    ['\n    return reply.type(metrics', 'the metrics are the operators’'],
  ),
  ...inFront(
    'api/api.ts',
    [
      "      if (person.deletedAt !== null) throw new UserError('person_not_found');\n",
      '',
      'a deleted person gets no link',
    ],
    [
      "      if (person.suspendedAt !== null) throw new UserError('account_suspended');\n",
      '',
      'a suspended person gets no link',
    ],
    ["if (client.role !== 'client') throw", "if (client.role === 'operator') throw", 'credit is given to clients'],
    ["config: { audit: 'credit_given' }", 'config: {}', 'credit that is given is written down'],
    ["config: { audit: 'link_made' }", 'config: {}', 'a link that is made is written down'],
    [
      'actorId: operator.personId,\n        ...(request.body.kind',
      'actorId: client.personId,\n        ...(request.body.kind',
      'who gave the credit is written down',
    ],
  ),
];

const ACCOUNT = inFront(
  'api/account.ts',
  ['EXPORTS_PER_MINUTE_MAX = 5', 'EXPORTS_PER_MINUTE_MAX = 50', 'five exports a minute'],
  ['    await signIn.endOtherSessions(personId, token);\n', '', 'the other sessions end'],
  [
    'return connection.personId === personId && connection.session !== token;',
    'return connection.session !== token;',
    'nobody else’s pages are closed',
  ],
  [
    'return connection.personId === personId && connection.session !== token;',
    'return connection.personId === personId;',
    'the page that asks stays',
  ],
  [
    "if (own?.sessionId === request.params.sessionId) throw new UserError('wrong_state', 'Sign out here instead.');",
    '',
    'one’s own session is ended by signing out',
  ],
  [
    'return connection.personId === personId && digestOf(connection.session).equals(digest);',
    'return connection.personId === personId && !digestOf(connection.session).equals(digest);',
    'the pages of the ended session are closed',
  ],
  ["signIn, 'client');\n    const model = await", 'signIn);\n    const model = await', 'favourites are clients’'],
  [
    "signIn, 'client');\n    await favourites.remove",
    'signIn);\n    await favourites.remove',
    'favourites are taken off by clients',
  ],
  [
    'const model = await accounts.model(request.params.personId);',
    'const model = await accounts.person(request.params.personId);',
    'favourites are models',
  ],
  [
    "if (person.role === 'operator') return { calls: []",
    "if (person.role !== 'operator') return { calls: []",
    'an export has all that is kept of a person',
  ],
  [
    'if (receipt.receipt.liveAt !== null)',
    'if (receipt.receipt.liveAt === null)',
    'an export has the files of calls that were live',
  ],
  ["if (username !== person.username) throw new UserError('wrong_username');", '', 'an account is deleted by its name'],
  ['    await refuseWhileBound(person, deps);\n', '', 'nobody is deleted while bound'],
  ["  if (calls.isInCall(person.personId)) throw new UserError('in_call');\n", '', 'nobody is deleted in a call'],
  [
    '(await payouts.inPayout(person.personId)) > 0)',
    '(await payouts.inPayout(person.personId)) < 0)',
    'nobody is deleted with a payout open',
  ],
  [
    "if (person.role === 'client' && (await payments.hasPending(person.personId)))",
    'if (false)',
    'nobody is deleted with a payment open',
  ],
  [
    'others.every((one) => one.personId === person.personId)',
    'others.some((one) => one.personId === person.personId)',
    'an operator is deleted beside another',
  ],
  [
    'if (balanceMinor !== giveUpMinor && balanceMinor !== 0)',
    'if (giveUpMinor === 0 && balanceMinor !== 0)',
    'exactly the balance is given up',
  ],
  ['    await giveUp(person, giveUpMinor, key, deps);\n', '', 'money is given up before the account goes'],
  [
    'const amountMinor = toMinor(-balanceMinor);',
    'const amountMinor = toMinor(balanceMinor);',
    'what is given up is taken off',
  ],
  ['    await threads.forgetTexts(person.personId);\n', '', 'what a deleted person wrote goes'],
  ['    await forgetPerson(store.main, person.personId);\n', '', 'what ties a deleted person to others goes'],
  ['    await accounts.erase(person.personId);\n', '', 'a deletion deletes'],
  [
    "'the account is gone', (connection) => connection.personId === person.personId",
    "'the account is gone', (connection) => connection.personId !== person.personId",
    'the pages of a deleted person are closed',
  ],
  ['    clearSessionCookie(reply);\n', '', 'the cookie goes with the account'],
  [
    'detail: { role: person.role, ...(giveUpMinor > 0',
    'detail: { role: person.role, ...(giveUpMinor < 0',
    'what was given up is written down',
  ],
);

const CALLS = [
  ...openedRoutes('api/calls.ts', ['\n    await calls.endByOperator', 'only an operator ends any call']),
  ...inFile(
    'server/calls/history.ts',
    [
      "    if (!mySide) throw new UserError('call_not_found');\n",
      '',
      'a receipt is read by the two people of the call',
    ],
    [
      "return person.role === 'operator' ? 'operator' : null;",
      "return 'operator';",
      'only an operator reads the receipts of others',
    ],
    [
      "earnedMinor: mySide === 'client' ? null :",
      "earnedMinor: mySide === 'model' ? null :",
      'a client does not see what she earned',
    ],
    [
      "studioMinor: mySide === 'operator' ?",
      "studioMinor: mySide !== 'client' ?",
      'what the studio has is the operators’ to see',
    ],
    ['    await this.#own(person, callId);\n', '', 'a meter log is read by the two people of the call'],
    ['earnedMinor: isClient ? null :', 'earnedMinor: false ? null :', 'a client’s list does not say what she earned'],
  ),
];

const STUDIO = [
  ...openedRoutes(
    'api/studio.ts',
    ['\n    return { entries: await audit', 'the audit log is the operators’'],
    ['\n    return { settings: describe', 'the settings are the operators’'],
    ['\n    return checkSettings', 'settings are checked by operators'],
    ['\n    return { at: new Date()', 'the self-test is the operators’'],
    ['\n      const { personId } = request.params;', 'only an operator suspends'],
    ['\n      await accounts.liftSuspension', 'only an operator lifts a suspension'],
    [
      '\n      const person = await accounts.person(request.params.personId);\n      if (person.personId === operator',
      'only an operator resets',
    ],
  ),
  ...inFront(
    'api/studio.ts',
    ["if (personId === operator.personId) throw new UserError('not_yourself');", '', 'nobody suspends themselves'],
    ["if (person.personId === operator.personId) throw new UserError('not_yourself');", '', 'nobody resets themselves'],
    ["if (person.deletedAt !== null) throw new UserError('person_not_found');", '', 'a deleted account is not reset'],
    [
      'why, (connection) => connection.personId === personId)',
      'why, (connection) => connection.personId !== personId)',
      'the pages of a suspended person are closed',
    ],
    ['      await accounts.suspend(personId, request.body.reason);\n', '', 'a suspension suspends'],
    ['        await calls.endOfPerson(personId);\n', '', 'the call of a suspended person ends'],
    [
      "        shutOut(personId, 'the account is suspended');\n",
      '',
      'the pages of a suspended person are closed at once',
    ],
    ['      await signIn.reset(person.personId);\n', '', 'a reset resets'],
    ["      shutOut(person.personId, 'the sign-in was reset');\n", '', 'a reset closes the pages'],
    ["config: { audit: 'person_reset' }", 'config: {}', 'a reset is written down'],
  ),
];

const MONEY = [
  ...openedRoutes(
    'api/money.ts',
    ['\n    return (await accounts.person(personId)).personId;', 'the history of others is the operators’'],
    ['\n      const { personId, role } = await accounts.person(', 'only an operator corrects a balance'],
    ['\n      return { batches: await', 'the batches of vouchers are the operators’'],
    ['\n      reply.code(201);\n      return vouchers.make', 'only an operator makes vouchers'],
    ['\n      return vouchers.batch(', 'a batch of vouchers is the operators’'],
    ['\n      return vouchers.void({ batchId', 'only an operator ends a batch of vouchers'],
    ['\n      return vouchers.void({ voucherId', 'only an operator ends a voucher'],
    ['\n      return payments.settleTrouble', 'only an operator settles the trouble of a payment'],
  ),
  ...inFront(
    'api/money.ts',
    [
      'if (personId === undefined) return (await',
      'if (personId !== undefined) return (await',
      'without a name one reads one’s own history',
    ],
    ["if (role === 'operator') throw new UserError('no_wallet');", '', 'an operator has no balance to correct'],
    [
      "if (amountMinor === 0) throw new UserError('malformed', 'amountMinor must not be 0.');",
      '',
      'a correction is of something',
    ],
    [
      "role === 'operator' || personId === clientId || personId === modelId",
      "role !== 'client' || personId === clientId",
      'the refunds of a call are read by its two people',
    ],
    ["    if (!isTheirs) throw new UserError('call_not_found');\n", '', 'the refunds of others are not read'],
    [
      "role === 'client' ? null : ({ role, personId }",
      "role !== 'client' ? null : ({ role: 'operator', personId }",
      'a client does not see who gave it back',
    ],
    [
      "if (role === 'model' && modelId !== personId) throw new UserError('call_not_found');",
      '',
      'a model gives back her own calls only',
    ],
    [
      "signIn, 'client');\n    return vouchers.redeem",
      'signIn);\n    return vouchers.redeem',
      'vouchers are redeemed by clients',
    ],
    ["signIn, 'client');\n    const base", 'signIn);\n    const base', 'credit is bought by clients'],
    [
      "signIn, 'client', 'operator');\n    return { payments",
      'signIn);\n    return { payments',
      'a model sees no payments',
    ],
    ["payments.list(role === 'operator' ? null : personId", 'payments.list(null', 'a client sees their own payments'],
    [
      "signIn, 'client');\n    return payments.read",
      'signIn);\n    return payments.read',
      'a payment is read by its client',
    ],
  ),
];

const PAYOUTS = [
  ...openedRoutes(
    'api/payouts.ts',
    ['\n    const { currency', 'the list of payouts as a file is the operators’'],
    ['\n      return payouts.approve', 'only an operator approves'],
    ['\n      const by = { personId, ownOnly: false };', 'only an operator takes a payout a step on'],
  ),
  ...inFront(
    'api/payouts.ts',
    [
      "signIn, 'operator');\n    const { currency",
      "signIn, 'model', 'operator');\n    const { currency",
      'the list of payouts as a file is not open to models',
    ],
    ["signIn, 'model');\n    const [earned", 'signIn);\n    const [earned', 'earnings are models’'],
    [
      "signIn, 'model');\n    const payout = await",
      'signIn);\n    const payout = await',
      'payouts are asked for by models',
    ],
    [
      "signIn, 'model', 'operator');\n    return { payouts",
      'signIn);\n    return { payouts',
      'a client sees no payouts',
    ],
    ["payouts.list(role === 'operator' ? null : personId", 'payouts.list(null', 'a model sees her own payouts'],
    ["signIn, 'model');\n    const by", 'signIn);\n    const by', 'a payout is withdrawn by a model'],
    ['ownOnly: true', 'ownOnly: false', 'a payout is withdrawn by its own model'],
    ["['paid', 'payout_paid']", "['paid', 'payout_failed']", 'a step of a payout is written down as what it was'],
  ),
];

const OTHERS = [
  ...openedRoutes(
    'api/people.ts',
    ['\n      const { reportId } = request.params;', 'only an operator answers a report'],
    ['\n      await accounts.setMarks', 'only an operator sets marks'],
    ['\n      await accounts.setShare', 'only an operator sets a share'],
  ),
  ...inFront(
    'api/api.ts',
    ["      if (role === 'operator') throw new UserError('at_the_machine');\n", '', 'no operator makes another'],
    [
      "      if (person.role === 'operator') throw new UserError('at_the_machine');\n",
      '',
      'no operator lets another in',
    ],
  ),
  ...inFront('api/studio.ts', [
    "      if (person.role === 'operator') throw new UserError('at_the_machine');\n",
    '',
    'no operator resets another',
  ]),
  ...inFront(
    'api/people.ts',
    [
      '    const viewer = await personOf(request, signIn);\n',
      "    const viewer = await personOf(request, signIn).catch(() => ({ role: 'operator', personId: 0 }) as Person);\n",
      'pictures are for who is signed in',
    ],
    [
      "    if (!(await maySee(viewer, personId, deps))) throw new UserError('no_picture');\n",
      '',
      'not everybody is shown',
    ],
    [
      "if (role === viewer.role) return role === 'model';",
      'if (role === viewer.role) return true;',
      'no client sees another',
    ],
    ['if (await blocks.standsBetween(viewer.personId, personId)) return false;', '', 'who is blocked sees nobody'],
    ['.includes(personId);\n}', '.includes(personId) || true;\n}', 'a client is shown to whom they have called'],
    [
      "'private, max-age=31536000, immutable'",
      "'public, max-age=31536000, immutable'",
      'a picture is kept by no cache between',
    ],
    ["if (!Buffer.isBuffer(request.body)) throw new UserError('bad_picture');", '', 'a picture is bytes'],
    [
      "'client', 'model');\n    return { threads",
      "'client', 'model', 'operator');\n    return { threads",
      'an operator has no threads',
    ],
    [
      "'client', 'model');\n      return threads.thread(",
      "'client', 'model', 'operator');\n      return threads.thread(",
      'an operator reads no threads',
    ],
    [
      "'client', 'model');\n    return ratings.ofCall",
      "'client', 'model', 'operator');\n    return ratings.ofCall",
      'an operator has rated nothing',
    ],
    [
      "'client', 'model');\n      const { callId }",
      "'client', 'model', 'operator');\n      const { callId }",
      'an operator rates nothing',
    ],
    [
      "'client', 'model');\n      const about",
      "'client', 'model', 'operator');\n      const about",
      'an operator reports nobody',
    ],
    ["if (about.role === reporter.role) throw new UserError('person_not_found');", '', 'nobody reports their own kind'],
    [
      "const reporterId = person.role === 'operator' ? null : person.personId;",
      'const reporterId = null;',
      'people read their own reports',
    ],
    [
      'reports: reporterId === null ? reports : reports.map(forReporter)',
      'reports',
      'who of the studio has answered is the studio’s matter',
    ],
    [
      "'client', 'model');\n    return { blocks",
      "'client', 'model', 'operator');\n    return { blocks",
      'an operator blocks nobody, and reads so',
    ],
    [
      "'client', 'model');\n    const other",
      "'client', 'model', 'operator');\n    const other",
      'an operator blocks nobody',
    ],
    [
      "if (other.role === person.role || other.role === 'operator')",
      'if (other.role === person.role)',
      'nobody blocks the operator',
    ],
    [
      "if (other.role === person.role || other.role === 'operator')",
      "if (other.role === 'operator')",
      'nobody blocks their own kind',
    ],
    ['    await calls.blocked(person.personId, other.personId);\n', '', 'a block in a call hangs up'],
    [
      "'client', 'model');\n    await blocks.lift",
      "'client', 'model', 'operator');\n    await blocks.lift",
      'an operator has no block to lift',
    ],
  ),
  ...inFront(
    'api/push.ts',
    ["signIn, 'client', 'model')", 'signIn)', 'an operator takes no notifications'],
    ['TESTS_PER_MINUTE_MAX = 5', 'TESTS_PER_MINUTE_MAX = 50', 'five tests of notifications a minute'],
  ),
  ...openedRoutes(
    'api/reports.ts',
    ['\n    return ledger.report', 'the reports are the operators’'],
    ['\n    const report = await', 'the reports as a file are the operators’'],
    ['\n    return bookkeeper.check', 'the ledger is checked by operators'],
  ),
];

const PORT = [
  ...inFront(
    'front.ts',
    ['BODY_BYTES_MAX = 64 * 1024', 'BODY_BYTES_MAX = 640 * 1024', 'a request is no larger than 64 kB'],
    ['REQUESTS_PER_MINUTE_MAX = 600', 'REQUESTS_PER_MINUTE_MAX = 6_000', 'six hundred requests a minute'],
    [
      'allowList: (request) => !isOfApi(request)',
      'allowList: (request) => isOfApi(request)',
      'requests of the API are counted',
    ],
    [
      'if (changes && !isSigned && !isOwnOrigin(',
      'if (!isSigned && changes && isOwnOrigin(',
      'a change needs the own origin',
    ],
    ['if (changes && !isSigned && !isOwnOrigin(', 'if (changes && !isOwnOrigin(', 'a webhook comes from no page'],
    [
      "request.method !== 'GET' && request.method !== 'HEAD'",
      "request.method === 'POST'",
      'a change by PUT or DELETE needs the own origin, too',
    ],
    ["reply.header('Cache-Control', 'no-store');", ';', 'no answer of the API is kept'],
    ['frameAncestors: ["\'none\'"]', "frameAncestors: [\"'self'\", '*']", 'no page frames ours'],
    [
      'scriptSrc: ["\'self\'", "\'wasm-unsafe-eval\'"]',
      'scriptSrc: ["\'self\'", "\'unsafe-inline\'", "\'wasm-unsafe-eval\'"]',
      'no script but our own runs',
    ],
    [
      "referrerPolicy: { policy: 'no-referrer' }",
      "referrerPolicy: { policy: 'unsafe-url' }",
      'no page tells where it was',
    ],
    [
      "'camera=(self), microphone=(self), display-capture=(), geolocation=()'",
      "'camera=*, microphone=*, display-capture=(), geolocation=()'",
      'camera and microphone are ours alone',
    ],
    [
      'faultOfTexts(request.body) ?? faultOfTexts(request.query) ??',
      'faultOfTexts(request.body) ??',
      'no query holds a NUL',
    ],
    [
      'faultOfTexts(request.body) ?? faultOfTexts(request.query) ??',
      'faultOfTexts(request.query) ??',
      'no body holds a NUL',
    ],
    ["if (error.statusCode === 413) return new UserError('too_large');", '', 'what is too large is said to be'],
    ["if (error.statusCode === 429) return new UserError('too_many_requests');", '', 'who is too fast is told so'],
    [
      "if (error instanceof StoreUnavailable) return new UserError('unavailable');",
      '',
      'a database that is away is no fault of ours',
    ],
    ['return reply.code(answer.httpStatus).send', 'return reply.code(400).send', 'each error has its status'],
  ),
  ...inFront(
    'api/audit-hook.ts',
    ["isDone ? 'done' : codeOf(payload)", "'done'", 'what was refused was not done'],
    [
      "if (!actor || (actor.role !== 'operator' && isAuditedForAll !== true)) return;",
      'if (!actor) return;',
      'what a model gave back is no doing of an operator',
    ],
    ['&& isAuditedForAll !== true', '', 'whoever takes their data away is written down'],
    ['isMade ? madeIdOf(payload) : null', 'null', 'whom an operator has made is written down'],
    [
      'actorId: actor.personId, action, personId, detail',
      'actorId: actor.personId, action, personId: null, detail',
      'to whom it was done is written down',
    ],
    [
      'detailOf(params, request.query, request.body)',
      'detailOf(request.body)',
      'to which call or payout it was done is written down',
    ],
    ["app.addHook('preHandler'", "app.addHook('onResponse'", 'the line stands before the deed'],
    [
      "reply.statusCode === 403 && codeOf(payload) === 'not_allowed'",
      'false',
      'who asks for what is not theirs is written down',
    ],
  ),
  ...inFront(
    'api/webhooks.ts',
    ['config: { isSigned: true }', 'config: {}', 'a webhook needs no origin'],
    [
      'NOTIFICATION_BYTES_MAX = 16 * 1024',
      'NOTIFICATION_BYTES_MAX = 160 * 1024',
      'a payment’s news is no larger than 16 kB',
    ],
    [
      "if (!Buffer.isBuffer(request.body)) throw new UserError('malformed', 'The body is empty.');",
      '',
      'news without a body is malformed',
    ],
  ),
  ...inFront(
    'api/csv.ts',
    ['/^[=+\\-@\\t\\r]/', '/^[=+@]/', 'no text of people is a formula'],
    ["? `'${cell}` : cell", '? cell : cell', 'a formula gets an apostrophe'],
    ['/[",\\r\\n]/', '/[,]/', 'a text with quotes or lines is quoted'],
    [".replaceAll('\"', '\"\"')", '', 'a quote in a text is doubled'],
    ['if (cell instanceof Amount) return cell.text;', '', 'an amount below zero is no formula'],
  ),
  ...inFront('pages.ts', [
    "if (url.startsWith('/api/') || looksLikeFile(url)) throw",
    'if (looksLikeFile(url)) throw',
    'there is no page under /api',
  ]),
  ...inFront(
    'certificate.ts',
    ['writeWhole(file, text, 0o600)', 'writeWhole(file, text)', 'keys are read by their owner only'],
    ['RENEW_DAYS = 60', 'RENEW_DAYS = 900', 'a good certificate stays'],
    ['return isFresh && names.every', 'return names.every', 'a certificate is made anew before its end'],
    ['certificate.checkIP(name) : certificate.checkHost(name)', 'true : true', 'a certificate has every name'],
  ),
];

const CONTRACT = [
  ...inFile(
    'server/contract/limits.ts',
    ['PASSWORD_LENGTH_MIN = 10', 'PASSWORD_LENGTH_MIN = 1', 'a password has ten characters'],
    ['PASSWORD_LENGTH_MAX = 256', 'PASSWORD_LENGTH_MAX = 2_560', 'a password is no longer than 256'],
    ['USERNAME_LENGTH_MIN = 3', 'USERNAME_LENGTH_MIN = 1', 'a user name has three characters'],
    ['USERNAME_LENGTH_MAX = 32', 'USERNAME_LENGTH_MAX = 320', 'a user name is no longer than 32'],
    ['DISPLAY_NAME_LENGTH_MAX = 64', 'DISPLAY_NAME_LENGTH_MAX = 640', 'a name is no longer than 64'],
    ['PAGE_SIZE_MAX = 100', 'PAGE_SIZE_MAX = 1_000', 'a page has a hundred lines at most'],
    ['AVAILABLE_HOURS_MAX = 12', 'AVAILABLE_HOURS_MAX = 120', 'calls are on for twelve hours at most'],
    ['RATE_MINOR_MAX = 1_000_000', 'RATE_MINOR_MAX = 10_000_000', 'a minute costs a million at most'],
    ['MINIMUM_MIN_MAX = 60', 'MINIMUM_MIN_MAX = 600', 'a minimum is an hour at most'],
    ['TOP_UP_MINOR_MAX = 100_000_000', 'TOP_UP_MINOR_MAX = 1_000_000_000', 'credit is given up to a limit'],
    ['TIP_MINOR_MAX = 10_000_000', 'TIP_MINOR_MAX = 100_000_000', 'a tip has a limit'],
    ['PAYOUT_MINOR_MAX = 1_000_000_000', 'PAYOUT_MINOR_MAX = 10_000_000_000', 'a payout has a limit'],
    ['VOUCHERS_PER_BATCH_MAX = 1_000', 'VOUCHERS_PER_BATCH_MAX = 10_000', 'a batch has a thousand vouchers at most'],
    ['REASON_LENGTH_MAX = 200', 'REASON_LENGTH_MAX = 2_000', 'a reason has 200 characters at most'],
    ['MESSAGE_LENGTH_MAX = 1_000', 'MESSAGE_LENGTH_MAX = 10_000', 'a text has a thousand characters at most'],
    ['SDP_LENGTH_MAX = 64 * 1024', 'SDP_LENGTH_MAX = 640 * 1024', 'an SDP has a limit'],
    ['HUB_MESSAGE_BYTES_MAX = 80 * 1024', 'HUB_MESSAGE_BYTES_MAX = 800 * 1024', 'a message of a page has a limit'],
  ),
  ...inFile(
    'server/contract/people.ts',
    [
      "pattern: '^[a-z0-9][a-z0-9._-]*$'",
      "pattern: '^[a-z0-9:][a-z0-9:._-]*$'",
      'no user name has a colon, which deleted ones have',
    ],
    ["pattern: '^[a-z0-9][a-z0-9._-]*$'", "pattern: '^[A-Za-z0-9][A-Za-z0-9._-]*$'", 'a user name is in small letters'],
    [
      'maxLength: DISPLAY_NAME_LENGTH_MAX, pattern: NAME_PATTERN',
      'maxLength: DISPLAY_NAME_LENGTH_MAX',
      'a name is not blank',
    ],
    [
      'rateMinor: Type.Integer({ minimum: RATE_MINOR_MIN,',
      'rateMinor: Type.Integer({ minimum: 0,',
      'a minute costs something',
    ],
    ['minimumMin: Type.Integer({ minimum: 0,', 'minimumMin: Type.Integer({ minimum: -1,', 'no minimum is below zero'],
  ),
  ...inFile(
    'server/contract/money-parts.ts',
    ['Type.Integer({ minimum: 1, maximum });', 'Type.Integer({ minimum: 0, maximum });', 'an amount is something'],
    ['Type.Integer({ minimum: 1, maximum });', 'Type.Number({ minimum: 1, maximum });', 'an amount is a whole number'],
    ['minLength: 8, maxLength: 64', 'minLength: 1, maxLength: 64', 'a key is no accident'],
    [
      'strict = { additionalProperties: false }',
      'strict = { additionalProperties: true }',
      'no field beyond those named',
    ],
    ["maxLength: REASON_LENGTH_MAX, pattern: '\\\\S'", 'maxLength: REASON_LENGTH_MAX', 'a reason is not blank'],
  ),
  ...inFile(
    'server/contract/api.ts',
    [
      'minimum: 0, maximum: AVAILABLE_HOURS_MAX',
      'minimum: -1, maximum: AVAILABLE_HOURS_MAX',
      'no hours are below zero',
    ],
    [
      'Type.Integer({ minimum: 0, maximum: 100 })',
      'Type.Integer({ minimum: 0, maximum: 1_000 })',
      'a share is of a hundred',
    ],
    [
      'amountMinor: Type.Integer({ minimum: 1, maximum: TOP_UP_MINOR_MAX })',
      'amountMinor: Type.Integer({ minimum: -1, maximum: TOP_UP_MINOR_MAX })',
      'credit is given, not taken',
    ],
  ),
  ...inFile(
    'server/contract/hub.ts',
    [
      'amountMinor: Type.Integer({ minimum: 1, maximum: TIP_MINOR_MAX })',
      'amountMinor: Type.Integer({ minimum: -1, maximum: TIP_MINOR_MAX })',
      'a tip is given, not taken',
    ],
    [
      '{ additionalProperties: false },',
      '{ additionalProperties: true },',
      'no message has a field beyond those named',
    ],
  ),
  ...inFile(
    'server/contract/problem.ts',
    ['\\u0000-\\u0008', '\\u0001-\\u0008', 'no text holds a NUL'],
    ['\\u007f-\\u009f', '\\u007f', 'no text holds a control character of the second set'],
    ['\\u202a-\\u202e\\u2066-\\u2069', '\\u202a', 'no text turns the direction of another'],
    ['LONE_SURROGATE.test(text)', 'false', 'no text holds half a pair'],
    ['depth >= NESTING_MAX', 'depth > NESTING_MAX', 'values are nested sixteen deep at most'],
    ['faultOfText(key) ?? faultOfTexts', 'faultOfTexts', 'no key holds what no text holds'],
    ['value instanceof Uint8Array) return null;', "value instanceof Uint8Array) return 'bytes';", 'bytes are no text'],
  ),
];

export const ACCESS: MutatedModule = {
  says: 'who may do what: routes, sessions, origins, limits and what a request may hold',
  suites: [
    { name: 'front', entry: 'test/server/front.test.ts' },
    { name: 'access-matrix', entry: 'test/abuse/access-matrix.test.ts', needsDatabase: true },
    { name: 'access', entry: 'test/integration/access.test.ts', needsDatabase: true },
    { name: 'access-limits', entry: 'test/integration/access-limits.test.ts', needsDatabase: true },
  ],
  mutants: [
    ...SESSION,
    ...ADDRESSES,
    ...SIGN_IN,
    ...OWN,
    ...PEOPLE,
    ...ACCOUNT,
    ...CALLS,
    ...STUDIO,
    ...MONEY,
    ...PAYOUTS,
    ...OTHERS,
    ...PORT,
    ...CONTRACT,
  ],
};
