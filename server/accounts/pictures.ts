import { createHash } from 'node:crypto';
import { type PersonId, PICTURE_BYTES_MAX, UserError } from '../contract/index.ts';
import type { Database } from '../store/index.ts';

export interface Picture {
  readonly mediaType: 'image/jpeg' | 'image/png' | 'image/webp';
  readonly bytes: Buffer;
}

/** People's pictures. They are given out as they came, so only what a browser can show and cannot run gets in. */
export class Pictures {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** @throws UserError `bad_picture`, `too_large` */
  async set(personId: PersonId, bytes: Buffer): Promise<void> {
    if (bytes.length > PICTURE_BYTES_MAX) throw new UserError('too_large');
    const mediaType = mediaTypeOf(bytes);
    if (!mediaType) throw new UserError('bad_picture');
    await this.#database.query(
      `insert into person_picture (person_id, media_type, bytes, digest) values ($1, $2, $3, $4)
       on conflict (person_id) do update
          set media_type = excluded.media_type, bytes = excluded.bytes, digest = excluded.digest, set_at = now()`,
      [personId, mediaType, bytes, createHash('sha256').update(bytes).digest('hex')],
    );
  }

  async remove(personId: PersonId): Promise<void> {
    await this.#database.query('delete from person_picture where person_id = $1', [personId]);
  }

  /** @throws UserError `no_picture` */
  async read(personId: PersonId): Promise<Picture> {
    const [row] = await this.#database.query<{ mediaType: Picture['mediaType']; bytes: Buffer }>(
      'select media_type as "mediaType", bytes from person_picture where person_id = $1',
      [personId],
    );
    if (!row) throw new UserError('no_picture');
    return row;
  }
}

/** By the first bytes of the file, whatever its name says. */
function mediaTypeOf(bytes: Buffer): Picture['mediaType'] | null {
  const starts = (...values: number[]) => values.every((value, index) => bytes[index] === value);
  if (starts(0xff, 0xd8, 0xff)) return 'image/jpeg';
  if (starts(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a)) return 'image/png';
  if (bytes.toString('latin1', 0, 4) === 'RIFF' && bytes.toString('latin1', 8, 12) === 'WEBP') return 'image/webp';
  return null;
}
