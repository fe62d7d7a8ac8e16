// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are texts of sources
import { inFile, type MutatedModule } from './mutant.ts';

const inAccounts = (file: string, ...mutants: [find: string, replace: string, breaks: string][]) =>
  inFile(`server/accounts/${file}`, ...mutants);

const SECRETS = inAccounts(
  'secrets.ts',
  ['return isRight && passwordHash !== null;', 'return true;', 'a wrong password is wrong'],
  ['return isRight && passwordHash !== null;', 'return passwordHash !== null;', 'a password is compared with its hash'],
  ['TOKEN_BYTES = 32', 'TOKEN_BYTES = 24', 'a token has 256 random bits'],
  ['memoryCost: 19_456', 'memoryCost: 1_024', 'argon2id as OWASP recommends it: the memory'],
  ['timeCost: 2', 'timeCost: 1', 'argon2id as OWASP recommends it: the passes'],
  ["createHash('sha256')", "createHash('md5')", 'what is kept of a token is its SHA-256'],
);

const GUESSES = inAccounts(
  'guess-limit.ts',
  ['FREE_GUESSES = 5', 'FREE_GUESSES = 50', 'five guesses are free'],
  ['WAIT_MS_MIN = 2_000', 'WAIT_MS_MIN = 200', 'the first wait is two seconds'],
  ['WAIT_MS_MAX = 15 * 60_000', 'WAIT_MS_MAX = 60_000', 'the longest wait is a quarter of an hour'],
  ['GUESSES_PER_HOUR_MAX = 100', 'GUESSES_PER_HOUR_MAX = 1_000', 'a hundred guesses an hour from everywhere'],
  ['2 ** over', '2', 'each wait is twice the one before'],
  ['here.isTrusted || everywhere', 'everywhere', 'strangers do not shut the owner out'],
  ['NAMES_MAX = 20_000', 'NAMES_MAX = 200_000', 'names are bounded'],
  ['nowMs - known.sinceMs >= HOUR_MS', 'false', 'an hour forgets them'],
);

const NAMES = inAccounts(
  'accounts.ts',
  ['typed.trim().toLowerCase();', 'typed.trim();', 'a user name is found however it is written'],
  ['typed.trim().toLowerCase();', 'typed.toLowerCase();', 'spaces around a user name do not matter'],
);

const PASSWORDS = inAccounts(
  'sign-in.ts',
  [
    'const isRight = await verifyPassword(row?.passwordHash ?? null, password);',
    'const isRight = row ? await verifyPassword(row.passwordHash, password) : false;',
    'an unknown name takes as long as a wrong password',
  ],
  [
    "if (this.#guesses.take(name, network) > 0) throw new UserError('too_many_guesses');",
    '',
    'who guesses has to wait',
  ],
  ['    this.#guesses.giveBack(name, network);\n', '', 'what was right begins anew'],
  [
    "      if (this.#guesses.take(`old ${personId}`, '') > 0) throw new UserError('too_many_guesses');\n",
    '',
    'who guesses the old password has to wait',
  ],
  ['    refuseEasyPassword(set.password, [...names, this.#studioName]);\n', '', 'no easy password is set'],
  [
    '    refuseEasyPassword(password, [username, displayName, this.#studioName]);\n',
    '',
    'no operator has an easy password',
  ],
  ['[...names, this.#studioName]', '[...names]', 'no password is made of the studio’s name'],
  ['if (!row || !isRight)', 'if (!row)', 'nobody signs in with a wrong password'],
  ['    return admitted(person);', '    return person;', 'a suspended person does not sign in by password'],
  ['passwordHash !== null && !isFresh };', 'passwordHash !== null };', 'after a link no old password is asked for'],
  ['asksOld: passwordHash !== null && !isFresh', 'asksOld: !isFresh', 'who has no password is asked for none'],
  ['if (passwordHash !== null && !isFresh) {', 'if (false) {', 'a change needs the old password'],
  [
    'if (passwordHash !== null && !isFresh) {',
    'if (passwordHash !== null) {',
    'who forgot the password sets another after a fresh link',
  ],
  [
    'if (passwordHash !== null && !isFresh) {',
    'if (!isFresh) {',
    'the first password needs no old one, whenever it is set',
  ],
  [
    'password_hash is not distinct from $4 returning id',
    '(password_hash is not distinct from $4 or true) returning id',
    'of two changes at once with one old password only one is made',
  ],
  ['person_id = me.id and digest <> $3', 'person_id = me.id and digest = $3', 'a change ends the others, not its own'],
  ['person_id = me.id and digest <> $3', 'digest <> $3', 'a change ends nobody else’s sessions'],
  ['person_id = me.id and digest <> $3', 'person_id = me.id and false and digest <> $3', 'a change ends the others'],
  ['set by_link = false from me', 'set by_link = by_link from me', 'a link lets one password be set, not two'],
  [
    "    if (!row) throw new UserError('wrong_old_password');\n",
    '',
    'a change that was not made is not said to be made',
  ],
  [
    'digest = $2 and by_link and created_at > $3',
    'digest = $2 and created_at > $3',
    'only a link stands in for a password',
  ],
  [
    'digest = $2 and by_link and created_at > $3',
    'digest = $2 and by_link and ($3::timestamptz is null or true)',
    'a link stands in for a password for an hour',
  ],
  [
    'digest = $2 and by_link and created_at > $3',
    'length($2::bytea) > 0 and by_link and created_at > $3',
    'the session that asks must be the fresh one',
  ],
);

const LINKS = inAccounts(
  'sign-in.ts',
  ['LINK_MS = 7 * 24 * 3_600_000', 'LINK_MS = 70 * 24 * 3_600_000', 'a link is good for seven days'],
  [
    "digest = $1 and purpose = 'sign_in' and used_at is null and expires_at > now()",
    "digest = $1 and purpose = 'sign_in' and expires_at > now()",
    'a link is used once',
  ],
  [
    "digest = $1 and purpose = 'sign_in' and used_at is null and expires_at > now()",
    "digest = $1 and purpose = 'sign_in' and used_at is null",
    'a link expires',
  ],
  [
    'used_at is null\n            and person.id',
    'true\n            and person.id',
    'two who use a link at once are let in once',
  ],
  ['    return admitted(row);', '    return row;', 'a suspended person does not sign in by link'],
  [
    'with sessions as (delete from session where person_id = $1),',
    'with sessions as (select 1),',
    'a reset ends the sessions',
  ],
  ['links as (delete from sign_in_link where person_id = $1)\n', 'links as (select 1)\n', 'no link outlives a reset'],
  [
    'update person set password_hash = null where id = $1`',
    'update person set password_hash = password_hash where id = $1`',
    'a reset ends the password',
  ],
  [
    'with older as (delete from sign_in_link where purpose = $2 and person_id is not distinct from $3)\n       insert',
    'insert',
    'a new link ends the older one',
  ],
  [
    `       ), links as (
         delete from sign_in_link using me where person_id = me.id
`,
    '',
    'a new password ends the links',
  ],
  [
    'and person.id = good.person_id and shut_out_at is null and deleted_at is null',
    'and person.id = good.person_id',
    'a link that lets nobody in is not used up',
  ],
  [
    "digest = $1 and purpose = 'set_up' and used_at is null and expires_at > now()",
    'digest = $1 and used_at is null and expires_at > now()',
    'a sign-in link makes no operator',
  ],
  [
    "digest = $1 and purpose = 'set_up' and used_at is null and expires_at > now()",
    "digest = $1 and purpose = 'set_up' and used_at is null",
    'a set-up link expires',
  ],
  [
    "digest = $1 and purpose = 'set_up' and used_at is null and expires_at > now()",
    "digest = $1 and purpose = 'set_up' and expires_at > now()",
    'two who use the set-up link at once become one operator',
  ],
  ["            and not exists (select 1 from person where role = 'operator')\n", '', 'no link outlives the set-up'],
  [
    "operator ? 'already_set_up' : 'link_used_or_expired'",
    "operator ? 'link_used_or_expired' : 'already_set_up'",
    'who comes too late is told to sign in',
  ],
);

const SESSIONS = inAccounts(
  'sign-in.ts',
  [
    'delete from session where expires_at < now()',
    'delete from session where expires_at > now()',
    'a sign-in ends no good session',
  ],
  [
    'delete from session where expires_at < now()',
    'delete from session where false',
    'sessions that are over are cleared away',
  ],
  ['new Date(Date.now() + SESSION_MS)', 'new Date(Date.now() + 10 * SESSION_MS)', 'a session lasts thirty days'],
  ['device.slice(0, DEVICE_LENGTH_MAX)', 'device', 'what a browser calls itself is cut'],
  ['DEVICE_LENGTH_MAX), isByLink]', 'DEVICE_LENGTH_MAX), true]', 'a session by password is none by link'],
  [
    'digest = $1 and expires_at > now() and shut_out_at is null and deleted_at is null',
    'digest = $1 and shut_out_at is null and deleted_at is null',
    'a session expires',
  ],
  [
    'digest = $1 and expires_at > now() and shut_out_at is null and deleted_at is null',
    'digest = $1 and expires_at > now() and deleted_at is null',
    'the session of a suspended person opens nothing',
  ],
  [
    'digest = $1 and expires_at > now() and shut_out_at is null and deleted_at is null',
    'digest = $1 and expires_at > now() and shut_out_at is null',
    'the session of a deleted person opens nothing',
  ],
  ['seenAt.getTime() > SEEN_STEP_MS', 'seenAt.getTime() > 10 * SEEN_STEP_MS', 'a sight is written every five minutes'],
  [
    'update session set seen_at = now() where digest = $1',
    'update session set seen_at = now() where length($1::bytea) > 0',
    'a session is seen, not all of them',
  ],
  [
    'person_id = $1 and expires_at > now() order by id desc',
    'person_id = $1 order by id desc',
    'a session that is over is not listed',
  ],
  [
    'person_id = $1 and expires_at > now() order by id desc',
    '$1 > 0 and expires_at > now() order by id desc',
    'a person’s own sessions are listed',
  ],
  [
    'person_id = $1 and expires_at > now() order by id desc',
    'person_id = $1 and expires_at > now() order by id',
    'sessions are listed newest first',
  ],
  ['digest = $2 as "isThis"', 'digest <> $2 as "isThis"', 'the session that asks is marked'],
  [
    "'delete from session where person_id = $1 and id = $2 returning digest'",
    "'delete from session where $1 > 0 and id = $2 returning digest'",
    'nobody ends the session of somebody else',
  ],
  ["    if (!row) throw new UserError('session_not_found');\n", '', 'a session that is not there is not ended'],
  [
    "'delete from session where person_id = $1 and digest <> $2'",
    "'delete from session where $1 > 0 and digest <> $2'",
    'ending all others ends one’s own only',
  ],
  [
    "'delete from session where person_id = $1 and digest <> $2'",
    "'delete from session where person_id = $1 and digest = $2'",
    'ending all others keeps the one that asks',
  ],
  [
    "'delete from session where digest = $1', [digestOf(token)]",
    "'delete from session where digest <> $1', [digestOf(token)]",
    'signing out ends this session',
  ],
  [
    "  if (person.deletedAt !== null) throw new UserError('wrong_credentials');\n",
    '',
    'nobody signs in to a deleted account',
  ],
  [
    "  if (person.suspendedAt !== null) throw new UserError('account_suspended');\n",
    '',
    'a suspended person is told so',
  ],
);

const PEOPLE = inAccounts(
  'accounts.ts',
  ['SESSION_MS = 30 * 24', 'SESSION_MS = 31 * 24', 'a session lasts thirty days, in the cookie, too'],
  ['pictureDigest === null ? null :', 'pictureDigest !== null ? null :', 'who has no picture has no address of one'],
  ['isVerified: person.verifiedAt !== null,', 'isVerified: true,', 'only who was seen is verified'],
  ['=== UNIQUE_VIOLATION', "=== '23503'", 'a user name is taken once'],
  ['[role, username, displayName.trim(),', '[role, username, displayName,', 'a name has no spaces around it'],
  ['rateMinor: 200, minimumMin: 1, about', 'rateMinor: 20, minimumMin: 1, about', 'a new model’s first price'],
  ["from made where role = 'model'", "from made where role <> 'operator'", 'only a model has terms'],
  [
    "    if (!person) throw new UserError('person_not_found');\n    return person;",
    '    return person as Person;',
    'nobody there is an error',
  ],
  ['coalesce(verified_at, now())', 'now()', 'the day on which somebody was seen stays'],
  ['case when $2::boolean then', 'case when not $2::boolean then', 'a mark is what the operator says'],
  ['set is_staff = $3,', 'set is_staff = is_staff or $3,', 'a mark can be taken off'],
  [
    "active: 'shut_out_at is null and deleted_at is null'",
    "active: 'deleted_at is null'",
    'a suspended person is not active',
  ],
  [
    "active: 'shut_out_at is null and deleted_at is null'",
    "active: 'shut_out_at is null'",
    'a deleted person is not active',
  ],
  [
    "suspended: 'shut_out_at is not null and deleted_at is null'",
    "suspended: 'shut_out_at is not null'",
    'a deleted person is not suspended',
  ],
  ["any: 'deleted_at is null'", "any: 'true'", 'deleted people only where they are asked for'],
  ['and person.id < $1 and', 'and person.id <= $1 and', 'no line stands on two pages'],
  ['($2::text is null or role = $2)', '($2::text is null or true)', 'people are narrowed down by role'],
  ['position(lower($3) in lower(', 'position($3 in lower(', 'a name is found however it is written'],
  ["display_name || ' ' || username", 'display_name', 'people are found by user name, too'],
  ['order by person.id desc limit $4', 'order by person.id limit $4', 'the newest come first'],
  ['PEOPLE_PER_PAGE = 50', 'PEOPLE_PER_PAGE = 500', 'a page has fifty people'],
  [
    'set_at = coalesce(set_at, now())\n        where person_id = $1',
    'set_at = coalesce(set_at, now())\n        where $1 > 0',
    'a profile is hers alone',
  ],
  ['set_at = coalesce(set_at, now())', 'set_at = set_at', 'a profile that was set is known to be'],
  [
    'set refuses_looks = $2 where person_id = $1',
    'set refuses_looks = not $2 where person_id = $1',
    'whom she takes rings of is as she says',
  ],
  [
    'set refuses_looks = $2 where person_id = $1',
    'set refuses_looks = $2 where $1 > 0',
    'whom she takes rings of is hers to say',
  ],
  ['    await this.model(personId);\n', '', 'only a model has a share'],
  ['set share_percent = $2 where person_id = $1', 'set share_percent = $2 where $1 > 0', 'a share is one model’s'],
  [
    'if (hours < 0 || hours > AVAILABLE_HOURS_MAX)',
    'if (hours < 0 || hours >= AVAILABLE_HOURS_MAX)',
    'calls are on for up to twelve hours',
  ],
  ['if (hours < 0 || hours > AVAILABLE_HOURS_MAX)', 'if (hours < 0)', 'calls are on for no more than twelve hours'],
  ['hours === 0 ? null', 'hours === 1 ? null', 'no hours turn calls off'],
  ['HOUR_MS = 3_600_000', 'HOUR_MS = 60_000', 'an hour is an hour'],
  [
    'set available_until = $2 where person_id = $1',
    'set available_until = $2 where $1 > 0',
    'calls are hers to turn on',
  ],
);

const ENDINGS = inAccounts(
  'accounts.ts',
  [
    "where role = 'operator' and shut_out_at is null and deleted_at is null for update)`",
    "where role = 'operator' and deleted_at is null for update)`",
    'a suspended operator is no other operator',
  ],
  [
    "where role = 'operator' and shut_out_at is null and deleted_at is null for update)`",
    "where role = 'operator' and shut_out_at is null for update)`",
    'a deleted operator is no other operator',
  ],
  [
    "where role = 'operator' and shut_out_at is null and deleted_at is null for update)`",
    "where role = 'operator' and shut_out_at is null and deleted_at is null)`",
    'two operators do not shut each other out at once',
  ],
  ['where operators.id <> $1))`', 'where operators.id >= $1 - $1))`', 'the last operator stays'],
  ['shut_out_at = coalesce(shut_out_at, now())', 'shut_out_at = now()', 'a suspension began when it began'],
  [
    'shut_out_why = $2\n          where id = $1 and deleted_at is null and',
    'shut_out_why = $2\n          where id = $1 and',
    'nobody suspends a deleted account',
  ],
  [
    '), sessions as (delete from session where person_id in (select id from shut)),',
    '),',
    'a suspension ends the sessions',
  ],
  [
    '       links as (delete from sign_in_link where person_id in (select id from shut)),\n',
    '',
    'no link outlives a suspension',
  ],
  [
    'set available_until = null where person_id in (select id from shut))',
    'set available_until = available_until where person_id in (select id from shut))',
    'a suspended model takes no calls',
  ],
  ['[personId, reason.trim()]', '[personId, reason]', 'a reason has no spaces around it'],
  [
    'set shut_out_at = null, shut_out_why = null where id = $1 and deleted_at is null',
    'set shut_out_at = null, shut_out_why = null where id = $1',
    'a deleted account does not come back',
  ],
  [
    'set shut_out_at = null, shut_out_why = null where id = $1 and',
    'set shut_out_at = shut_out_at, shut_out_why = null where id = $1 and',
    'a lifted suspension lets them in',
  ],
  [
    'set shut_out_at = null, shut_out_why = null where',
    'set shut_out_at = null where',
    'a lifted suspension leaves no reason behind',
  ],
  ["set username = 'deleted:' || id,", 'set username = username,', 'a deleted account gives its user name free'],
  ["display_name = 'Deleted ' || id,", 'display_name = display_name,', 'a deleted account has no name'],
  ['|| id, password_hash = null,', '|| id,', 'a deleted account has no password'],
  ['verified_at = null, is_staff = false,', 'is_staff = false,', 'a deleted account is not verified'],
  ['verified_at = null, is_staff = false,', 'verified_at = null,', 'a deleted account is not of the studio'],
  [
    'is_staff = false, shut_out_why = null, deleted_at',
    'is_staff = false, deleted_at',
    'a deleted account leaves no reason behind',
  ],
  [
    'deleted_at = now()\n          where id = $1 and deleted_at is null and',
    'deleted_at = now()\n          where id = $1 and',
    'an account is deleted once',
  ],
  [
    '), sessions as (delete from session where person_id in (select id from gone)),',
    '),',
    'a deletion ends the sessions',
  ],
  [
    '       links as (delete from sign_in_link where person_id in (select id from gone)),\n',
    '',
    'no link outlives a deletion',
  ],
  [
    '       picture as (delete from person_picture where person_id in (select id from gone)),\n',
    '',
    'a deletion takes the picture away',
  ],
  ["set available_until = null, about = ''", "set about = ''", 'a deleted model takes no calls'],
  [
    "set available_until = null, about = ''",
    'set available_until = null',
    'a deletion takes away what she wrote of herself',
  ],
  ["languages = '{}', tags = '{}'", "languages = '{}'", 'a deletion takes away her tags'],
  [
    "deletedAt === null ? 'last_operator' : 'person_not_found'",
    "deletedAt === null ? 'person_not_found' : 'last_operator'",
    'why it was refused',
  ],
  ['[])).length > 0;', '[])).length >= 0;', 'before the set-up there is no operator'],
  [
    "where role = 'model' and shut_out_at is null and deleted_at is null ${where}",
    "where role = 'model' and deleted_at is null ${where}",
    'a suspended model is not seen',
  ],
  [
    "where role = 'model' and shut_out_at is null and deleted_at is null ${where}",
    "where role = 'model' and shut_out_at is null ${where}",
    'a deleted model is not seen',
  ],
);

const PICTURES = inAccounts(
  'pictures.ts',
  ['bytes.length > PICTURE_BYTES_MAX', 'bytes.length > 10 * PICTURE_BYTES_MAX', 'a picture is no larger than allowed'],
  ['bytes.length > PICTURE_BYTES_MAX', 'bytes.length >= PICTURE_BYTES_MAX', 'a picture may be as large as allowed'],
  ["    if (!mediaType) throw new UserError('bad_picture');\n", '', 'only pictures get in'],
  ['starts(0xff, 0xd8, 0xff)', 'starts(0xff)', 'a JPEG begins as one'],
  ['0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a', '0x89', 'a PNG begins as one'],
  ["=== 'RIFF' &&", "=== 'RIFF' ||", 'a WebP begins as one'],
  [
    'set media_type = excluded.media_type, bytes = excluded.bytes,',
    'set media_type = excluded.media_type,',
    'a new picture takes the place of the old one',
  ],
  ['digest = excluded.digest, set_at', 'set_at', 'a new picture has a new address'],
  [
    "'delete from person_picture where person_id = $1'",
    "'delete from person_picture where $1 > 0'",
    'a person removes their own picture',
  ],
  ["    if (!row) throw new UserError('no_picture');\n", '', 'who has no picture has none'],
);

const LIMITS = inFile(
  'server/contract/limits.ts',
  [
    'LINK_IS_FRESH_MS = 3_600_000',
    'LINK_IS_FRESH_MS = 36_000_000',
    'a link stands in for a password for an hour, not ten',
  ],
  [
    'LINK_IS_FRESH_MS = 3_600_000',
    'LINK_IS_FRESH_MS = 360_000',
    'a link stands in for a password for an hour, not less',
  ],
);

export const ACCOUNTS: MutatedModule = {
  says: 'people, and how they prove who they are',
  suites: [
    { name: 'guess-limit', entry: 'test/server/guess-limit.test.ts' },
    { name: 'accounts', entry: 'test/integration/accounts.test.ts', needsDatabase: true },
  ],
  mutants: [
    ...SECRETS,
    ...GUESSES,
    ...NAMES,
    ...PASSWORDS,
    ...LINKS,
    ...SESSIONS,
    ...PEOPLE,
    ...ENDINGS,
    ...PICTURES,
    ...LIMITS,
  ],
};
