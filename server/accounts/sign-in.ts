import { DEVICE_LENGTH_MAX, type PersonId, SEEN_STEP_MS, type SessionLine, UserError } from '../contract/index.ts';
import type { Database } from '../store/index.ts';
import { PERSON_COLUMNS, type Person, SESSION_MS } from './accounts.ts';
import { digestOf, hashPassword, newToken, verifyPassword } from './secrets.ts';

const LINK_MS = 7 * 24 * 3_600_000;

type PersonRow = Person & Record<string, unknown>;

/** How people prove who they are: passwords, one-time links, sessions kept in the database. */
export class SignIn {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** @throws UserError `wrong_credentials`, `account_suspended`; as slow for an unknown name as for a wrong password */
  async byPassword(username: string, password: string): Promise<Person> {
    const [row] = await this.#database.query<PersonRow & { passwordHash: string | null }>(
      `select ${PERSON_COLUMNS}, password_hash as "passwordHash" from person where username = $1`,
      [username.trim().toLowerCase()],
    );
    const isRight = await verifyPassword(row?.passwordHash ?? null, password);
    if (!row || !isRight) throw new UserError('wrong_credentials');
    const { passwordHash: _, ...person } = row;
    return admitted(person);
  }

  /** @throws UserError `link_used_or_expired`, `account_suspended` */
  async byLink(token: string): Promise<Person> {
    const [row] = await this.#database.query<PersonRow>(
      `with link as (
         update sign_in_link set used_at = now()
          where digest = $1 and purpose = 'sign_in' and used_at is null and expires_at > now()
         returning person_id)
       select ${PERSON_COLUMNS} from person join link on link.person_id = person.id`,
      [digestOf(token)],
    );
    if (!row) throw new UserError('link_used_or_expired');
    return admitted(row);
  }

  /** Ends a person's sessions, links and password: only a new link lets them in again. */
  async reset(personId: PersonId): Promise<void> {
    await this.#database.query(
      `with sessions as (delete from session where person_id = $1),
            links as (delete from sign_in_link where person_id = $1)
       update person set password_hash = null where id = $1`,
      [personId],
    );
  }

  /** A one-time link for a person; the token is not kept and cannot be read again. */
  async newLink(personId: PersonId): Promise<{ token: string; expiresAt: Date }> {
    return this.#insertLink('sign_in', personId);
  }

  /** The one-time link that makes the operator; any older one stops working. */
  async newSetUpLink(): Promise<{ token: string; expiresAt: Date }> {
    await this.#database.query(`delete from sign_in_link where purpose = 'set_up'`);
    return this.#insertLink('set_up', null);
  }

  /**
   * Makes the operator, once.
   * @throws UserError `link_used_or_expired`, `already_set_up`
   */
  async setUp(token: string, username: string, displayName: string, password: string): Promise<Person> {
    const passwordHash = await hashPassword(password);
    const [row] = await this.#database.query<PersonRow & { isLinkGood: boolean }>(
      `with link as (
         update sign_in_link set used_at = now()
          where digest = $1 and purpose = 'set_up' and used_at is null and expires_at > now()
            and not exists (select 1 from person where role = 'operator')
         returning digest
       ), made as (
         insert into person (role, username, display_name, password_hash)
         select 'operator', $2, $3, $4 from link returning *
       )
       select ${PERSON_COLUMNS} from made person`,
      [digestOf(token), username, displayName.trim(), passwordHash],
    );
    if (row) return row;
    const [operator] = await this.#database.query(`select 1 from person where role = 'operator' limit 1`);
    throw new UserError(operator ? 'already_set_up' : 'link_used_or_expired');
  }

  /** Sets a password and ends the person's other sessions. */
  async setPassword(personId: PersonId, password: string, keepToken: string): Promise<void> {
    await this.#database.query(
      `with gone as (delete from session where person_id = $1 and digest <> $3)
       update person set password_hash = $2 where id = $1`,
      [personId, await hashPassword(password), digestOf(keepToken)],
    );
  }

  /**
   * @param device what the browser calls itself
   * @returns the token for the person's cookie
   */
  async openSession(personId: PersonId, device = ''): Promise<string> {
    const token = newToken();
    await this.#database.query(
      `with stale as (delete from session where expires_at < now())
       insert into session (digest, person_id, expires_at, device) values ($1, $2, $3, $4)`,
      [digestOf(token), personId, new Date(Date.now() + SESSION_MS), device.slice(0, DEVICE_LENGTH_MAX)],
    );
    return token;
  }

  /** The person whose session this token opens, or null. */
  async personOfSession(token: string): Promise<Person | null> {
    const [row] = await this.#database.query<PersonRow & { seenAt: Date }>(
      `select ${PERSON_COLUMNS}, seen_at as "seenAt" from session join person on person.id = person_id
        where digest = $1 and expires_at > now() and shut_out_at is null and deleted_at is null`,
      [digestOf(token)],
    );
    if (!row) return null;
    const { seenAt, ...person } = row;
    if (Date.now() - seenAt.getTime() > SEEN_STEP_MS) this.#see(token);
    return person;
  }

  /** Beside the request: whoever only reads is let in while nothing can be written. */
  #see(token: string): void {
    this.#database
      .query('update session set seen_at = now() where digest = $1', [digestOf(token)])
      .catch(() => undefined);
  }

  /** A person's sessions, newest first. @param token of the session that asks */
  async sessions(personId: PersonId, token: string): Promise<SessionLine[]> {
    const rows = await this.#database.query<
      { at: Date; seenAt: Date } & Pick<SessionLine, 'sessionId' | 'device' | 'isThis'>
    >(
      `select id as "sessionId", device, created_at as at, seen_at as "seenAt", digest = $2 as "isThis"
         from session where person_id = $1 and expires_at > now() order by id desc`,
      [personId, digestOf(token)],
    );
    return rows.map(({ at, seenAt, ...row }) => ({
      ...row,
      signedInAt: at.toISOString(),
      seenAt: seenAt.toISOString(),
    }));
  }

  /**
   * Ends one session of a person.
   * @returns the digest of its token
   * @throws UserError `session_not_found`
   */
  async endSession(personId: PersonId, sessionId: number): Promise<Buffer> {
    const [row] = await this.#database.query<{ digest: Buffer }>(
      'delete from session where person_id = $1 and id = $2 returning digest',
      [personId, sessionId],
    );
    if (!row) throw new UserError('session_not_found');
    return row.digest;
  }

  /** Ends every session of a person but the one that asks. */
  async endOtherSessions(personId: PersonId, token: string): Promise<void> {
    await this.#database.query('delete from session where person_id = $1 and digest <> $2', [
      personId,
      digestOf(token),
    ]);
  }

  async closeSession(token: string): Promise<void> {
    await this.#database.query('delete from session where digest = $1', [digestOf(token)]);
  }

  async #insertLink(purpose: 'set_up' | 'sign_in', personId: PersonId | null) {
    const token = newToken();
    const expiresAt = new Date(Date.now() + LINK_MS);
    await this.#database.query(
      'insert into sign_in_link (digest, purpose, person_id, expires_at) values ($1, $2, $3, $4)',
      [digestOf(token), purpose, personId, expiresAt],
    );
    return { token, expiresAt };
  }
}

/** @throws UserError `account_suspended`; to one who has proven who they are */
function admitted<P extends Person>(person: P): P {
  if (person.deletedAt !== null) throw new UserError('wrong_credentials');
  if (person.suspendedAt !== null) throw new UserError('account_suspended');
  return person;
}
