// Limits that both sides of a wire must know. A limit of one module only stands in that module.

/** Longest ring in ms; unanswered by then, the call is `missed`. */
export const RING_MS = 45_000;
/** Longest confirmation in ms; not connected by both by then, the call is `canceled`. */
export const CONFIRM_MS = 90_000;
/** How long a lost side may take to come back, in ms, before the call ends with `network_lost`. */
export const RECONNECT_MS = 60_000;
/** Grace after the credit ran out, in ms; then the call ends with `out_of_funds`. */
export const GRACE_MS = 300_000;

export const USERNAME_LENGTH_MIN = 3;
export const USERNAME_LENGTH_MAX = 32;
export const DISPLAY_NAME_LENGTH_MAX = 64;
export const PASSWORD_LENGTH_MIN = 10;
export const PASSWORD_LENGTH_MAX = 256;
/** A session that a one-time link has begun may set a password without the old one for this long. */
export const LINK_IS_FRESH_MS = 3_600_000;
export const ABOUT_LENGTH_MAX = 500;
export const REASON_LENGTH_MAX = 200;

/** Languages a model names in her profile, and tags that she is found by. */
export const LANGUAGES_MAX = 6;
export const TAGS_MAX = 8;
export const TAG_LENGTH_MAX = 24;
/** A picture as it is uploaded; pages scale it down to this many pixels on its longer side first. */
export const PICTURE_BYTES_MAX = 512 * 1024;
export const PICTURE_PIXELS = 640;
/** One text in a thread. */
export const MESSAGE_LENGTH_MAX = 1_000;
/** Words of a report, and of its answer. */
export const ISSUE_WORDS_LENGTH_MAX = 1_000;
/** Ratings with stars from which on an average is shown. */
export const RATINGS_SHOWN_MIN = 3;
/** Days after its end in which a call can be rated, and rated anew. */
export const RATING_DAYS_MAX = 30;
/** One tip in minor units. */
export const TIP_MINOR_MAX = 10_000_000;

/** Price of a minute in minor units. */
export const RATE_MINOR_MIN = 1;
export const RATE_MINOR_MAX = 1_000_000;
/** Minimum call time in whole minutes. */
export const MINIMUM_MIN_MAX = 60;
/** One top-up in minor units. */
export const TOP_UP_MINOR_MAX = 100_000_000;
/** One payout in minor units. */
export const PAYOUT_MINOR_MAX = 1_000_000_000;
/** Days after a charge in which the model can refund it; the operator can at any time. */
export const REFUND_DAYS_MAX = 30;
export const VOUCHERS_PER_BATCH_MAX = 1_000;
export const VOUCHER_DAYS_MAX = 3_660;
/** As typed, with room for spaces and hyphens. */
export const VOUCHER_CODE_LENGTH_MAX = 64;
export const NOTE_LENGTH_MAX = 200;
/** Units of one call: eleven days by the second. */
export const UNIT_MAX = 1_000_000;
/** Hours for which a model can turn calls on. */
export const AVAILABLE_HOURS_MAX = 12;
/** How long an available model's pages may all be gone, in ms, before she is shown as away. */
export const AWAY_AFTER_MS = 60_000;

/** What a browser calls itself, as it is kept of a session. */
export const DEVICE_LENGTH_MAX = 256;
/** How old the last sight of a session may be, in ms, before it is written anew. */
export const SEEN_STEP_MS = 300_000;
/** Models that one client can have as favourites. */
export const FAVOURITES_MAX = 200;
/** A settings file that is to be checked. */
export const SETTINGS_TEXT_LENGTH_MAX = 20_000;

/** Address at a browser's push service; the longest known have some 700 characters. */
export const PUSH_ENDPOINT_LENGTH_MAX = 2_048;

/** Longest hub message in bytes; an SDP with its envelope fits. */
export const HUB_MESSAGE_BYTES_MAX = 80 * 1024;
/** Malformed messages in a row after which the hub closes the socket. */
export const HUB_BAD_MESSAGES_MAX = 3;
/** WebSocket close code for it (RFC 6455, private range). */
export const HUB_CLOSE_BAD_MESSAGES = 4400;
/** WebSocket close code: the session has ended, sign in again. */
export const HUB_CLOSE_SIGNED_OUT = 4401;
/** WebSocket close code: too much at once: pages of one person, or messages before the sign-in was checked. */
export const HUB_CLOSE_TOO_MANY = 4429;
/** WebSocket close code: who signs in cannot be checked right now, come back later. */
export const HUB_CLOSE_UNAVAILABLE = 4500;
/** WebSocket close code: the appliance is stopping or restarting, come back in a moment. */
export const HUB_CLOSE_RESTARTING = 4503;

export const SDP_LENGTH_MAX = 64 * 1024;
export const CANDIDATE_LENGTH_MAX = 512;
export const PAGE_SIZE_MAX = 100;

/** Payload of one packet of a probe. With all headers it fits every path that WebRTC works on. */
export const PROBE_PAYLOAD_BYTES = 1_100;
/** IPv4, UDP, DTLS 1.2, SCTP and its DATA chunk, Ethernet: what such a packet weighs more on the wire. */
export const PROBE_OVERHEAD_BYTES = 28 + 37 + 28 + 14;
/** First byte of what a page sends over the data channel. */
export const CHANNEL_PROBE = 1;
export const CHANNEL_HEARTBEAT = 2;
/** How often a page says over its data channel that it is there, in ms. */
export const HEARTBEAT_MS = 500;
/** More waiting bytes than these, and the page's data channel is full: the sender holds. */
export const PROBE_BUFFERED_BYTES_MAX = 30_000;
/** How often a page tells what it sends and sees, in ms. */
export const REPORT_MS = 5_000;
