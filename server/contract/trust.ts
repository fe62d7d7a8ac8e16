import Type, { type Static } from 'typebox';
import { CallId } from './calls.ts';
import { ISSUE_WORDS_LENGTH_MAX } from './limits.ts';
import { MinorSchema } from './money.ts';
import { nullable } from './nullable.ts';
import { PersonId } from './people.ts';

// What people think of each other: ratings of calls, reports to the operator, blocks, marks.

const strict = { additionalProperties: false } as const;

export const IssueKind = Type.Union([
  // of a call
  Type.Literal('no_picture'),
  Type.Literal('no_sound'),
  Type.Literal('poor_quality'),
  Type.Literal('disconnected'),
  Type.Literal('wrong_charge'),
  // of a person
  Type.Literal('harassment'),
  Type.Literal('underage'),
  Type.Literal('fraud'),
  Type.Literal('impersonation'),
  Type.Literal('other'),
]);
export type IssueKind = Static<typeof IssueKind>;

const IssueWords = Type.String({ maxLength: ISSUE_WORDS_LENGTH_MAX });

export const Issue = Type.Object({ kind: IssueKind, words: IssueWords }, strict);
export type Issue = Static<typeof Issue>;

/**
 * PUT /api/calls/:callId/rating: by each of its two people, once it was accepted and has ended, and
 * again within RATING_DAYS_MAX days. An issue goes with a thumb down only. Answer: `CallRating`.
 */
export const SetRating = Type.Object(
  {
    isUp: Type.Boolean(),
    stars: nullable(Type.Integer({ minimum: 1, maximum: 5 })),
    issue: Type.Optional(Issue),
  },
  strict,
);
export type SetRating = Static<typeof SetRating>;

/** GET /api/calls/:callId/rating: the person's own. */
export const CallRating = Type.Object({
  /** Whether this call can be rated by this person now. */
  canRate: Type.Boolean(),
  rating: nullable(Type.Object({ isUp: Type.Boolean(), stars: nullable(Type.Integer()), at: Type.String() })),
  issue: nullable(Issue),
});
export type CallRating = Static<typeof CallRating>;

/** POST /api/people/:personId/reports: to the operator, about a person. Answer: `IssueReport`. */
export const ReportPerson = Type.Object({ kind: IssueKind, words: IssueWords, callId: Type.Optional(CallId) }, strict);
export type ReportPerson = Static<typeof ReportPerson>;

const Named = Type.Object({ personId: PersonId, displayName: Type.String() });

export const IssueReport = Type.Object({
  reportId: Type.Integer(),
  reporter: Named,
  about: nullable(Named),
  callId: nullable(CallId),
  /** What the call came to; null when the report is about none. */
  chargedMinor: nullable(MinorSchema),
  kind: IssueKind,
  words: Type.String(),
  at: Type.String(),
  answer: nullable(Type.String()),
  answeredAt: nullable(Type.String()),
  /** Null to the reporter: the studio answers. */
  answeredBy: nullable(Type.String()),
});
export type IssueReport = Static<typeof IssueReport>;

/** GET /api/issue-reports?state&before&limit: every report for the operator, one's own for the others. */
export const IssueReportQuery = Type.Object(
  {
    state: Type.Optional(Type.Union([Type.Literal('open'), Type.Literal('answered')])),
    before: Type.Optional(Type.Integer({ minimum: 1 })),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 100 })),
  },
  strict,
);
export type IssueReportQuery = Static<typeof IssueReportQuery>;
export const IssueReports = Type.Object({ reports: Type.Array(IssueReport), openCount: Type.Integer() });
export type IssueReports = Static<typeof IssueReports>;

/** POST /api/issue-reports/:reportId/answer (operator): once. Answer: `IssueReport`. */
export const AnswerReport = Type.Object(
  { words: Type.String({ minLength: 1, maxLength: ISSUE_WORDS_LENGTH_MAX, pattern: '\\S' }) },
  strict,
);
export type AnswerReport = Static<typeof AnswerReport>;
export const ReportParams = Type.Object({ reportId: Type.Integer({ minimum: 1 }) });

/** PUT and DELETE /api/people/:personId/block: of a client by a model or the other way round. Answer: {}. */
/** GET /api/blocks: whom the person has blocked. */
export const Blocks = Type.Object({
  blocks: Type.Array(Type.Object({ person: Named, at: Type.String() })),
});
export type Blocks = Static<typeof Blocks>;

/** PUT /api/people/:personId/marks (operator). Answer: {}. */
export const SetMarks = Type.Object({ isVerified: Type.Boolean(), isStaff: Type.Boolean() }, strict);
export type SetMarks = Static<typeof SetMarks>;
