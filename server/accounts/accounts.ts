import {
  AVAILABLE_HOURS_MAX,
  type Peer,
  type PersonId,
  type Profile,
  type Role,
  UserError,
} from '../contract/index.ts';
import type { Database } from '../store/index.ts';

export interface Person {
  readonly personId: PersonId;
  readonly role: Role;
  readonly username: string;
  readonly displayName: string;
  readonly createdAt: Date;
  /** When the operator saw who they are; null: not yet. */
  readonly verifiedAt: Date | null;
  readonly isStaff: boolean;
  /** Version of their picture; null when there is none. */
  readonly pictureDigest: string | null;
}

/** A model with what she offers. */
export interface PersonTerms extends Person {
  readonly profile: Profile;
  readonly availableUntil: Date | null;
}

export const SESSION_MS = 30 * 24 * 3_600_000;
const HOUR_MS = 3_600_000;
/** A new model's terms until she sets her own. */
const FIRST_PROFILE: Profile = { rateMinor: 200, minimumMin: 1, about: '', languages: [], tags: [] };

export const PERSON_COLUMNS = `person.id as "personId", role, username, display_name as "displayName",
  person.created_at as "createdAt", verified_at as "verifiedAt", is_staff as "isStaff",
  (select digest from person_picture where person_picture.person_id = person.id) as "pictureDigest"`;
const UNIQUE_VIOLATION = '23505';

type TermsRow = Person & Profile & { availableUntil: Date | null };

/** Where a person's picture is; a new picture has a new address. */
export const pictureUrlOf = ({ personId, pictureDigest }: Pick<Person, 'personId' | 'pictureDigest'>): string | null =>
  pictureDigest === null ? null : `/api/people/${personId}/picture?v=${pictureDigest.slice(0, 16)}`;

/** A person as others see them. */
export const peerOf = (person: Pick<Person, 'personId' | 'displayName' | 'verifiedAt' | 'pictureDigest'>): Peer => ({
  personId: person.personId,
  displayName: person.displayName,
  pictureUrl: pictureUrlOf(person),
  isVerified: person.verifiedAt !== null,
});

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

  /** What the operator says of a person. @throws UserError `person_not_found` */
  async setMarks(personId: PersonId, marks: { isVerified: boolean; isStaff: boolean }): Promise<void> {
    const rows = await this.#database.query(
      `update person set is_staff = $3, verified_at = case when $2::boolean then coalesce(verified_at, now()) end
        where id = $1 returning id`,
      [personId, marks.isVerified, marks.isStaff],
    );
    if (rows.length === 0) throw new UserError('person_not_found');
  }

  people(): Promise<Person[]> {
    return this.#people('order by person.id', []);
  }

  async peopleById(personIds: readonly PersonId[]): Promise<Map<PersonId, Person>> {
    const people = await this.#people('where person.id = any($1::bigint[])', [personIds]);
    return new Map(people.map((person) => [person.personId, person]));
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
      `update model_profile set rate_minor = $2, minimum_min = $3, about = $4, languages = $5, tags = $6
        where person_id = $1`,
      [personId, profile.rateMinor, profile.minimumMin, profile.about, profile.languages, profile.tags],
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
              to_jsonb(languages) as languages, to_jsonb(tags) as tags,
              available_until as "availableUntil"
         from person join model_profile on person_id = person.id
        where role = 'model' ${where} order by person.id`,
      values,
    )) as unknown as TermsRow[];
    return rows.map(({ rateMinor, minimumMin, about, languages, tags, ...person }) => ({
      ...person,
      profile: { rateMinor, minimumMin, about, languages, tags },
    }));
  }
}
