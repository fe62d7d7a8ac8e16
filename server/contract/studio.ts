import Type, { type Static } from 'typebox';
import { PAGE_SIZE_MAX, REASON_LENGTH_MAX, SETTINGS_TEXT_LENGTH_MAX } from './limits.ts';
import { nullable } from './nullable.ts';
import { PersonId, Role } from './people.ts';

// What operators do with the studio: people page by page, suspension, the audit log, settings, the self-test.

const strict = { additionalProperties: false } as const;
const limit = Type.Optional(Type.Integer({ minimum: 1, maximum: PAGE_SIZE_MAX }));
const before = Type.Optional(Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER }));

/** GET /api/people?before&limit&search&role&state (operator): newest first; the deleted ones only when asked for. */
export const PeopleQuery = Type.Object(
  {
    before,
    limit,
    /** Part of a name or user name. */
    search: Type.Optional(Type.String({ maxLength: 64 })),
    role: Type.Optional(Role),
    state: Type.Optional(Type.Union([Type.Literal('active'), Type.Literal('suspended'), Type.Literal('deleted')])),
  },
  strict,
);
export type PeopleQuery = Static<typeof PeopleQuery>;

/**
 * PUT /api/people/:personId/suspension (operator): sessions end, a call that goes on ends as `operator_ended`, and
 * nobody signs in until it is lifted (DELETE). Answer: {}.
 */
export const Suspend = Type.Object(
  { reason: Type.String({ minLength: 1, maxLength: REASON_LENGTH_MAX, pattern: '\\S' }) },
  strict,
);
export type Suspend = Static<typeof Suspend>;

/** POST /api/people/:personId/reset (operator): ends their sessions, links and password. Answer: `SignInLink`. */

export const AuditAction = Type.Union([
  Type.Literal('set_up'),
  Type.Literal('person_made'),
  Type.Literal('link_made'),
  Type.Literal('person_reset'),
  Type.Literal('person_suspended'),
  Type.Literal('suspension_lifted'),
  Type.Literal('marks_set'),
  Type.Literal('share_set'),
  Type.Literal('account_deleted'),
  Type.Literal('credit_given'),
  Type.Literal('balance_corrected'),
  Type.Literal('call_refunded'),
  Type.Literal('tip_refunded'),
  Type.Literal('call_ended'),
  Type.Literal('vouchers_made'),
  Type.Literal('batch_voided'),
  Type.Literal('voucher_voided'),
  Type.Literal('payout_approved'),
  Type.Literal('payout_rejected'),
  Type.Literal('payout_paid'),
  Type.Literal('payout_failed'),
  Type.Literal('trouble_settled'),
  Type.Literal('report_answered'),
  Type.Literal('ledger_checked'),
  // Who comes in, who is kept out, and what is taken away as a file.
  Type.Literal('signed_in'),
  Type.Literal('sign_in_refused'),
  Type.Literal('access_refused'),
  Type.Literal('data_exported'),
  Type.Literal('report_exported'),
  Type.Literal('audit_exported'),
]);
export type AuditAction = Static<typeof AuditAction>;

const Named = Type.Object({ personId: PersonId, displayName: Type.String() });

export const AuditEntry = Type.Object({
  entryId: Type.Integer(),
  at: Type.String(),
  /** Null: who it was is not known. */
  actor: nullable(Named),
  action: AuditAction,
  /** Whom it was done to. */
  person: nullable(Named),
  /** What was asked for: amounts in minor units, reasons, numbers of calls, payouts and vouchers. */
  detail: Type.Record(Type.String(), Type.Union([Type.String(), Type.Number(), Type.Boolean()])),
  /** How it ended: `done`, or the code of the refusal; null: not known, as when the appliance stopped in the middle. */
  outcome: nullable(Type.String()),
});
export type AuditEntry = Static<typeof AuditEntry>;

/**
 * What operators decided, who came in or was kept out, or both. Without it, and without an action, what operators
 * decided.
 */
export const AuditAbout = Type.Union([Type.Literal('deeds'), Type.Literal('access'), Type.Literal('all')]);
export type AuditAbout = Static<typeof AuditAbout>;

/** GET /api/audit?before&limit&about&action&actorId&personId (operator): newest first. `audit.csv`: the same as a file. */
export const AuditQuery = Type.Object(
  {
    before,
    limit,
    about: Type.Optional(AuditAbout),
    action: Type.Optional(AuditAction),
    actorId: Type.Optional(PersonId),
    personId: Type.Optional(PersonId),
  },
  strict,
);
export type AuditQuery = Static<typeof AuditQuery>;
export const AuditEntries = Type.Object({ entries: Type.Array(AuditEntry) });
export type AuditEntries = Static<typeof AuditEntries>;

/** Where a setting's value comes from. */
export const SettingSource = Type.Union([Type.Literal('default'), Type.Literal('file'), Type.Literal('environment')]);
export type SettingSource = Static<typeof SettingSource>;

/** What a setting may be; the pages have the words. */
export const SettingRange = Type.Union([
  Type.Object({ kind: Type.Literal('integer'), minimum: Type.Integer(), maximum: Type.Integer() }),
  Type.Object({ kind: Type.Literal('choice'), choices: Type.Array(Type.String()) }),
  Type.Object({ kind: Type.Literal('boolean') }),
  Type.Object({ kind: Type.Literal('list') }),
  /** `form` is a regular expression; empty: any text. */
  Type.Object({ kind: Type.Literal('text'), form: Type.String() }),
]);
export type SettingRange = Static<typeof SettingRange>;

export const SettingLine = Type.Object({
  /** As in `parlour.toml`: `money.tariff`. */
  key: Type.String(),
  /** The variable that sets it instead. */
  variable: Type.String(),
  /** As it would stand in `parlour.toml`; null for a secret, which never leaves the appliance. */
  value: nullable(Type.String()),
  defaultValue: Type.String(),
  isSecret: Type.Boolean(),
  /** Of a secret: whether there is one. */
  isSet: Type.Boolean(),
  source: SettingSource,
  /** In English, for a page that has no words of its own for this key. */
  description: Type.String(),
  allowed: SettingRange,
});
export type SettingLine = Static<typeof SettingLine>;
/** GET /api/settings (operator): as they were read at the start. */
export const SettingLines = Type.Object({ settings: Type.Array(SettingLine), file: Type.String() });
export type SettingLines = Static<typeof SettingLines>;

/** POST /api/settings/check (operator): whether this text would be taken as `parlour.toml`. Changes nothing. */
export const CheckSettings = Type.Object({ text: Type.String({ maxLength: SETTINGS_TEXT_LENGTH_MAX }) }, strict);
export type CheckSettings = Static<typeof CheckSettings>;
export const SettingsChecked = Type.Object({
  /** A sentence that names the key, the value and what is allowed; null when all of it is good. */
  problem: nullable(Type.String()),
  /** The setting that the problem is about, for a page to say it in its own language; null of other problems. */
  refused: nullable(
    Type.Object({
      key: Type.String(),
      /** As it would stand in the file; null of a secret. */
      value: nullable(Type.String()),
      /** Null: there is no such setting. */
      allowed: nullable(SettingRange),
    }),
  ),
  /** Keys that would change with the next start. */
  changes: Type.Array(Type.Object({ key: Type.String(), from: nullable(Type.String()), to: nullable(Type.String()) })),
});
export type SettingsChecked = Static<typeof SettingsChecked>;

export const SelfTestCode = Type.Union([
  Type.Literal('database'),
  Type.Literal('disk'),
  Type.Literal('ledger'),
  Type.Literal('receipts'),
  Type.Literal('media'),
  Type.Literal('address'),
  Type.Literal('certificate'),
  Type.Literal('clock'),
  Type.Literal('push'),
  Type.Literal('operators'),
  Type.Literal('audit'),
]);
export type SelfTestCode = Static<typeof SelfTestCode>;
export const SelfTestLine = Type.Object({
  code: SelfTestCode,
  state: Type.Union([Type.Literal('good'), Type.Literal('warn'), Type.Literal('bad')]),
  /** Which sentence of the catalogue says it: `selfTest.<code>.<finding>`. */
  finding: Type.String(),
  /** Figures for that sentence. */
  detail: Type.Record(Type.String(), Type.Union([Type.String(), Type.Number()])),
});
export type SelfTestLine = Static<typeof SelfTestLine>;
/** GET /api/self-test (operator). */
export const SelfTest = Type.Object({ at: Type.String(), lines: Type.Array(SelfTestLine) });
export type SelfTest = Static<typeof SelfTest>;
