import {
  AVAILABLE_HOURS_MAX,
  type Peer,
  type PeopleQuery,
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
  readonly hasPassword: boolean;
  /** When the operator saw who they are; null: not yet. */
  readonly verifiedAt: Date | null;
  readonly isStaff: boolean;
  /** Since when the operator lets them in no more; null: they may come in. */
  readonly suspendedAt: Date | null;
  readonly suspendedWhy: string | null;
  /** When they ended their account; nobody signs in to it again. */
  readonly deletedAt: Date | null;
  /** Version of their picture; null when there is none. */
  readonly pictureDigest: string | null;
  /** A model's own part of what is charged, in per cent; null: the appliance's, and for who is no model. */
  readonly sharePercent: number | null;
}

/** A model with what she offers. */
export interface PersonTerms extends Person {
  readonly profile: Profile;
  /** Whether she has set it herself: else it is what every new model begins with. */
  readonly isProfileSet: boolean;
  readonly availableUntil: Date | null;
  /** No ring of who has looked too often without connecting reaches her. */
  readonly refusesLooks: boolean;
}

export const SESSION_MS = 30 * 24 * 3_600_000;
const HOUR_MS = 3_600_000;
/** A new model's terms until she sets her own. */
const FIRST_PROFILE: Profile = { rateMinor: 200, minimumMin: 1, about: '', languages: [], tags: [] };

export const PERSON_COLUMNS = `person.id as "personId", role, username, display_name as "displayName",
  person.created_at as "createdAt", password_hash is not null as "hasPassword",
  verified_at as "verifiedAt", is_staff as "isStaff",
  shut_out_at as "suspendedAt", shut_out_why as "suspendedWhy", deleted_at as "deletedAt",
  (select digest from person_picture where person_picture.person_id = person.id) as "pictureDigest",
  (select share_percent from model_profile where model_profile.person_id = person.id) as "sharePercent"`;
const UNIQUE_VIOLATION = '23505';
const PEOPLE_PER_PAGE = 50;
/** Whom the studio would be left with: taken with a lock, so that two operators cannot shut each other out at once. */
const OPERATORS = `operators as (
  select id from person where role = 'operator' and shut_out_at is null and deleted_at is null for update)`;
const NOT_THE_LAST = `(role <> 'operator' or exists (select 1 from operators where operators.id <> $1))`;

type TermsRow = Person & Profile & Pick<PersonTerms, 'availableUntil' | 'isProfileSet' | 'refusesLooks'>;

/** A user name as it is kept, of one that a person has typed. */
export const usernameOf = (typed: string): string => typed.trim().toLowerCase();

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

  /** People, newest first. Those who ended their account only where they are asked for. */
  people(query: PeopleQuery = {}): Promise<Person[]> {
    const state = {
      active: 'shut_out_at is null and deleted_at is null',
      suspended: 'shut_out_at is not null and deleted_at is null',
      deleted: 'deleted_at is not null',
      any: 'deleted_at is null',
    }[query.state ?? 'any'];
    return this.#people(
      `where ${state} and person.id < $1 and ($2::text is null or role = $2)
         and ($3::text is null or position(lower($3) in lower(display_name || ' ' || username)) > 0)
       order by person.id desc limit $4`,
      [
        query.before ?? Number.MAX_SAFE_INTEGER,
        query.role ?? null,
        query.search?.trim() || null,
        query.limit ?? PEOPLE_PER_PAGE,
      ],
    );
  }

  /** However the name is written: as `usernameOf` reads it. */
  async byUsername(username: string): Promise<Person | null> {
    const [person] = await this.#people('where username = $1', [usernameOf(username)]);
    return person ?? null;
  }

  /**
   * Lets a person in no more: their sessions and links end, and a model's calls turn off.
   * @throws UserError `person_not_found`, `last_operator`
   */
  async suspend(personId: PersonId, reason: string): Promise<void> {
    const rows = await this.#database.query(
      `with ${OPERATORS}, shut as (
         update person set shut_out_at = coalesce(shut_out_at, now()), shut_out_why = $2
          where id = $1 and deleted_at is null and ${NOT_THE_LAST} returning id
       ), sessions as (delete from session where person_id in (select id from shut)),
       links as (delete from sign_in_link where person_id in (select id from shut)),
       off as (update model_profile set available_until = null where person_id in (select id from shut))
       select id from shut`,
      [personId, reason.trim()],
    );
    if (rows.length === 0) throw await this.#whyNot(personId);
  }

  /** @throws UserError `person_not_found` */
  async liftSuspension(personId: PersonId): Promise<void> {
    const rows = await this.#database.query(
      'update person set shut_out_at = null, shut_out_why = null where id = $1 and deleted_at is null returning id',
      [personId],
    );
    if (rows.length === 0) throw new UserError('person_not_found');
  }

  /**
   * Ends an account for good, in one statement: what names the person goes, the row that money and calls point
   * to stays.
   * @throws UserError `person_not_found`, `last_operator`
   */
  async erase(personId: PersonId): Promise<void> {
    // No person can choose a user name with a colon in it.
    const rows = await this.#database.query(
      `with ${OPERATORS}, gone as (
         update person set username = 'deleted:' || id, display_name = 'Deleted ' || id, password_hash = null,
                           verified_at = null, is_staff = false, shut_out_why = null, deleted_at = now()
          where id = $1 and deleted_at is null and ${NOT_THE_LAST} returning id
       ), sessions as (delete from session where person_id in (select id from gone)),
       links as (delete from sign_in_link where person_id in (select id from gone)),
       picture as (delete from person_picture where person_id in (select id from gone)),
       offer as (update model_profile set available_until = null, about = '', languages = '{}', tags = '{}'
                  where person_id in (select id from gone))
       select id from gone`,
      [personId],
    );
    if (rows.length === 0) throw await this.#whyNot(personId);
  }

  async #whyNot(personId: PersonId): Promise<UserError> {
    const { deletedAt } = await this.person(personId);
    return new UserError(deletedAt === null ? 'last_operator' : 'person_not_found');
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
      `update model_profile set rate_minor = $2, minimum_min = $3, about = $4, languages = $5, tags = $6,
              set_at = coalesce(set_at, now())
        where person_id = $1`,
      [personId, profile.rateMinor, profile.minimumMin, profile.about, profile.languages, profile.tags],
    );
  }

  async setRingTerms(personId: PersonId, { refusesLooks }: { refusesLooks: boolean }): Promise<void> {
    await this.#database.query('update model_profile set refuses_looks = $2 where person_id = $1', [
      personId,
      refusesLooks,
    ]);
  }

  /**
   * What a model receives of what is charged from now on; calls that exist keep theirs.
   * @param percent 0 to 100; null: the appliance's setting
   * @throws UserError `person_not_found` when this is no model
   */
  async setShare(personId: PersonId, percent: number | null): Promise<void> {
    await this.model(personId);
    await this.#database.query('update model_profile set share_percent = $2 where person_id = $1', [personId, percent]);
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
              available_until as "availableUntil", set_at is not null as "isProfileSet",
              refuses_looks as "refusesLooks"
         from person join model_profile on person_id = person.id
        where role = 'model' and shut_out_at is null and deleted_at is null ${where} order by person.id`,
      values,
    )) as unknown as TermsRow[];
    return rows.map(({ rateMinor, minimumMin, about, languages, tags, ...person }) => ({
      ...person,
      profile: { rateMinor, minimumMin, about, languages, tags },
    }));
  }
}
