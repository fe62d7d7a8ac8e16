// biome-ignore-all lint/suspicious/noTemplateCurlyInString: what is replaced is TypeScript, too.
import { inFile, type MutatedModule } from './mutant.ts';

const inLedger = (file: string, ...mutants: [find: string, replace: string, breaks: string][]) =>
  inFile(`server/ledger/${file}`, ...mutants);

const ACCOUNTS = inLedger(
  'accounts.ts',
  ['  client_wallet: 0,', '  client_wallet: null,', 'rule 4: no credit is below zero'],
  ['  model_earnings: 0,', '  model_earnings: null,', 'a model is paid out what she has, and no more'],
  ['  studio_revenue: 0,', '  studio_revenue: null,', 'the studio gives back what it has, and no more'],
  ['  payouts_clearing: 0,', '  payouts_clearing: null,', 'nothing is paid out that was not set aside'],
  ['  provider_clearing: null,', '  provider_clearing: 0,', 'money that comes from outside has no floor'],
  ['  bonus: null,', '  bonus: 0,', 'a bonus needs no cover'],
  ['  adjustments: null,', '  adjustments: 0,', 'a correction needs no cover'],
  ['`${kind}:${personId}:${name}`', '`${kind}:${personId}`', 'each provider has an account of its own'],
  [
    'is not distinct from $2 and name = $3',
    'is not distinct from $2 and $3::text is not null',
    'each provider has an account of its own',
  ],
  ['is not distinct from $2 and name = $3', 'is not null and name = $3', 'each person has an account of their own'],
  ["role === 'client' ? 'client_wallet' :", "role === 'model' ? 'client_wallet' :", 'credit is not earnings'],
);

const SHARE = inLedger(
  'share.ts',
  ['(chargedMinor * BigInt(percent)) / 100n', '(chargedMinor * BigInt(percent) + 99n) / 100n', 'rule 7: rounded down'],
  [
    '(chargedMinor * BigInt(percent)) / 100n',
    '(chargedMinor * BigInt(100 - percent)) / 100n',
    'rule 7: whose part it is',
  ],
  [
    'received(before + BigInt(amountMinor)) - received(before)',
    'received(BigInt(amountMinor))',
    'rule 7: the split is of the sum',
  ],
);

const STATEMENTS = inLedger(
  'statements.ts',
  ['BATCH_LENGTH_MAX = 10_000', 'BATCH_LENGTH_MAX = 100_000', 'a batch has at most 10,000 transfers'],
  ['max(posted.id), count(*),', 'min(posted.id), count(*),', 'the chain covers every transfer of a batch'],
  ['sha256(head.hash || int8send', 'sha256(int8send', 'each batch is chained to the one before'],
  [
    "order by posted.id), 'UTF8')",
    "order by posted.id desc), 'UTF8')",
    'the chain covers the transfers in their order',
  ],
  [
    'set batch = chained.number, last_transfer = chained.last_transfer, hash',
    'set batch = chained.number, hash',
    'the head names the last transfer',
  ],
  [
    'last_transfer = chained.last_transfer, hash = chained.hash',
    'last_transfer = chained.last_transfer',
    'the head has the hash of the last batch',
  ],
  ['where input.is_new and account.id', 'where account.id', 'rule 4: the same key is taken once'],
  [
    'account.floor_minor is null or account.balance_minor - input.amount',
    'account.balance_minor - input.amount',
    'money that comes from outside has no floor',
  ],
  ['- input.amount - input.keep >= account', '- input.amount - input.keep > account', 'rule 4: to the last cent'],
  ['- input.amount - input.keep >= account', '- input.amount >= account', 'rule 5: tips cannot use what is kept'],
  [
    'and (account.floor_minor is null or account.balance_minor - input.amount - input.keep >= account.floor_minor)',
    '',
    'rule 4: refused whole for want of funds',
  ],
  [
    'select credit_account as account, amount_minor - share_minor as amount from posted',
    'select credit_account as account, amount_minor as amount from posted',
    'rule 7: the studio has the rest',
  ],
  [
    'union all\n                    select share_account, share_minor from posted',
    'union\n                    select share_account, share_minor from posted',
    'the studio receives each of two equal charges',
  ],
  [
    'select share_account, share_minor from posted',
    'select share_account, 0 from posted',
    'rule 7: the model has her part',
  ],
  [
    "row.known_id !== null ? 'already' : 'refused'",
    "'refused'",
    'rule 4: what was posted before is answered as posted',
  ],
  ['  assertBatch(transfers);\n', '', 'a batch that changes an account twice is refused'],
  ['      if (!isStale(rows)) return rows;\n', '      return rows;\n', 'a posting that met another one is done again'],
  ['if (transfers.length > BATCH_LENGTH_MAX)', 'if (false)', 'a batch has at most 10,000 transfers'],
  [
    'if (transfers.length > BATCH_LENGTH_MAX)',
    'if (transfers.length >= BATCH_LENGTH_MAX)',
    'a batch of 10,000 is posted',
  ],
  ['if (keys.has(transfer.key))', 'if (false)', 'rule 4: no key twice in a batch'],
  ['if (paying.has(transfer.debit))', 'if (false)', 'no account pays twice in a batch'],
  ['if (paying.has(credit) || (share', 'if ((share', 'no account pays and receives in a batch'],
  [
    'if (paying.has(credit) || (share && paying.has(share.account)))',
    'if (paying.has(credit))',
    'no account pays and earns in a batch',
  ],
  [
    "kind in ('charge', 'minimum')\n        and not",
    "kind in ('charge')\n        and not",
    'rule 5: the minimum is found again',
  ],
  ["kind in ('charge', 'minimum')\n        and not", 'true\n        and not', 'tips and refunds are no charges'],
  [
    "\n        and not exists (select from ledger_transfer release where release.kind = 'release' and release.refund_of = charge.id)",
    '',
    'rule 4: what went back before it was due is no charge',
  ],
);

const OPERATIONS = inLedger(
  'ledger.ts',
  ['`charge:${charge.callId}:${charge.unit}`', '`charge:${charge.callId}`', 'rule 4: each unit has its own key'],
  ['`charge:${charge.callId}:${charge.unit}`', '`charge:${charge.unit}`', 'rule 4: each call has its own keys'],

  [
    '      assertSameAmount(posting, charge.amountMinor, `call ${charge.callId}, unit ${charge.unit}`);\n',
    '',
    'a unit that was posted with another amount is a fault',
  ],
  [
    "status: posting.status === 'refused' ? 'refused' : 'posted',",
    "status: posting.status === 'posted' ? 'posted' : 'refused',",
    'rule 4: what an earlier try had posted is posted',
  ],
  [
    'earningsMinor: await this.#earningsAfter(charge, posting),',
    'earningsMinor: null,',
    'both balances are in the answer to a charge',
  ],
  [
    'toMinor((transfers[index] as Transfer).share?.amountMinor ?? 0)',
    'toMinor(0)',
    'rule 7: her share is in the answer to a charge',
  ],
  ['      if (known) return', '      if (false) return', 'rule 5: the minimum is taken once'],
  [
    'toMinor(Math.min(balance, charge.amountMinor))',
    'toMinor(balance)',
    'rule 5: the rest of the minimum, and no more',
  ],
  ['toMinor(Math.min(balance, charge.amountMinor))', 'charge.amountMinor', 'rule 5: as far as the balance covers it'],
  [
    '      if (amountMinor === 0) return { amountMinor, transferId: null };\n',
    '',
    'rule 5: an empty wallet owes nothing',
  ],
  [
    'key: `minimum:${charge.callId}`',
    'key: `minimum:${charge.callId}:${Math.random()}`',
    'rule 5: the minimum is taken once',
  ],
  [
    "if (posting.status !== 'posted') continue;",
    "if (posting.status === 'refused') continue;",
    'rule 5: what was taken by another try is said',
  ],
  ['      await this.#publishCharged(charge, posting);\n', '', 'both pages hear of the minimum'],
  ['`tip:${clientId}:${callId}:${tip.key}`', '`tip:${clientId}:${callId}`', 'rule 9: each tip has its own key'],
  ["      kind: 'tip',\n      keepMinor,\n", "      kind: 'tip',\n", 'rule 5: tips cannot use the rest of the minimum'],
  [
    'share: { account: share.account, amountMinor: share.amountMinor },',
    'share: { account: share.account, amountMinor: 0 },',
    'rule 9: a tip is split by the share',
  ],
  [
    "    if (posting.status === 'refused') throw new UserError('balance_too_low');\n    if (posting.amountMinor !== tip.",
    '    if (posting.amountMinor !== tip.',
    'rule 9: a tip that is not covered is refused for that',
  ],
  [
    "    if (posting.amountMinor !== tip.amountMinor) throw new UserError('key_reused');\n",
    '',
    'rule 9: one key is one tip',
  ],
  [
    '    await this.#publishCharged(charge, posting);\n    return { balanceMinor',
    '    return { balanceMinor',
    'both pages hear of a tip',
  ],
  [
    "isNew: posting.status === 'posted' };\n  }\n\n  /** Tips",
    'isNew: true };\n  }\n\n  /** Tips',
    'rule 9: a tip that was given before is not new',
  ],
  ["any($1::bigint[]) and kind = 'tip'\n", 'any($1::bigint[])\n', 'a charge is no tip'],
  [
    '\n          and not exists (select 1 from ledger_transfer refund where refund.refund_of = tip.id)',
    '',
    'a tip that went back is none',
  ],
  ["(kind === 'bonus'\n", "(kind !== 'bonus'\n", 'a bonus comes from the studio, credit from a provider'],
  [
    "this.#accounts.ofStudio('provider_clearing', provider)",
    "this.#accounts.ofStudio('provider_clearing')",
    'each provider has an account of its own',
  ],
  [
    "kind === 'top_up' || kind === 'bonus' ? `credit",
    "kind === 'top_up' ? `credit",
    'one key of an operator is one credit, paid or given',
  ],
  ['`credit:${clientId}:${request.key}`', '`credit:${request.key}`', 'each client has their own keys'],
  ['`${kind}:${request.key}`', '`other:${request.key}`', 'a voucher and a payment of one number are two credits'],
  ['if (posting.amountMinor !== amountMinor || posting', 'if (posting', 'one key is one amount'],
  [
    '|| posting.credit !== credit || posting.debit !== debit',
    '|| posting.debit !== debit',
    'one key is the credit of one client',
  ],
  [
    '|| posting.credit !== credit || posting.debit !== debit',
    '|| posting.credit !== credit',
    'one key is credit of one source',
  ],
  [
    'posting.creditBalanceMinor ?? (await this.balanceOf(clientId, ',
    'posting.creditBalanceMinor ?? posting.debitBalanceMinor ?? (await this.balanceOf(clientId, ',
    'credit that was given before is answered with the balance of now',
  ],
  [
    '    this.#onBalance(clientId, balanceMinor);\n    return { balanceMinor, isNew',
    '    return { balanceMinor, isNew',
    'the client’s pages hear of credit',
  ],
  [
    "isNew: posting.status === 'posted' };\n  }\n\n  /**\n   * Corrects",
    'isNew: true };\n  }\n\n  /**\n   * Corrects',
    'credit that was given before is not new',
  ],
  ['`adjustment:${personId}:${request.key}`', '`adjustment:${request.key}`', 'each person has their own keys'],
  [
    'debit: amountMinor > 0 ? studio : own,\n      credit: amountMinor > 0 ? own : studio,',
    'debit: amountMinor < 0 ? studio : own,\n      credit: amountMinor < 0 ? own : studio,',
    'a correction above zero gives',
  ],
  [
    "    if (posting.status === 'refused') throw new UserError('balance_too_low');\n    if (posting.amountMinor !== Math.abs",
    '    if (posting.amountMinor !== Math.abs',
    'a correction takes what is there, and no more',
  ],
  ['if (posting.amountMinor !== Math.abs(amountMinor) || ', 'if (', 'one key is one correction'],
  [' || posting.credit !== (amountMinor > 0 ? own : studio)', '', 'one key is one correction, up or down'],
  [
    '    this.#onBalance(personId, balanceMinor);\n    return balanceMinor;',
    '    return balanceMinor;',
    'the person’s pages hear of a correction',
  ],
  ['      this.#onBalance(clientId, clientMinor);\n', '', 'the client’s pages hear of a refund'],
  ['      this.#onBalance(modelId, modelMinor);\n', '', 'the model’s pages hear of a refund'],
  ['    if (balances) {\n', '    if (false) {\n', 'both pages hear of a tip that went back'],
  ['    this.#onBalance(clientId, balanceMinor, unit);\n', '', 'the client’s pages hear of a release'],
  [
    '    this.#onBalance(clientId, balanceMinor, unit);\n',
    '    this.#onBalance(clientId, balanceMinor);\n',
    'which unit went back is told with the balance',
  ],
  ['    this.#onBalance(modelId, earningsMinor, unit);\n', '', 'the model’s pages hear of a release'],
  ['      key: `payout:${payoutId}`,', '      key: `payout:${modelId}`,', 'each payout is set aside'],
  [
    "    if (posting.status !== 'refused') this.#onBalance(modelId, toMinor(posting.debitBalanceMinor));\n",
    '',
    'the model’s pages hear of what is set aside',
  ],
  [
    "    return posting.status !== 'refused';\n",
    '    return true;\n',
    'a payout that earnings do not cover is refused',
  ],
  [
    "    return posting.status !== 'refused';\n",
    "    return posting.status === 'posted';\n",
    'what was set aside before is set aside',
  ],
  [
    "kind: end === 'paid' ? 'payout_paid' : 'payout_returned',",
    "kind: 'payout_paid',",
    'what went back to the model was not paid out',
  ],
  [
    "credit: end === 'paid' ? await this.#accounts.ofStudio('payouts_paid') : earnings,",
    "credit: await this.#accounts.ofStudio('payouts_paid'),",
    'what is not paid out goes back to the model',
  ],
  [
    "credit: end === 'paid' ? await this.#accounts.ofStudio('payouts_paid') : earnings,",
    'credit: earnings,',
    'what is paid out leaves the house',
  ],
  [
    "      ...(end === 'paid' && { share: { account: earnings, amountMinor: 0 } }),\n",
    '',
    'a report by model says what each was paid out',
  ],
  [
    "if (posting.status === 'refused') throw new Error(`payout",
    'if (false) throw new Error(`payout',
    'nothing is paid out that was not set aside',
  ],
  ["    if (end === 'returned') {\n", '    if (false) {\n', 'the model’s pages hear of what came back'],
  [
    'any($1::bigint[]) and unit is not null group by call_id`,\n      [callIds],\n    );\n    return new Map(rows.map((row) => [row.callId, toMinor(row.earned)]))',
    'any($1::bigint[]) group by call_id`,\n      [callIds],\n    );\n    return new Map(rows.map((row) => [row.callId, toMinor(row.earned)]))',
    'tips are no part of what a call earned',
  ],
  [
    'sum(amount_minor - share_minor)::bigint as refunded',
    'sum(amount_minor)::bigint as refunded',
    'rule 8: a refund is of the whole unit',
  ],
  [
    "kind = 'refund' and unit is not null group",
    "kind = 'refund' group",
    'a tip that went back is no refund of the price',
  ],
  [
    "kind = 'refund' and unit is not null group",
    "kind in ('refund', 'release') and unit is not null group",
    'rule 4: a release is no refund',
  ],
  ['then -amount_minor else', 'then 0 else', 'a refund is taken off the studio’s part'],
  ['else amount_minor - share_minor end), 0)', 'else amount_minor end), 0)', 'rule 7: the studio has the rest'],
  ['call_id = $1 and unit is not null`', 'call_id = $1`', 'tips are no part of the studio’s part'],
  [
    'shareOf(charge.amountMinor, charge.sharePercent, charge.chargedBeforeMinor)',
    'shareOf(charge.amountMinor, charge.sharePercent)',
    'rule 7: the split is of the sum',
  ],
  ['        percent: charge.sharePercent,\n', '', 'rule 7: refunds are split by the sum, too'],
  [
    "    if (posting.status !== 'posted') return this.balanceOf(modelId, 'model');\n",
    '',
    'the model’s page hears of a charge whose answer was lost',
  ],
  [
    '    this.#onBalance(charge.clientId, toMinor(posting.debitBalanceMinor));\n',
    '',
    'the client’s pages hear of a tip and of the minimum',
  ],
  [
    '    if (earningsMinor !== null) this.#onBalance(charge.modelId, earningsMinor);\n',
    '',
    'the model’s pages hear of a tip and of the minimum',
  ],
);

const REFUNDS = inLedger(
  'refunds.ts',
  [
    "charge.kind in ('charge', 'minimum')\n     and ($2",
    "charge.kind in ('charge')\n     and ($2",
    'rule 8: the minimum can be given back',
  ],
  [
    '     and ($2::integer[] is null or charge.unit = any($2::integer[]))\n',
    '     and ($2::integer[] is null or true)\n',
    'rule 8: only the named units go back',
  ],
  [
    'earnings.person_id = $3)\n     and ($4::integer is null or charge.at',
    'true)\n     and ($4::integer is null or charge.at',
    'a model can refund calls of her own',
  ],
  [
    'charge.at > now() - make_interval(days => $4)',
    'charge.at > now() - make_interval(hours => $4)',
    'a model can refund for 30 days',
  ],
  [
    'charge.at > now() - make_interval(days => $4)',
    'charge.at > now() - make_interval(years => $4)',
    'a model can refund for 30 days, not longer',
  ],
  [
    '\n     and not exists (select 1 from ledger_transfer refund where refund.refund_of = charge.id)`;\n\n/*\n * The same',
    '`;\n\n/*\n * The same',
    'a unit goes back once',
  ],
  [
    '             and sum(share_minor)::bigint = sum(amount_minor)::bigint * max(share_percent) / 100 as is_cumulative',
    '             as is_cumulative',
    'what was rounded charge by charge goes back so',
  ],
  [
    "call_id = $1 and kind = 'refund' and unit is not null\n  ), running",
    "call_id = $1 and kind = 'refund'\n  ), running",
    'rule 7: a tip that went back does not count in the split of units',
  ],
  ['refunded.amount + coalesce(sum', 'coalesce(sum', 'rule 7: over all refunds, not each by itself'],
  [
    'between unbounded preceding and 1 preceding), 0)::bigint as before',
    'between unbounded preceding and current row), 0)::bigint as before',
    'rule 7: what was refunded before',
  ],
  ['else share_minor end as due', 'else 0 end as due', 'what was rounded charge by charge goes back so'],
  [
    'least(charge.due, greatest(0,',
    'greatest(charge.due, greatest(0,',
    'the model gives back what she has, and no more',
  ],
  [
    '- coalesce(sum(charge.due) over',
    '- 0 * coalesce(sum(charge.due) over',
    'the model gives back what she has over all units, and no more',
  ],
  ['(not ${how.mustCover} or whole.taken = whole.due)', 'true', 'a model refunds with her own money, not the studio’s'],
  [
    '\n       and (account.floor_minor is null or account.balance_minor - (whole.amount - whole.taken) >= account.floor_minor)',
    '',
    'the studio gives back what it has, and no more',
  ],
  [
    '(whole.amount - whole.taken) >= account.floor_minor',
    '(whole.amount - whole.taken) > account.floor_minor',
    'the studio gives back what it has, to the last cent',
  ],
  [
    'account.balance_minor + whole.amount',
    'account.balance_minor + whole.amount - whole.taken',
    'rule 8: the client gets the whole unit back',
  ],
  [
    'credit_account, debit_account, amount_minor - taken, share_account',
    'credit_account, debit_account, amount_minor, share_account',
    'the transfer says what each has paid',
  ],
  [
    "tip.kind = 'tip' and ($2::bigint is null or tip.id = $2)",
    "tip.kind = 'tip' and ($2::bigint is null or true)",
    'rule 9: only the named tip goes back',
  ],
  [
    'earnings.person_id = $3)\n     and ($4::integer is null or tip.at',
    'true)\n     and ($4::integer is null or tip.at',
    'a model can give back tips of her own',
  ],
  [
    'tip.at > now() - make_interval(days => $4)',
    'tip.at > now() - make_interval(hours => $4)',
    'a model can give back a tip for 30 days',
  ],
  [
    'tip.at > now() - make_interval(days => $4)',
    'tip.at > now() - make_interval(years => $4)',
    'a model can give back a tip for 30 days, not longer',
  ],
  [
    '\n     and not exists (select 1 from ledger_transfer refund where refund.refund_of = tip.id)`',
    '`',
    'rule 9: a tip goes back once',
  ],
  [
    '\n       and not exists (select 1 from ledger_transfer refund where refund.refund_of = charge.id)`,\n  kind: ',
    '`,\n  kind: ',
    'rule 4: a unit goes back once',
  ],
  ['select charge.*, share_minor as due', 'select charge.*, 0 as due', 'rule 7: a release has the split of its charge'],
  ["  mustCover: 'false',\n", "  mustCover: 'true',\n", 'rule 4: a release does not wait for the model’s money'],
  ['REFUND_UNITS_MAX = 500', 'REFUND_UNITS_MAX = 5_000', 'charges are posted between 500 units that go back'],
  [
    "const values = [callId, part, own, null, reason, by.personId, by.role === 'model'];",
    'const values = [callId, part, own, null, reason, by.personId, false];',
    'a model refunds with her own money, not the studio’s',
  ],
  ['    } else if (row.foundCount > 0) throw notCovered(by);\n', '    }\n', 'a refund that is not covered is refused'],
  [
    '($3::bigint is not null and tip.at <= now() - make_interval(days => $4))',
    '($3::bigint is not null and tip.at <= now() - make_interval(hours => $4))',
    'a model can give back a tip for 30 days',
  ],
  [
    '($3::bigint is not null and tip.at <= now() - make_interval(days => $4))',
    '(tip.at <= now() - make_interval(days => $4))',
    'an operator can give back a tip at any time',
  ],
  [
    'tip.at <= now() - make_interval(days => $4)) as "isTooOld"',
    'tip.at < now() - make_interval(days => $4)) as "isTooOld"',
    'after 30 days it is too late for a tip',
  ],
  [
    "where tip.call_id = $1 and tip.id = $2 and tip.kind = 'tip'",
    'where tip.call_id = $1 and tip.id = $2',
    'what is no tip does not go back as one',
  ],
  [
    "where tip.call_id = $1 and tip.id = $2 and tip.kind = 'tip'",
    "where ($1::bigint is null or true) and tip.id = $2 and tip.kind = 'tip'",
    'a tip goes back in its call',
  ],
  ["  if (!known.isOwn) throw new UserError('call_not_found');\n", '', 'a model does not see tips of others'],
  [
    "  if (known.isTooOld) throw new UserError('refund_too_late');\n",
    '',
    'a model can give back a tip for 30 days, not longer',
  ],
  [
    "const values = [callId, transferId, own, null, reason, by.personId, by.role === 'model'];",
    'const values = [callId, transferId, own, null, reason, by.personId, false];',
    'a model gives back a tip with her own money',
  ],
  [
    '  if (row.foundCount > 0 && row.postedCount === 0) throw notCovered(by);\n  if (row',
    '  if (row',
    'a tip that is not covered does not go back',
  ],
  [
    '($2::bigint is not null and charge.at <= now() - make_interval(days => $3))',
    '($2::bigint is not null and charge.at <= now() - make_interval(hours => $3))',
    'a model can refund for 30 days',
  ],
  [
    '($2::bigint is not null and charge.at <= now() - make_interval(days => $3))',
    '(charge.at <= now() - make_interval(days => $3))',
    'an operator can refund at any time',
  ],
  [
    'charge.at <= now() - make_interval(days => $3)) as "isTooOld"',
    'charge.at < now() - make_interval(days => $3)) as "isTooOld"',
    'after 30 days it is too late for a unit',
  ],
  [
    "charge.kind in ('charge', 'minimum') and refund.kind",
    "charge.kind in ('charge') and refund.kind",
    'rule 8: the minimum can be given back',
  ],
  [
    " and refund.kind is distinct from 'release'\n",
    '\n',
    'rule 4: what went back before it was due cannot be refunded',
  ],
  ['if (known.some((charge) => !charge.isOwn))', 'if (false)', 'a model does not see calls of others'],
  [
    'known.filter((charge) => names === null || names.has(charge.unit))',
    'known',
    'rule 8: only the named units go back',
  ],
  [
    "  if (named.length === 0) throw new UserError('refund_nothing');\n",
    '',
    'units that are not there cannot be refunded',
  ],
  ['named.filter((charge) => !charge.isRefunded)', 'named', 'what is back already is not too late'],
  [
    '(names !== null || tooOld.length === left.length)',
    'tooOld.length === left.length',
    'of named units one that is too old stops all',
  ],
  [
    '(names !== null || tooOld.length === left.length)',
    'names !== null',
    'a call that is too old as a whole is too late',
  ],
  [
    'if (tooOld.length > 0 && (names !== null || tooOld.length === left.length))',
    'if (tooOld.length > 0)',
    'all that is not too old goes back',
  ],
  ['left.filter((charge) => !charge.isTooOld)', 'left', 'a model can refund for 30 days, not longer'],
  [
    '  if (units.length > REFUND_UNITS_MAX) await judgeCover(money, callId, units, by);\n',
    '',
    'the cover of a long refund is judged of the whole',
  ],
  ['earnings.balance_minor >= whole.due', 'earnings.balance_minor > whole.due', 'a model gives back her last cent'],
  [
    'whole.amount - least(whole.due, earnings.balance_minor)',
    'whole.amount',
    'the studio covers what the model has not, and no more',
  ],
  [
    "if (!isStudioCovered || (by.role === 'model' && !isOwnCovered))",
    "if (by.role === 'model' && !isOwnCovered)",
    'the cover of a long refund is judged of the studio, too',
  ],
  [
    "if (!isStudioCovered || (by.role === 'model' && !isOwnCovered))",
    'if (!isStudioCovered || !isOwnCovered)',
    'for an operator the studio covers what the model no longer has',
  ],
  [
    '  if (row.foundCount > 0 && row.postedCount === 0) {\n',
    '  if (false) {\n',
    'rule 4: a release that nothing covers is said',
  ],
  [
    'select unit, amount_minor - share_minor as "amountMinor", refund_of',
    'select unit, amount_minor as "amountMinor", refund_of',
    'rule 4: the whole unit goes back',
  ],
  [
    "kind = 'refund' and unit is not null order by refund.id",
    "kind = 'refund' order by refund.id",
    'a tip that went back is no unit',
  ],
  [
    'refund_of as "chargeId", unit, amount_minor - share_minor as',
    'refund_of as "chargeId", unit, amount_minor as',
    'rule 8: a refund is of the whole unit',
  ],
  [
    "const days = by?.role === 'model' ? REFUND_DAYS_MAX : null;",
    'const days = null;',
    'a model is shown what she can still refund',
  ],
  [
    "const days = by?.role === 'model' ? REFUND_DAYS_MAX : null;",
    'const days = REFUND_DAYS_MAX;',
    'an operator is shown all that can be refunded',
  ],
  ['byName: by ? row.byName : null', 'byName: row.byName', 'a client does not read who refunded'],
  ['byName: mayRefund ? byName : null', 'byName', 'a client does not read who gave a tip back'],
  ['isRefundable: mayRefund && tip.isRefundable', 'isRefundable: tip.isRefundable', 'a client refunds nothing'],
);

const HISTORY = inLedger(
  'history.ts',
  ['const LINES = 50;', 'const LINES = 500;', 'a page of a history has 50 lines'],
  ['reason, -amount_minor as amount\n', 'reason, amount_minor as amount\n', 'what was paid is below zero'],
  ['reason, amount_minor - share_minor\n', 'reason, amount_minor\n', 'rule 8: a client gets both parts of a refund'],
  [" and kind <> 'payout_paid') moved", ') moved', 'what was set aside leaves once'],
  [
    '\n     where account.person_id = $1\n',
    '\n     where account.person_id = $1 or true\n',
    'a history is of one person',
  ],
  [
    'between unbounded preceding and 1 preceding), 0)::bigint as balance',
    'between unbounded preceding and current row), 0)::bigint as balance',
    'the balance is that after the line',
  ],
  ['where id < $2 and', 'where id <= $2 and', 'a page begins after the last line of the one before'],
  ['or kind = any($3::text[]))', 'or true)', 'only the kinds that were asked for'],
  ['or at >= $4)', 'or at > $4)', 'from: the moment itself is in it'],
  ['or at < $5)', 'or at <= $5)', 'to: the moment itself is not in it'],
  ['   order by id desc limit $6', '   order by id limit $6', 'newest first'],
  ["form === 'file' ? CSV_LINES_MAX + 1 :", "form === 'file' ? LINES :", 'a file has every line'],
  ['  if (stray) throw new UserError(', '  if (false) throw new UserError(', 'a kind that does not exist is refused'],
);

const AUDIT = inLedger(
  'audit.ts',
  ["creditMinor: of('client_wallet')", "creditMinor: of('bonus')", 'what is owed to clients'],
  ["earningsMinor: of('model_earnings')", "earningsMinor: of('client_wallet')", 'what is owed to models'],
  ["payoutsDueMinor: of('payouts_clearing')", "payoutsDueMinor: of('payouts_paid')", 'what is set aside and not paid'],
  ["revenueMinor: of('studio_revenue')", "revenueMinor: of('model_earnings')", 'what the studio has'],
  [
    'union all select credit_account, amount_minor - share_minor from',
    'union select credit_account, amount_minor - share_minor from',
    'two equal transfers are two',
  ],
  [
    'union all select share_account, share_minor from',
    'union select share_account, share_minor from',
    'two equal shares are two',
  ],
  [
    'union all select credit_account, amount_minor - share_minor from',
    'union all select credit_account, amount_minor from',
    'rule 7: a transfer is split',
  ],
  [
    'balance_minor <> coalesce(moved.amount, 0)',
    'balance_minor <> moved.amount',
    'a balance without any transfer is wrong',
  ],
  [' && balances.wrong === 0', '', 'a balance that no transfer explains is wrong, whatever the sum'],
  [' && balances.sunk === 0', '', 'a balance below its floor is wrong'],
  ['isChainIntact: chain.firstBreak === null', 'isChainIntact: true', 'a broken chain is said'],
  ['t.id > batch.transfer_before and', 't.id >= batch.transfer_before and', 'each transfer stands in one batch'],
  ['or hashed.hash <> batch.hash or', 'or', 'an edit breaks the chain'],
  [' or hashed.count <> batch.transfer_count\n', '\n', 'a batch has as many transfers as it says'],
  ['    transferCount += next.transferCount;\n', '', 'a check says how many transfers it has seen'],
  ['  if (end.batch !== (end.newest ?? 0)) {\n', '  if (false) {\n', 'an end that was cut off is found'],
  ['  if (end.strays !== null) return', '  if (false) return', 'a transfer that was put in is found'],
  [
    'if (end.batch === link.number && Buffer.compare(end.hash, link.hash) !== 0)',
    'if (false)',
    'a last batch that was made anew is found',
  ],
  ['  if (has < shouldHave) return', '  if (has > shouldHave) return', 'what was removed is named so'],
);

const CURRENCY = inLedger(
  'currency.ts',
  ['books.code === code && books', 'books', 'the books stay in their currency'],
  [' && books.minorDigits === minorDigits) return', ') return', 'the books stay in their minor unit'],
);

const REPORTS = inLedger(
  'reports.ts',
  ['const DAYS_MAX = 3_660;', 'const DAYS_MAX = 36_600;', 'a report by day spans ten years'],
  ['t.at at time zone $4', "t.at at time zone coalesce('UTC', $4)", 'days are those of the zone that is asked for'],
  ['is null or t.at >= $2)', 'is null or t.at > $2)', 'from: the moment itself is in it'],
  ['is null or t.at < $3)', 'is null or t.at <= $3)', 'to: the moment itself is not in it'],
  [
    'from ledger_standing t\n      join',
    'from ledger_transfer t\n      join',
    'rule 4: what never fell due stands in no report',
  ],
  [
    "when debit.kind = 'model_earnings' then debit.person_id",
    'when false then debit.person_id',
    'a correction down stands with its model',
  ],
  [
    "when credit.kind = 'model_earnings' then credit.person_id",
    'when false then credit.person_id',
    'a correction up stands with its model',
  ],
  ["case when debit.kind = 'client_wallet' then", 'case when false then', 'a charge stands with its client'],
  ["when credit.kind = 'client_wallet' then", 'when false then', 'credit stands with its client'],
  [
    't.amount_minor else -t.amount_minor end',
    't.amount_minor else t.amount_minor end',
    'a correction down is below zero',
  ],
  ['count(distinct call_id)', 'count(call_id)', 'a call of three units is one call'],
  [
    "('charge', 'minimum', 'tip')), 0)::bigint as charged",
    "('charge', 'minimum')), 0)::bigint as charged",
    'tips are turned over',
  ],
  [
    "('charge', 'minimum', 'tip')), 0)::bigint as charged",
    "('charge', 'tip')), 0)::bigint as charged",
    'the minimum is turned over',
  ],
  [
    "('charge', 'minimum', 'tip', 'refund', 'release')), 0)::bigint as \"modelMinor\"",
    "('charge', 'minimum', 'tip', 'release')), 0)::bigint as \"modelMinor\"",
    'a refund is taken off the model’s part',
  ],
  [
    "('charge', 'minimum', 'tip', 'refund', 'release')), 0)::bigint as \"modelMinor\"",
    "('charge', 'minimum', 'tip', 'refund')), 0)::bigint as \"modelMinor\"",
    'a release is taken off the model’s part',
  ],
  [
    "sum(amount - share) filter (where kind in ('refund', 'release'))",
    "sum(amount) filter (where kind in ('refund', 'release'))",
    'rule 8: a refund is of the whole unit',
  ],
  [
    "sum(amount - share) filter (where kind in ('refund', 'release'))",
    "sum(amount - share) filter (where kind in ('refund'))",
    'what the studio released is taken off the turnover',
  ],
  ["kind in ('top_up', 'voucher', 'payment')", "kind in ('top_up', 'payment')", 'vouchers are credit'],
  ["kind in ('top_up', 'voucher', 'payment')", "kind in ('top_up', 'voucher')", 'payments are credit'],
  [
    "kind in ('top_up', 'voucher', 'payment')",
    "kind in ('top_up', 'voucher', 'payment', 'bonus')",
    'a bonus was paid by nobody',
  ],
  ["kind = 'payout_paid')", "kind = 'payout')", 'what is set aside was not paid out yet'],
  ['Date.parse(query.to) - 1', 'Date.parse(query.to)', 'to: its day is not in it'],
  ['>= DAYS_MAX * DAY_MS', '> DAYS_MAX * DAY_MS', 'a report by day spans ten years, not a day more'],
  ['(row?.charged ?? 0) - (row?.refundsMinor ?? 0);', 'row?.charged ?? 0;', 'a refund is taken off the turnover'],
  ['toMinor(turnover - model)', 'toMinor(turnover)', 'rule 7: the studio has the rest'],
  ["date_trunc('day', now(), $2)", "date_trunc('week', now(), $2)", 'today is since midnight'],
  ["date_trunc('day', now(), $2)", "date_trunc('day', now(), coalesce('UTC', $2))", 'midnight is that of her zone'],
  ["date_trunc('week', now(), $2)", "date_trunc('day', now(), $2)", 'the week is since Monday'],
  ["date_trunc('week', now(), $2)", "date_trunc('week', now(), coalesce('UTC', $2))", 'Monday is that of her zone'],
  ["date_trunc('month', now(), $2)", "date_trunc('year', now(), $2)", 'the month is since its first'],
  [
    "filter (where at >= date_trunc('month'",
    "filter (where at > date_trunc('month'",
    'the first moment of a month is in it',
  ],
  [
    "('charge', 'minimum', 'tip', 'refund', 'release'))\n     select",
    "('charge', 'minimum', 'refund', 'release'))\n     select",
    'tips are earned',
  ],
  [
    "('charge', 'minimum', 'tip', 'refund', 'release'))\n     select",
    "('charge', 'minimum', 'tip', 'release'))\n     select",
    'a refund is taken off what she earned',
  ],
);

export const LEDGER: MutatedModule = {
  says: 'the books: accounts, transfers, refunds, reports and their check (server/ledger)',
  suites: ['ledger', 'refunds', 'reports', 'chain', 'ledger-sizes'].map((name) => ({
    name,
    entry: `test/integration/${name}.test.ts`,
    needsDatabase: true as const,
  })),
  mutants: [
    ...ACCOUNTS,
    ...SHARE,
    ...STATEMENTS,
    ...OPERATIONS,
    ...REFUNDS,
    ...HISTORY,
    ...AUDIT,
    ...CURRENCY,
    ...REPORTS,
  ],
};
