// The form of a backup: a tar, packed with gzip, encrypted with age. So any machine with `age` and `tar` can look into one.
import fs from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createGzip } from 'node:zlib';
import { Decrypter, Encrypter } from 'age-encryption';
import tar, { type Pack } from 'tar-stream';

/** A backup cannot be written or restored; the message is for the operator, and nothing was changed. */
export class BackupError extends Error {
  override readonly name = 'BackupError';
}

/** Who can open a backup: whoever knows the passphrase, or has the key that belongs to the recipient. */
export type Lock = { readonly passphrase: string } | { readonly recipient: string };
export type Key = { readonly passphrase: string } | { readonly identity: string };

export interface Entry {
  readonly name: string;
  readonly bytes: Buffer;
}

/** No entry that we write is larger, and a larger one is not taken into memory. */
export const ENTRY_BYTES_MAX = 1_024 * 1_024;

/**
 * Writes entries into a new file that is there whole or not at all.
 * @returns what `fill` gives
 * @throws BackupError when there is such a file, or what it shall be locked with is no recipient
 */
export async function writeContainer<T>(
  file: string,
  lock: Lock,
  fill: (write: (entry: Entry) => Promise<void>) => Promise<T>,
): Promise<T> {
  const encrypter = encrypterFor(lock);
  if (fs.existsSync(file)) throw new BackupError(`${file} is there already; a backup is written over nothing.`);
  const part = `${file}.part`;
  const pack = tar.pack();
  const packed = createGzip();
  try {
    const sealed = await encrypter.encrypt(Readable.toWeb(packed) as unknown as ReadableStream<Uint8Array>);
    const filled = fill((entry) => writeEntry(pack, entry)).then(
      (result) => {
        pack.finalize();
        return result;
      },
      (error: Error) => {
        pack.destroy(error);
        throw error;
      },
    );
    const written = pipeline(sealed, fs.createWriteStream(part, { mode: 0o600, flush: true }));
    // Where one of them fails the others fail with it, by and by; the file is gone when nobody writes to it any more.
    const ends = await Promise.allSettled([filled, written, pipeline(pack, packed)]);
    const failures = ends.filter((end) => end.status === 'rejected').map(({ reason }) => reason);
    const ofFile = failures.find(isOfFile);
    if (ofFile) throw new BackupError(`${file} cannot be written: ${ofFile.message}.`, { cause: ofFile });
    if (failures.length > 0) throw failures[0];
    fs.renameSync(part, file);
    return await filled;
  } catch (error) {
    fs.rmSync(part, { force: true });
    throw error;
  }
}

/** Such as a folder that is not there, or a disk that is full. */
const isOfFile = (error: NodeJS.ErrnoException) => error.syscall === 'open' || error.syscall === 'write';

function writeEntry(pack: Pack, { name, bytes }: Entry): Promise<void> {
  return new Promise((resolve, reject) => {
    pack
      .entry({ name, size: bytes.length, mode: 0o600, mtime: new Date(0) }, bytes, (error) =>
        error ? reject(error) : resolve(),
      )
      .on('error', reject);
  });
}

function encrypterFor(lock: Lock): Encrypter {
  const encrypter = new Encrypter();
  if ('passphrase' in lock) encrypter.setPassphrase(lock.passphrase);
  else {
    orRefuse(
      () => encrypter.addRecipient(lock.recipient),
      `"${lock.recipient}" is no recipient of age: they begin with age1, as age-keygen prints them.`,
    );
  }
  return encrypter;
}

function decrypterFor(key: Key): Decrypter {
  const decrypter = new Decrypter();
  if ('passphrase' in key) decrypter.addPassphrase(key.passphrase);
  else {
    orRefuse(
      () => decrypter.addIdentity(key.identity),
      'That is no identity of age: they begin with AGE-SECRET-KEY-1, as age-keygen prints them.',
    );
  }
  return decrypter;
}

/** age says of a key that it cannot read only where in it. */
function orRefuse(take: () => void, sentence: string): void {
  try {
    take();
  } catch (error) {
    throw new BackupError(sentence, { cause: error });
  }
}

/**
 * The entries of a backup, one after another.
 * @throws BackupError when the key does not open the file, or the file is none of ours, damaged or cut short
 */
export async function* readContainer(file: string, key: Key): AsyncGenerator<Entry> {
  const extract = tar.extract();
  const opened = await open(file, key);
  const unpacked = pipeline(opened, createGunzip(), extract).catch((error: Error) => {
    extract.destroy(error);
  });
  try {
    for await (const entry of extract) {
      const { name, size = 0 } = entry.header;
      if (size > ENTRY_BYTES_MAX)
        throw new BackupError(`${file} is no backup of Parlour: it has a part of ${size} bytes.`);
      const chunks: Buffer[] = [];
      for await (const chunk of entry) chunks.push(chunk as Buffer);
      yield { name, bytes: Buffer.concat(chunks) };
    }
    await unpacked;
  } catch (error) {
    if (error instanceof BackupError) throw error;
    throw new BackupError(`${file} is damaged: ${(error as Error).message}.`, { cause: error });
  } finally {
    extract.destroy();
  }
}

async function open(file: string, key: Key): Promise<Readable> {
  if (!fs.existsSync(file)) throw new BackupError(`There is no file ${file}.`);
  const decrypter = decrypterFor(key);
  const sealed = fs.createReadStream(file);
  try {
    const plain = await decrypter.decrypt(Readable.toWeb(sealed) as unknown as ReadableStream<Uint8Array>);
    return Readable.from(plain as unknown as AsyncIterable<Uint8Array>);
  } catch (error) {
    sealed.destroy();
    const { message } = error as Error;
    if (/no identity matched/.test(message))
      throw new BackupError(`This does not open ${file}: it was locked with another.`);
    throw new BackupError(`${file} is no backup of Parlour, or damaged at its beginning: ${message}.`);
  }
}
