import Type, { type Static } from 'typebox';
import { CallLine } from './calls.ts';
import { MinorSchema } from './money.ts';
import { HistoryLine, RequestKey } from './money-api.ts';
import { Me, PersonId } from './people.ts';
import { MeterLogFile, ReceiptFile } from './receipt.ts';
import { ThreadMessage } from './threads.ts';

// What people do with their own account: sessions, favourites, their data as a file, the end of it.

const strict = { additionalProperties: false } as const;

/** A device on which the person is signed in. */
export const SessionLine = Type.Object({
  sessionId: Type.Integer(),
  /** What the browser called itself (its User-Agent), cut at DEVICE_LENGTH_MAX; empty when it said nothing. */
  device: Type.String(),
  signedInAt: Type.String(),
  /** To within SEEN_STEP_MS. */
  seenAt: Type.String(),
  /** The session that asks. */
  isThis: Type.Boolean(),
});
export type SessionLine = Static<typeof SessionLine>;

/** GET /api/sessions: the person's own, newest first. DELETE ends all others. Answer: `Sessions`. */
export const Sessions = Type.Object({ sessions: Type.Array(SessionLine) });
export type Sessions = Static<typeof Sessions>;
/** DELETE /api/sessions/:sessionId ends one. Answer: `Sessions`, without it. */
export const SessionParams = Type.Object({ sessionId: Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER }) });

/** PUT and DELETE /api/people/:personId/favourite (client). Answer: {}. Every page hears `favourites`. */
export const FavouriteIds = Type.Array(PersonId);

/** GET /api/export: everything that the appliance keeps of the person, as a file. */
export const DataExport = Type.Object({
  madeAt: Type.String(),
  appliance: Type.String(),
  currency: Type.String(),
  minorDigits: Type.Integer(),
  account: Me,
  memberSince: Type.String(),
  sessions: Type.Array(SessionLine),
  calls: Type.Array(CallLine),
  money: Type.Array(HistoryLine),
  threads: Type.Array(
    Type.Object({
      with: Type.Object({ personId: PersonId, displayName: Type.String() }),
      messages: Type.Array(ThreadMessage),
    }),
  ),
  blocks: Type.Array(Type.Object({ personId: PersonId, displayName: Type.String(), at: Type.String() })),
  favourites: FavouriteIds,
  /** Of each call that was live, as under `calls`: its receipt and its meter log, as they are downloaded. */
  callFiles: Type.Array(Type.Object({ receipt: ReceiptFile, log: MeterLogFile })),
});
export type DataExport = Static<typeof DataExport>;

/**
 * POST /api/account/deletion: ends the account for good. Name, picture, words and sessions go; lines of money and
 * calls stay, under no name. Answer: {}.
 */
export const DeleteAccount = Type.Object(
  {
    /** The person's own user name, typed again. */
    username: Type.String({ minLength: 1, maxLength: 64 }),
    /** What is left on the account and is given up with it; must be the balance, to the unit. */
    giveUpMinor: MinorSchema,
    /** Makes a repeated request give up once. */
    key: RequestKey,
  },
  strict,
);
export type DeleteAccount = Static<typeof DeleteAccount>;
