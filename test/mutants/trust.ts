// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are texts of sources
import { inFile, type MutatedModule } from './mutant.ts';

const inTrust = (file: string, ...mutants: [find: string, replace: string, breaks: string][]) =>
  inFile(`server/trust/${file}`, ...mutants);

const BLOCKS = [
  ...inTrust(
    'blocks.ts',
    [
      'return rows.length > 0;\n  }\n\n  async lift',
      'return true;\n  }\n\n  async lift',
      'a block that stood already is no new one',
    ],
    [
      "where blocker_id = $1 and blocked_id = $2 and lifted_at is null',\n      [blockerId, blockedId],\n    );\n  }",
      "where blocked_id = $2 and $1 > 0 and lifted_at is null',\n      [blockerId, blockedId],\n    );\n  }",
      'a block is lifted by who made it',
    ],
    [
      "where blocker_id = $1 and blocked_id = $2 and lifted_at is null',\n      [blockerId, blockedId],\n    );\n  }",
      "where blocker_id = $1 and $2 > 0 and lifted_at is null',\n      [blockerId, blockedId],\n    );\n  }",
      'one block is lifted, not all',
    ],
    [
      "'select 1 from block where blocker_id = $1 and blocked_id = $2 and lifted_at is null'",
      "'select 1 from block where blocker_id = $1 and blocked_id = $2'",
      'a lifted block stands no more',
    ],
    [
      "'select 1 from block where blocker_id = $1 and blocked_id = $2 and lifted_at is null'",
      "'select 1 from block where blocker_id in ($1, $2) and blocked_id in ($1, $2) and lifted_at is null'",
      'who has blocked is one of the two',
    ],
    ['where lifted_at is null and ((blocker_id', 'where ((blocker_id', 'a lifted block keeps nobody apart'],
    [' or (blocker_id = $2 and blocked_id = $1))', ')', 'a block works both ways'],
    [
      'where blocker_id = $1 and lifted_at is null order by',
      'where blocker_id = $1 order by',
      'whom one has blocked is who is blocked now',
    ],
    [
      'where blocker_id = $1 and lifted_at is null order by',
      'where (blocker_id = $1 or blocked_id = $1) and lifted_at is null order by',
      'nobody reads who has blocked them',
    ],
    ['on person.id = blocked_id', 'on person.id = blocker_id', 'the list names the other'],
    ['as b from block where lifted_at is null`', 'as b from block`', 'a lifted block hides nobody'],
    ['`${Math.min(one, other)}:${Math.max(one, other)}`', '`${one}:${other}`', 'a pair is the same from both sides'],
  ),
  ...inTrust(
    'caller.ts',
    [
      'where client_id = $1 and model_id = $2 and live_at is not null',
      'where client_id = $1 and model_id = $2',
      'a call that never was live is no call with her',
    ],
    [
      'where client_id = $1 and model_id = $2 and live_at is not null',
      'where client_id = $1 and live_at is not null',
      'calls with her are hers',
    ],
    [
      'where blocker_id = $2 and blocked_id = $1)',
      'where blocker_id = $1 and blocked_id = $2)',
      'she sees that she had blocked them, not that they had her',
    ],
    [
      'isStaff: showStaff && row.isStaff',
      'isStaff: row.isStaff',
      'that a caller is one of the staff is said where the operator wants it',
    ],
    ['ratings.summaryOf(clientId)', 'ratings.summaryOf(modelId)', 'the rating on the card is the caller’s'],
  ),
];

const LIKES = [
  ...inTrust(
    'favourites.ts',
    ['model_id <> $2) < $3', 'model_id <> $2) <= $3', 'favourites have a limit'],
    [
      'where client_id = $1 and model_id <> $2) < $3',
      'where client_id = $1) < $3',
      'a favourite that stands can be set again at the limit',
    ],
    ["if (rows.length === 0) throw new UserError('too_many_favourites');", '', 'one favourite too many is refused'],
    [
      'where client_id = $1 and model_id = $2',
      'where $1 > 0 and model_id = $2',
      'a favourite is taken off by its client alone',
    ],
    ['order by at desc, model_id', 'order by at, model_id', 'the newest favourite comes first'],
  ),
  ...inFile('server/contract/limits.ts', ['FAVOURITES_MAX = 200', 'FAVOURITES_MAX = 2_000', 'two hundred favourites']),
  ...inTrust(
    'free-notices.ts',
    ['WISH_HOURS_MAX = 24', 'WISH_HOURS_MAX = 240', 'a wish is forgotten after a day'],
    ['WISHES_PER_CLIENT_MAX = 20', 'WISHES_PER_CLIENT_MAX = 21', 'twenty wishes of a client'],
    ['order by asked_at desc offset', 'order by asked_at offset', 'the oldest wish gives way'],
    ['do update set asked_at = now()', 'do nothing', 'a wish that is made again is new'],
    [
      "'delete from free_notice where client_id = $1 and model_id = $2'",
      "'delete from free_notice where client_id = $1 and $2 > 0'",
      'one wish is taken back, not all',
    ],
    [
      'where client_id = $1 and asked_at > now()',
      'where $1 > 0 and asked_at > now()',
      'a client reads their own wishes',
    ],
    [
      "where model_id = any($1::bigint[]) and asked_at > now() - interval '${WISH_HOURS_MAX} hours'",
      'where model_id = any($1::bigint[])',
      'a wish that is too old is not met',
    ],
    [
      'where model_id = any($1::bigint[]) and',
      'where $1::bigint[] is not null and',
      'only wishes for who is free are met',
    ],
    ['waiting.filter(({ clientId }) => hearing.has(clientId))', 'waiting', 'a wish waits until its client can be told'],
    [
      'where client_id = met.client and model_id = met.model',
      'where client_id = met.client',
      'a wish for another model stays',
    ],
  ),
  ...inTrust(
    'forget.ts',
    [
      'delete from favourite where client_id = $1 or model_id = $1',
      'delete from favourite where client_id = $1',
      'nobody has a deleted model as a favourite',
    ],
    [
      'delete from free_notice where client_id = $1 or model_id = $1',
      'delete from free_notice where model_id = $1',
      'a deleted client waits for nobody',
    ],
    [
      'delete from block where blocker_id = $1 or blocked_id = $1',
      'delete from block where blocker_id = $1',
      'nobody has a deleted person blocked',
    ],
  ),
];

const RATINGS = [
  ...inTrust(
    'ratings.ts',
    ['KNOWN_MS = 60_000', 'KNOWN_MS = 600_000', 'the sums of ratings are a minute old at most'],
    ['if (rating.issue && rating.isUp) {', 'if (false) {', 'an issue goes with a thumb down only'],
    [
      'case when client_id = $2 then model_id else client_id end, $3, $4',
      'case when client_id = $2 then client_id else model_id end, $3, $4',
      'a rating is about the other',
    ],
    [
      'from call where call.id = $1 and ${RATEABLE}',
      'from call where call.id = $1',
      'only a call that can be rated is rated',
    ],
    [
      'set is_up = excluded.is_up, stars = excluded.stars, at = now()',
      'set is_up = excluded.is_up',
      'a rating can be changed',
    ],
    [
      'where issue_report.answered_at is null\n         returning id\n       )',
      '\n         returning id\n       )',
      'a report that was answered stays as it is',
    ],
    ["if (!row) throw new UserError('cannot_rate');", 'if (!row) return null;', 'who cannot rate is told so'],
    [
      '    this.#known = null;\n    return row.reportId;',
      '    return row.reportId;',
      'a new rating is in the sums at once',
    ],
    ['rating.call_id = call.id and by_id = $2', 'rating.call_id = call.id', 'each reads their own rating'],
    [
      'issue_report.call_id = call.id and reporter_id = $2',
      'issue_report.call_id = call.id',
      'each reads their own report',
    ],
    [
      'where call.id = $1 and $2 in (client_id, model_id)`',
      'where call.id = $1 and $2 > 0`',
      'a rating is read by the two of the call',
    ],
    [
      'count(stars) >= ${RATINGS_SHOWN_MIN}',
      'count(stars) > ${RATINGS_SHOWN_MIN}',
      'an average is shown from three ratings on',
    ],
    ['count(stars) >= ${RATINGS_SHOWN_MIN}', 'count(stars) > 0', 'an average of few is not shown'],
    ['round(avg(stars) * 10)', 'floor(avg(stars) * 10)', 'an average is rounded'],
    ['count(*) filter (where not is_up)', 'count(*) filter (where is_up)', 'thumbs are counted apart'],
    [
      "(accepted_at is not null and state = 'ended' and",
      "(state = 'ended' and",
      'a call that was not accepted is not rated',
    ],
    [
      "(accepted_at is not null and state = 'ended' and",
      '(accepted_at is not null and',
      'a call that goes on is not rated',
    ],
    [
      "state = 'ended' and $2 in (client_id, model_id)",
      "state = 'ended' and $2 > 0",
      'a call is rated by its two people',
    ],
    ["and ended_at > now() - interval '${RATING_DAYS_MAX} days')", ')', 'a call is rated within thirty days'],
  ),
  ...inFile(
    'server/contract/limits.ts',
    ['RATING_DAYS_MAX = 30', 'RATING_DAYS_MAX = 300', 'a call is rated within thirty days, not three hundred'],
    ['RATING_DAYS_MAX = 30', 'RATING_DAYS_MAX = 29', 'a call may be rated for thirty days'],
  ),
];

const REPORTS = inTrust(
  'reports.ts',
  [
    'and $1 in (client_id, model_id) and $2 in (client_id, model_id))',
    'and $2 in (client_id, model_id))',
    'a call is reported by who was in it',
  ],
  [
    'and $1 in (client_id, model_id) and $2 in (client_id, model_id))',
    'and $1 in (client_id, model_id))',
    'a report of a call is about who was in it',
  ],
  [
    'words = excluded.words where issue_report.answered_at is null\n       returning id',
    'words = excluded.words\n       returning id',
    'a report that was answered stays as it is',
  ],
  [
    "known.length > 0 ? 'report_answered' : 'call_not_found'",
    "known.length > 0 ? 'call_not_found' : 'report_answered'",
    'why a report was refused',
  ],
  ['where id = $1 and answered_at is null returning id', 'where id = $1 returning id', 'a report is answered once'],
  ["if (done.length === 0) throw new UserError('report_answered');", '', 'a second answer is refused'],
  ["if (!report) throw new UserError('report_not_found');", '', 'a report that is not there is not found'],
  ['($2::bigint is null or reporter_id = $2)\n', '($2::bigint is null or true)\n', 'people read their own reports'],
  ["(answered_at is null) = ($3 = 'open')", "(answered_at is null) = ($3 = 'answered')", 'open reports are open'],
  ['where report.id < $1 and', 'where report.id <= $1 and', 'no report stands on two pages'],
  [
    'where answered_at is null and ($1::bigint is null or reporter_id = $1)',
    'where ($1::bigint is null or reporter_id = $1)',
    'open reports are counted, not all',
  ],
  [
    'where answered_at is null and ($1::bigint is null or reporter_id = $1)',
    'where answered_at is null and ($1::bigint is null or true)',
    'people count their own reports',
  ],
);

const THREADS = inFile(
  'server/messages/threads.ts',
  ['TEXT_BURST_MAX = 10', 'TEXT_BURST_MAX = 100', 'ten texts in a burst'],
  ['TEXTS_PER_MINUTE_MAX / 60', 'TEXTS_PER_MINUTE_MAX', 'thirty texts a minute in the long run'],
  ['    if (refusal) throw new UserError(refusal);\n', '', 'who cannot be reached is not written to'],
  [
    "if (!this.#bucketOf(author.personId).take()) throw new UserError('too_many_requests');",
    '',
    'a person who floods is refused',
  ],
  ['unreadFor: peerId,', 'unreadFor: author.personId,', 'a text is news to the other'],
  ['key: `text:${author.personId}:${key}`', 'key: `text:${key}`', 'two people may choose the same key'],
  [
    "const isSame = known?.content.kind === 'text' && known.content.text === text.trim();",
    'const isSame = true;',
    'a key with another text is refused',
  ],
  [
    'known.clientId !== line.clientId || known.modelId !== line.modelId',
    'false',
    'a key for another person is refused',
  ],
  ['on conflict (key) do nothing', 'on conflict (key) do update set at = message.at', 'a line is told once'],
  ["this.#hub.sendToPerson(message.clientId, { type: 'message', message });", '', 'the client’s pages hear it'],
  ["this.#hub.sendToPerson(message.modelId, { type: 'message', message });", '', 'the model’s pages hear it'],
  ['if (unreadFor !== null) this.#onMessage(unreadFor, message);', '', 'who has no page open is told elsewhere'],
  ['and id <= $5 having', 'and id < $5 + 1000 having', 'what is read is read up to that message'],
  ['where message_read.last_read_id < excluded.last_read_id', 'where true', 'what was read stays read'],
  ['    this.#hub.sendToPerson(peerId, update);\n', '', 'the other hears that it was read'],
  [
    'where unread_for = $1 and message.id > coalesce(last_read_id, 0)`',
    'where unread_for = $1 and message.id >= coalesce(last_read_id, 0)`',
    'what was read is not unread',
  ],
  [
    'where unread_for = $1 and message.id > coalesce(last_read_id, 0)`',
    'where $1 in (client_id, model_id) and message.id > coalesce(last_read_id, 0)`',
    'one’s own texts are not unread',
  ],
  ['unread.id > coalesce((select', 'unread.id >= coalesce((select', 'a thread that was read has nothing unread'],
  [
    'blocked_id = last.${theirs}\n                         and lifted_at is null)',
    'blocked_id = last.${theirs})',
    'a lifted block is none in the list',
  ],
  ["if (!isPair(person, peer)) throw new UserError('not_reachable');", '', 'a thread is of a client and a model'],
  [
    "'where client_id = $1 and model_id = $2 and id < $3 order by id desc limit $4'",
    "'where client_id = $1 and $2 > 0 and id < $3 order by id desc limit $4'",
    'a thread is of two people',
  ],
  [
    "'where client_id = $1 and model_id = $2 and id < $3 order by id desc limit $4'",
    "'where client_id = $1 and model_id = $2 and id <= $3 order by id desc limit $4'",
    'no line stands on two pages',
  ],
  [
    '[peerId, person.personId],\n      ),',
    '[person.personId, peerId],\n      ),',
    'what the other has read is what the other has read',
  ],
  [
    'this.#blocks.stands(person.personId, peerId)',
    'this.#blocks.standsBetween(person.personId, peerId)',
    'who is blocked does not read so',
  ],
  ['canWrite: refusal === null', 'canWrite: true', 'who cannot write is shown no field'],
  [
    "'delete from message where author_id = $1'",
    "'delete from message where $1 in (client_id, model_id)'",
    'what happened in calls stays',
  ],
  [
    "if (!isPair(author, peer) || peer.deletedAt !== null) return 'not_reachable';",
    "if (!isPair(author, peer)) return 'not_reachable';",
    'nobody writes to a deleted account',
  ],
  [
    "if (!isPair(author, peer) || peer.deletedAt !== null) return 'not_reachable';",
    "if (peer.deletedAt !== null) return 'not_reachable';",
    'clients do not write to each other',
  ],
  [
    "if (await this.#blocks.standsBetween(author.personId, peer.personId)) return 'not_reachable';",
    '',
    'a block ends the texts, of both',
  ],
  ["    if (author.role === 'client') return null;\n", '', 'a client may write first'],
  ["and (author_id = $1 or kind = 'call') limit 1`", 'limit 1`', 'a model answers a text or a call'],
  ["and (author_id = $1 or kind = 'call') limit 1`", 'and author_id = $1 limit 1`', 'a call lets her write'],
  ["rows.length > 0 ? null : 'write_first'", 'null', 'a model does not write to strangers'],
  ['this.#buckets.set(personId, bucket);', '', 'texts are counted by person'],
);

const CALL_LINES = inFile(
  'server/messages/call-lines.ts',
  [
    "call.state === 'ended' && (call.liveAt === null || call.agrees !== null)",
    "call.state === 'ended'",
    'a call’s last line waits for its money',
  ],
  [
    "call.state === 'ended' && (call.liveAt === null || call.agrees !== null)",
    "call.state === 'ended' && call.agrees !== null",
    'a call that was never live is told at its end',
  ],
  ['line(`charge:${callId}:${minute}`', 'line(`charge:${callId}:${amountMinor}`', 'each minute has a line'],
  ['line(`tip:${tip.transferId}`', 'line(`tip:${callId}`', 'each tip has a line'],
  ['line(`low:${callId}:${entry.seq}`', 'line(`low:${callId}`', 'each time that credit is low has a line'],
  ['toMinor(tip.amountMinor) }, modelId)', 'toMinor(tip.amountMinor) }, clientId)', 'a tip is news to her'],
  ['.sort((a, b) => a.at.getTime() - b.at.getTime())', '', 'lines stand in the order in which it happened'],
  ["outcome === 'missed' || outcome === 'withdrawn'", "outcome === 'missed'", 'a withdrawn ring is news to her'],
  ["outcome === 'missed' || outcome === 'withdrawn'", "outcome === 'withdrawn'", 'a missed ring is news to her'],
  [
    'Math.ceil(Number(detail.unit) / perMinute)',
    'Math.floor(Number(detail.unit) / perMinute)',
    'a second is of the minute that it is in',
  ],
  ["if (kind !== 'charged') continue;", '', 'only charges are minutes'],
  ['known.amountMinor + Number(detail.amountMinor)', 'Number(detail.amountMinor)', 'a minute costs all its seconds'],
  [
    '(isOver || amountMinor === call.rateMinor) && amountMinor > 0',
    'amountMinor > 0',
    'a minute is told when it is whole',
  ],
  [
    '(isOver || amountMinor === call.rateMinor) && amountMinor > 0',
    '(isOver || amountMinor === call.rateMinor)',
    'a minute for nothing has no line',
  ],
  ['      this.#busy.set(callId, true);\n', '', 'what happens while lines are written is written, too'],
  ['    await meterLog.flush();\n', '', 'lines are made of the whole log'],
);

const AUDIT = inFile(
  'server/audit/audit.ts',
  ["  'amountMinor',\n", '', 'an amount is written down'],
  [
    "  'reason',\n",
    "  'reason',\n  'password',\n  'oldPassword',\n  'token',\n  'key',\n",
    'no password, token or key is written down',
  ],
  ["  'units',\n", '', 'the units of a refund are written down'],
  ["  'isVerified',\n", '', 'marks are written down'],
  ['TEXT_LENGTH_MAX = 300', 'TEXT_LENGTH_MAX = 3_000', 'texts are cut'],
  ['where entry.id < $1 and', 'where entry.id <= $1 and', 'no entry stands on two pages'],
  ['($2::text is null or entry.action = $2)', '($2::text is null or true)', 'entries are narrowed down by action'],
  [
    '($3::bigint is null or entry.actor_id = $3)',
    '($3::bigint is null or true)',
    'entries are narrowed down by who did it',
  ],
  [
    '($4::bigint is null or coalesce(entry.person_id, ended.person_id) = $4)',
    '($4::bigint is null or true)',
    'entries are narrowed down by whom it was done to',
  ],
  ['order by entry.id desc limit $7', 'order by entry.id limit $7', 'the newest entry comes first'],
  ["($5::text = 'all' or (entry.action = any($6::text[])) = ($5 = 'access'))", 'true', 'coming in stands apart'],
  ['return this.#write(note, null);', "return this.#write(note, 'done');", 'what has begun is not done'],
  ['coalesce(entry.outcome, ended.outcome) as outcome', 'entry.outcome', 'how it ended is said'],
  ['and entry.of_entry is null', '', 'an end is no entry of its own'],
  ['      return;\n    }\n    const unwritten', '    }\n    const unwritten', 'refusals are bounded'],
  ['...(unwritten > 0 && { unwritten })', '', 'how many refusals were left out is said'],
  ['hash <> wanted', 'false', 'an edited line is found'],
  ['coalesce((select id from last), 0) <> head.last_entry', 'false', 'a newest line that was taken away is found'],
  ['person.display_name as "personName"', 'actor.display_name as "personName"', 'the entry names whom it was done to'],
  ['if (!KEPT.has(key) ||', 'if (', 'nothing is kept that was not meant to be'],
);

export const TRUST: MutatedModule = {
  says: 'what people are to each other: blocks, ratings, reports, threads, and what operators did',
  suites: [
    { name: 'threads', entry: 'test/server/threads.test.ts' },
    { name: 'trust', entry: 'test/integration/trust.test.ts', needsDatabase: true },
  ],
  mutants: [...BLOCKS, ...LIKES, ...RATINGS, ...REPORTS, ...THREADS, ...CALL_LINES, ...AUDIT],
};
