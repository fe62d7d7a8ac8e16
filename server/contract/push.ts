import Type, { type Static } from 'typebox';
import { PUSH_ENDPOINT_LENGTH_MAX } from './limits.ts';

/** PUT /api/push: where this session's browser takes notifications (W3C Push API, `PushSubscription.toJSON`). */
export const SetPush = Type.Object(
  {
    endpoint: Type.String({ minLength: 1, maxLength: PUSH_ENDPOINT_LENGTH_MAX, pattern: '^https://' }),
    keys: Type.Object(
      {
        /** The browser's P-256 point, uncompressed: 65 bytes in base64url. */
        p256dh: Type.String({ pattern: '^[A-Za-z0-9_-]{87}=?$' }),
        /** 16 bytes in base64url. */
        auth: Type.String({ pattern: '^[A-Za-z0-9_-]{22}(==)?$' }),
      },
      { additionalProperties: false },
    ),
  },
  { additionalProperties: false },
);
export type SetPush = Static<typeof SetPush>;

/** GET /api/push, and the answer of PUT and DELETE. */
export const PushState = Type.Object({
  /** The appliance's VAPID key (RFC 8292), for `PushManager.subscribe`. */
  publicKey: Type.String(),
  /** The endpoint that this session's notifications go to; null while they are off. */
  endpoint: Type.Union([Type.String(), Type.Null()]),
});
export type PushState = Static<typeof PushState>;

/**
 * What a notification carries, encrypted for the browser: no words of a message, no amount. The browser's
 * worker makes a sentence of it in the person's language.
 */
export type PushNotification =
  | { readonly kind: 'ring'; readonly name: string; readonly callId: number }
  | { readonly kind: 'missed'; readonly name: string; readonly personId: number; readonly callId: number }
  | { readonly kind: 'message'; readonly name: string; readonly personId: number }
  | { readonly kind: 'free'; readonly name: string; readonly personId: number }
  | { readonly kind: 'away' }
  | { readonly kind: 'test' };
