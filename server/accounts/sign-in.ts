import { type PersonId, UserError } from '../contract/index.ts';
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

  /** @throws UserError `wrong_credentials`; as slow for an unknown name as for a wrong password */
  async byPassword(username: string, password: string): Promise<Person> {
    const [row] = await this.#database.query<PersonRow & { passwordHash: string | null }>(
      `select ${PERSON_COLUMNS}, password_hash as "passwordHash" from person where username = $1`,
      [username.trim().toLowerCase()],
    );
    const isRight = await verifyPassword(row?.passwordHash ?? null, password);
    if (!row || !isRight) throw new UserError('wrong_credentials');
    const { passwordHash: _, ...person } = row;
    return person;
  }

  /** @throws UserError `link_used_or_expired` */
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
    return row;
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

  /** @returns the token for the person's cookie */
  async openSession(personId: PersonId): Promise<string> {
    const token = newToken();
    await this.#database.query(
      `with stale as (delete from session where expires_at < now())
       insert into session (digest, person_id, expires_at) values ($1, $2, $3)`,
      [digestOf(token), personId, new Date(Date.now() + SESSION_MS)],
    );
    return token;
  }

  /** The person whose session this token opens, or null. */
  async personOfSession(token: string): Promise<Person | null> {
    const [row] = await this.#database.query<PersonRow>(
      `select ${PERSON_COLUMNS} from session join person on person.id = person_id
        where digest = $1 and expires_at > now()`,
      [digestOf(token)],
    );
    return row ?? null;
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
