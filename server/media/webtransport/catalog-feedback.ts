import { Compile } from 'typebox/compile';
import { CATALOG_BYTES_MAX, Catalog, FEEDBACK_BYTES_MAX, Feedback } from '../../contract/index.ts';

const catalogs = Compile(Catalog);
const feedbacks = Compile(Feedback);
const decoder = new TextDecoder('utf-8', { fatal: true });
const encoder = new TextEncoder();

/** What a page sends beside media, checked and written anew; null when it is not what it should be. */
export const readCatalog = (payload: Uint8Array): Uint8Array | null => reread(payload, CATALOG_BYTES_MAX, catalogs);
export const readFeedback = (payload: Uint8Array): Uint8Array | null => reread(payload, FEEDBACK_BYTES_MAX, feedbacks);

function reread(payload: Uint8Array, bytesMax: number, schema: { Check(value: unknown): boolean }): Uint8Array | null {
  if (payload.byteLength > bytesMax) return null;
  try {
    const value: unknown = JSON.parse(decoder.decode(payload));
    return schema.Check(value) ? encoder.encode(JSON.stringify(value)) : null;
  } catch {
    return null;
  }
}

/** A page that says more than this has something else in mind. */
const CATALOGS_MAX = 200;
const FEEDBACKS_PER_S_MAX = 40;

/** What one page says beside media, in bounds. */
export class PageWords {
  /** The newest. */
  catalog: Uint8Array | null = null;
  #catalogs = 0;
  #feedbacks = { sinceMs: 0, count: 0 };

  /** @returns what may be passed on; null when it is none, or too much */
  read(name: 'catalog' | 'feedback', payload: Uint8Array, nowMs: number): Uint8Array | null {
    return name === 'catalog' ? this.#catalog(payload) : this.#feedback(payload, nowMs);
  }

  #catalog(payload: Uint8Array): Uint8Array | null {
    this.#catalogs += 1;
    if (this.#catalogs > CATALOGS_MAX) return null;
    this.catalog = readCatalog(payload);
    return this.catalog;
  }

  #feedback(payload: Uint8Array, nowMs: number): Uint8Array | null {
    if (nowMs - this.#feedbacks.sinceMs > 1_000) this.#feedbacks = { sinceMs: nowMs, count: 0 };
    this.#feedbacks.count += 1;
    return this.#feedbacks.count > FEEDBACKS_PER_S_MAX ? null : readFeedback(payload);
  }
}
