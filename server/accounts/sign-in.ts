import {
  DEVICE_LENGTH_MAX,
  LINK_IS_FRESH_MS,
  type PasswordState,
  type PersonId,
  SEEN_STEP_MS,
  type SessionLine,
  type SetPassword,
  UserError,
} from '../contract/index.ts';
import type { Database } from '../store/index.ts';
import { PERSON_COLUMNS, type Person, SESSION_MS, usernameOf } from './accounts.ts';
import { GuessLimit } from './guess-limit.ts';
import { refuseEasyPassword } from './password-strength.ts';
import { digestOf, hashPassword, newToken, verifyPassword } from './secrets.ts';

const LINK_MS = 7 * 24 * 3_600_000;

type PasswordRow = { passwordHash: string | null; isFresh: boolean; names: string[] };
type PersonRow = Person & Record<string, unknown>;

/** How people prove who they are: passwords, one-time links, sessions kept in the database. */
export class SignIn {
  readonly #database: Database;
  readonly #studioName: string;
  readonly #guesses = new GuessLimit();

  /** @param studioName no password is made of it */
  constructor(database: Database, studioName = '') {
    this.#database = database;
    this.#studioName = studioName;
  }

  /**
   * As slow for an unknown name as for a wrong password.
   * @param network where the guess comes from; each has its own count
   * @throws UserError `too_many_guesses`, `wrong_credentials`, `account_suspended`
   */
  async byPassword(username: string, password: string, network = ''): Promise<Person> {
    const name = usernameOf(username);
    if (this.#guesses.take(name, network) > 0) throw new UserError('too_many_guesses');
    const [row] = await this.#database.query<PersonRow & { passwordHash: string | null }>(
      `select ${PERSON_COLUMNS}, password_hash as "passwordHash" from person where username = $1`,
      [name],
    );
    const isRight = await verifyPassword(row?.passwordHash ?? null, password);
    if (!row || !isRight) throw new UserError('wrong_credentials');
    this.#guesses.giveBack(name, network);
    const { passwordHash: _, ...person } = row;
    return admitted(person);
  }

  /**
   * Uses a link up; one of a person who is shut out stays as it is, for when that is lifted.
   * @throws UserError `link_used_or_expired`, `account_suspended`
   */
  async byLink(token: string): Promise<Person> {
    const [row] = await this.#database.query<PersonRow>(
      `with good as (
         select digest, person_id from sign_in_link
          where digest = $1 and purpose = 'sign_in' and used_at is null and expires_at > now()
       ), used as (
         update sign_in_link set used_at = now() from good, person
          where sign_in_link.digest = good.digest and used_at is null
            and person.id = good.person_id and shut_out_at is null and deleted_at is null
         returning sign_in_link.person_id)
       select ${PERSON_COLUMNS} from person
        where id in (select person_id from used)
           or (shut_out_at is not null and id in (select person_id from good))`,
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

  /** A one-time link for a person; any older one stops working. The token is not kept and cannot be read again. */
  async newLink(personId: PersonId): Promise<{ token: string; expiresAt: Date }> {
    return this.#insertLink('sign_in', personId);
  }

  /** The one-time link that makes the operator; any older one stops working. */
  async newSetUpLink(): Promise<{ token: string; expiresAt: Date }> {
    return this.#insertLink('set_up', null);
  }

  /**
   * Makes the operator, once.
   * @throws UserError `link_used_or_expired`, `already_set_up`, `password_too_easy`
   */
  async setUp(token: string, username: string, displayName: string, password: string): Promise<Person> {
    refuseEasyPassword(password, [username, displayName, this.#studioName]);
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

  /** Whether a person has a password, and whether the session must give it to set another. */
  async passwordState(personId: PersonId, token: string): Promise<PasswordState> {
    const { passwordHash, isFresh } = await this.#passwordOf(personId, token);
    return { isSet: passwordHash !== null, asksOld: passwordHash !== null && !isFresh };
  }

  /**
   * Sets a password and ends the person's links and other sessions; the one that is kept is then like one begun with it.
   * @throws UserError `password_too_easy`, `too_many_guesses`, `wrong_old_password`
   */
  async setPassword(personId: PersonId, set: SetPassword, keepToken: string): Promise<void> {
    const { passwordHash, isFresh, names } = await this.#passwordOf(personId, keepToken);
    refuseEasyPassword(set.password, [...names, this.#studioName]);
    if (passwordHash !== null && !isFresh) {
      // Whoever sits at a page that was left open guesses as well as anybody else.
      if (this.#guesses.take(`old ${personId}`, '') > 0) throw new UserError('too_many_guesses');
      if (!(await verifyPassword(passwordHash, set.oldPassword ?? ''))) throw new UserError('wrong_old_password');
      this.#guesses.giveBack(`old ${personId}`, '');
    }
    // Where the password has become another one meanwhile, nothing is set.
    const [row] = await this.#database.query(
      `with me as (
         update person set password_hash = $2 where id = $1 and password_hash is not distinct from $4 returning id
       ), gone as (
         delete from session using me where person_id = me.id and digest <> $3
       ), links as (
         delete from sign_in_link using me where person_id = me.id
       ), kept as (
         update session set by_link = false from me where digest = $3
       )
       select id from me`,
      [personId, await hashPassword(set.password), digestOf(keepToken), passwordHash],
    );
    if (!row) throw new UserError('wrong_old_password');
  }

  async #passwordOf(personId: PersonId, token: string): Promise<PasswordRow> {
    const [row] = await this.#database.query<PasswordRow>(
      `select password_hash as "passwordHash", jsonb_build_array(username, display_name) as names, exists (
         select 1 from session where digest = $2 and by_link and created_at > $3) as "isFresh"
         from person where id = $1`,
      [personId, digestOf(token), new Date(Date.now() - LINK_IS_FRESH_MS)],
    );
    if (!row) throw new UserError('person_not_found');
    return row;
  }

  /**
   * @param device what the browser calls itself
   * @param isByLink whether a one-time link has begun it, not a password
   * @returns the token for the person's cookie
   */
  async openSession(personId: PersonId, device = '', isByLink = false): Promise<string> {
    const token = newToken();
    await this.#database.query(
      `with stale as (delete from session where expires_at < now())
       insert into session (digest, person_id, expires_at, device, by_link) values ($1, $2, $3, $4, $5)`,
      [digestOf(token), personId, new Date(Date.now() + SESSION_MS), device.slice(0, DEVICE_LENGTH_MAX), isByLink],
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
      `with older as (delete from sign_in_link where purpose = $2 and person_id is not distinct from $3)
       insert into sign_in_link (digest, purpose, person_id, expires_at) values ($1, $2, $3, $4)`,
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
