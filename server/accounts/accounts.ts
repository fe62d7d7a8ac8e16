import { AVAILABLE_HOURS_MAX, type PersonId, type Profile, type Role, UserError } from '../contract/index.ts';
import type { Database } from '../store/index.ts';

export interface Person {
  readonly personId: PersonId;
  readonly role: Role;
  readonly username: string;
  readonly displayName: string;
  readonly createdAt: Date;
}

/** A model with what she offers. */
export interface PersonTerms extends Person {
  readonly profile: Profile;
  readonly availableUntil: Date | null;
}

export const SESSION_MS = 30 * 24 * 3_600_000;
const HOUR_MS = 3_600_000;
/** A new model's terms until she sets her own. */
const FIRST_PROFILE: Profile = { rateMinor: 200, minimumMin: 1, about: '' };

export const PERSON_COLUMNS = `person.id as "personId", role, username, display_name as "displayName", person.created_at as "createdAt"`;
const UNIQUE_VIOLATION = '23505';

type TermsRow = Person & { rateMinor: number; minimumMin: number; about: string; availableUntil: Date | null };

export class Accounts {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** @throws UserError `username_taken` */
  async makePerson(role: Role, username: string, displayName: string): Promise<Person> {
    try {
      const [person] = await this.#database.query<Person & Record<string, unknown>>(
        `with made as (
           insert into person (role, username, display_name) values ($1, $2, $3) returning *
         ), offer as (
           insert into model_profile (person_id, rate_minor, minimum_min, about)
           select id, $4::bigint, $5::integer, $6::text from made where role = 'model'
         )
         select ${PERSON_COLUMNS} from made person`,
        [role, username, displayName.trim(), FIRST_PROFILE.rateMinor, FIRST_PROFILE.minimumMin, FIRST_PROFILE.about],
      );
      return person as Person;
    } catch (error) {
      if ((error as { code?: string }).code === UNIQUE_VIOLATION) throw new UserError('username_taken');
      throw error;
    }
  }

  /** @throws UserError `person_not_found` */
  async person(personId: PersonId): Promise<Person> {
    const [person] = await this.#people('where person.id = $1', [personId]);
    if (!person) throw new UserError('person_not_found');
    return person;
  }

  people(): Promise<Person[]> {
    return this.#people('order by person.id', []);
  }

  async hasOperator(): Promise<boolean> {
    return (await this.#people(`where role = 'operator' limit 1`, [])).length > 0;
  }

  /** Every model with her terms. */
  models(): Promise<PersonTerms[]> {
    return this.#terms('', []);
  }

  /** @throws UserError `person_not_found` when this is no model */
  async model(personId: PersonId): Promise<PersonTerms> {
    const [model] = await this.#terms('and person.id = $1', [personId]);
    if (!model) throw new UserError('person_not_found', 'There is no such model.');
    return model;
  }

  async setProfile(personId: PersonId, profile: Profile): Promise<void> {
    await this.#database.query(
      'update model_profile set rate_minor = $2, minimum_min = $3, about = $4 where person_id = $1',
      [personId, profile.rateMinor, profile.minimumMin, profile.about],
    );
  }

  /** Turns a model's calls on for so many hours from now (1 to 12), or off (0). */
  async setAvailability(personId: PersonId, hours: number): Promise<void> {
    if (hours < 0 || hours > AVAILABLE_HOURS_MAX) throw new RangeError(`${hours} hours`);
    const until = hours === 0 ? null : new Date(Date.now() + hours * HOUR_MS);
    await this.#database.query('update model_profile set available_until = $2 where person_id = $1', [personId, until]);
  }

  async #people(where: string, values: unknown[]): Promise<Person[]> {
    return (await this.#database.query(`select ${PERSON_COLUMNS} from person ${where}`, values)) as unknown as Person[];
  }

  async #terms(where: string, values: unknown[]): Promise<PersonTerms[]> {
    const rows = (await this.#database.query(
      `select ${PERSON_COLUMNS}, rate_minor as "rateMinor", minimum_min as "minimumMin", about,
              available_until as "availableUntil"
         from person join model_profile on person_id = person.id
        where role = 'model' ${where} order by person.id`,
      values,
    )) as unknown as TermsRow[];
    return rows.map(({ rateMinor, minimumMin, about, ...person }) => ({
      ...person,
      profile: { rateMinor, minimumMin, about },
    }));
  }
}
