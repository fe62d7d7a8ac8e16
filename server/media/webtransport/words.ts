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
