import https from 'node:https';
import webPush from 'web-push';
import type { PushNotification } from '../contract/index.ts';
import { checkedEndpoint, publicLookup } from './endpoint.ts';
import type { VapidKeys } from './keys.ts';

/** A push service that has not answered by then is given up, in ms. */
const ANSWER_MS_MAX = 10_000;
/** RFC 8030 section 7.2 lets a service refuse more than 4096 bytes; encryption takes some hundred of them. */
const PAYLOAD_BYTES_MAX = 3_072;

/** How long a push service keeps what it cannot deliver, in seconds: as long as it is still true. */
const TTL_S: Record<PushNotification['kind'], number> = {
  ring: 45,
  missed: 24 * 3_600,
  message: 24 * 3_600,
  free: 600,
  away: 3_600,
  test: 60,
};

export interface Subscription {
  readonly endpoint: string;
  readonly p256dh: string;
  readonly auth: string;
}

export interface Sender {
  readonly keys: VapidKeys;
  readonly contact: string;
  readonly allowPrivate: boolean;
}

/** `gone`: the browser has ended the subscription. `refused`: the service will not have it, now or like this. */
export type Delivery = 'sent' | 'gone' | 'refused';

/** One waits at the service for each of these; a newer one takes its place (RFC 8030 section 5.4: 32 base64url signs). */
function topicOf(notification: PushNotification): string {
  if (notification.kind === 'ring' || notification.kind === 'missed') return `call-${notification.callId}`;
  return 'personId' in notification ? `${notification.kind}-${notification.personId}` : notification.kind;
}

/** Sends one notification; its answer is not read and no redirect is followed. Rejects when nobody answers. */
export async function send(
  subscription: Subscription,
  notification: PushNotification,
  sender: Sender,
): Promise<Delivery> {
  const url = checkedEndpoint(subscription.endpoint, sender.allowPrivate);
  const payload = JSON.stringify(notification);
  if (Buffer.byteLength(payload) > PAYLOAD_BYTES_MAX) throw new Error('a notification is too long');
  const { endpoint, p256dh, auth } = subscription;
  const { method, headers, body } = webPush.generateRequestDetails({ endpoint, keys: { p256dh, auth } }, payload, {
    vapidDetails: { subject: sender.contact, ...sender.keys },
    TTL: TTL_S[notification.kind],
    urgency: notification.kind === 'ring' || notification.kind === 'away' ? 'high' : 'normal',
    topic: topicOf(notification),
  });
  const status = await new Promise<number>((resolve, reject) => {
    const request = https.request(url, {
      method,
      headers: headers as Record<string, string>,
      agent: false,
      signal: AbortSignal.timeout(ANSWER_MS_MAX),
      ...(!sender.allowPrivate && { lookup: publicLookup }),
    });
    request.on('error', reject);
    request.on('response', (response) => {
      resolve(response.statusCode ?? 0);
      response.destroy();
    });
    request.end(body);
  });
  if (status >= 200 && status < 300) return 'sent';
  return status === 404 || status === 410 ? 'gone' : 'refused';
}
