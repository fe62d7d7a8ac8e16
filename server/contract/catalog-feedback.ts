import Type, { type Static } from 'typebox';

// What the two pages of a WebTransport call tell each other beside media, as JSON in the tracks `catalog` and
// `feedback`. The appliance reads it and passes on what it has understood.

/** WebCodecs configurations of what the side sends (W3C WebCodecs codec registry). */
export const Catalog = Type.Object(
  {
    audio: Type.Object(
      {
        /** Opus in redundant audio data (RFC 2198): each packet may carry those before it once more. */
        codec: Type.Literal('opus/red'),
        sampleRate: Type.Literal(48_000),
        numberOfChannels: Type.Integer({ minimum: 1, maximum: 2 }),
      },
      { additionalProperties: false },
    ),
    video: Type.Object(
      { codec: Type.String({ pattern: '^(vp8|vp09\\.[0-9.]{5,40}|avc1\\.[0-9a-fA-F]{6})$' }) },
      { additionalProperties: false },
    ),
  },
  { additionalProperties: false },
);
export type Catalog = Static<typeof Catalog>;

export const Feedback = Type.Object(
  {
    /** The sender of this needs a whole picture: it has just begun, or lost some. */
    wantsPicture: Type.Boolean(),
    /** How much longer frames of the picture are under way than the quickest lately; null when there were none. */
    queueMs: Type.Union([Type.Integer({ minimum: 0, maximum: 60_000 }), Type.Null()]),
    /** Packets of sound that were not there in their turn since the last word: lost on the line, or late. */
    holes: Type.Integer({ minimum: 0, maximum: 10_000 }),
    /** Picture and sound that came since the last word. */
    kbps: Type.Integer({ minimum: 0, maximum: 10_000_000 }),
  },
  { additionalProperties: false },
);
export type Feedback = Static<typeof Feedback>;
