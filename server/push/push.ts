import { type PersonId, type PushNotification, type PushState, type SetPush, UserError } from '../contract/index.ts';
import type { Settings } from '../settings/index.ts';
import type { Database, Row } from '../store/index.ts';
import type { Log, Metrics } from '../telemetry/index.ts';
import { checkedEndpoint } from './endpoint.ts';
import { vapidKeys } from './keys.ts';
import { type Delivery, type Sender, type Subscription, send } from './send.ts';

/** Requests to push services at once, and those that wait; what comes on top is dropped. */
const AT_ONCE_MAX = 8;
const WAITING_MAX = 1_000;
/** Browsers of one person that are told: those that subscribed last. */
const BROWSERS_MAX = 10;
/** A push service wants somebody to ask (RFC 8292 section 2.1); most are content with this. */
const NOBODY = 'mailto:operator@parlour.invalid';

export interface PushDeps {
  readonly database: Database;
  readonly settings: Pick<Settings, 'data' | 'push'>;
  readonly log: Log;
  readonly metrics: Pick<Metrics, 'pushes'>;
}

/** Which browsers take notifications, and the way to them. */
export class Push {
  readonly #deps: PushDeps;
  readonly #sender: Sender;
  readonly #waiting: (() => Promise<void>)[] = [];
  #atOnce = 0;

  constructor(deps: PushDeps) {
    this.#deps = deps;
    const { contact, allowPrivate } = deps.settings.push;
    this.#sender = { keys: vapidKeys(deps.settings.data), contact: contact || NOBODY, allowPrivate };
  }

  /** @param session digest of the session's token */
  async state(session: Buffer): Promise<PushState> {
    const [row] = await this.#select('where session_digest = $1', [session]);
    return { publicKey: this.#sender.keys.publicKey, endpoint: row?.endpoint ?? null };
  }

  /** Turns notifications on for a session's browser. @throws UserError `bad_push_endpoint`, `not_signed_in` */
  async subscribe(session: Buffer, { endpoint, keys }: SetPush): Promise<PushState> {
    checkedEndpoint(endpoint, this.#sender.allowPrivate);
    // The same browser may have had another session: its address goes to the newer one.
    await this.#deps.database.query('delete from push_subscription where endpoint = $2 and session_digest <> $1', [
      session,
      endpoint,
    ]);
    await this.#deps.database.query(
      `insert into push_subscription (session_digest, endpoint, p256dh, auth)
       select digest, $2, $3, $4 from session where digest = $1
       on conflict (session_digest) do update
          set endpoint = excluded.endpoint, p256dh = excluded.p256dh, auth = excluded.auth, made_at = now()`,
      [session, endpoint, keys.p256dh, keys.auth],
    );
    return this.state(session);
  }

  async unsubscribe(session: Buffer): Promise<PushState> {
    await this.#deps.database.query('delete from push_subscription where session_digest = $1', [session]);
    return this.state(session);
  }

  /** Those of these people whom a notification would reach. */
  async reachable(people: readonly PersonId[]): Promise<ReadonlySet<PersonId>> {
    if (people.length === 0) return new Set();
    const rows = await this.#deps.database.query<{ personId: PersonId }>(
      `select distinct person_id as "personId" from push_subscription join session on digest = session_digest
        where person_id = any($1::bigint[]) and expires_at > now()`,
      [people],
    );
    return new Set(rows.map(({ personId }) => personId));
  }

  /** Tells every browser of a person. Never waits for a push service, never rejects. */
  send(personId: PersonId, notification: PushNotification): void {
    this.#send(personId, notification).catch((error: unknown) =>
      this.#deps.log.warn({ err: error }, 'could not notify'),
    );
  }

  async #send(personId: PersonId, notification: PushNotification): Promise<void> {
    const subscriptions = await this.#select(
      `join session on digest = session_digest where person_id = $1 and expires_at > now()
        order by made_at desc limit ${BROWSERS_MAX}`,
      [personId],
    );
    for (const subscription of subscriptions) {
      if (this.#waiting.length >= WAITING_MAX) {
        this.#deps.metrics.pushes.inc({ result: 'dropped' });
        continue;
      }
      this.#waiting.push(async () => void (await this.#deliver(subscription, notification)));
    }
    this.#next();
  }

  /** Tells the browser of this session, to show that it works. @throws UserError `push_off`, `push_not_delivered` */
  async test(session: Buffer): Promise<void> {
    const [subscription] = await this.#select('where session_digest = $1', [session]);
    if (!subscription) throw new UserError('push_off');
    if ((await this.#deliver(subscription, { kind: 'test' })) !== 'sent') throw new UserError('push_not_delivered');
  }

  #next(): void {
    while (this.#atOnce < AT_ONCE_MAX) {
      const work = this.#waiting.shift();
      if (!work) return;
      this.#atOnce += 1;
      void work().finally(() => {
        this.#atOnce -= 1;
        this.#next();
      });
    }
  }

  async #deliver(subscription: Subscription, notification: PushNotification): Promise<Delivery | 'failed'> {
    const { log, metrics, database } = this.#deps;
    const { host } = new URL(subscription.endpoint);
    try {
      const result = await send(subscription, notification, this.#sender);
      metrics.pushes.inc({ result });
      if (result === 'refused') log.warn({ host, kind: notification.kind }, 'a push service refused a notification');
      if (result === 'gone') {
        await database.query('delete from push_subscription where endpoint = $1', [subscription.endpoint]);
      }
      return result;
    } catch (error) {
      metrics.pushes.inc({ result: 'failed' });
      log.warn({ err: error, host, kind: notification.kind }, 'a push service could not be reached');
      return 'failed';
    }
  }

  #select(where: string, values: unknown[]): Promise<(Subscription & Row)[]> {
    return this.#deps.database.query<Subscription & Row>(
      `select endpoint, p256dh, auth from push_subscription ${where}`,
      values,
    );
  }
}
