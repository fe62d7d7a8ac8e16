import type { ErrorBody } from '@contract/errors.ts';
import { UserFacing } from './errors.ts';

const ANSWER_MS_MAX = 15_000;

/** The error in an answer, in either of the shapes it may have. */
function errorIn(body: unknown): ErrorBody | null {
  const outer = body as { error?: unknown; code?: unknown } | null;
  const inner = (typeof outer?.error === 'object' ? outer.error : outer) as ErrorBody | null;
  return typeof inner?.code === 'string' ? inner : null;
}

/** What a request carries: JSON, or a file as it is. */
function contentOf(body: unknown): RequestInit {
  if (body === undefined) return {};
  if (body instanceof Blob) return { headers: { 'content-type': body.type }, body };
  return { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
}

/** One request; rejects with UserFacing. */
export async function ask<T>(method: string, path: string, body?: unknown): Promise<T> {
  let response: Response;
  try {
    response = await fetch(`/api${path}`, {
      method,
      credentials: 'same-origin',
      signal: AbortSignal.timeout(ANSWER_MS_MAX),
      ...contentOf(body),
    });
  } catch (thrown) {
    throw new UserFacing((thrown as Error).name === 'TimeoutError' ? 'no_answer' : 'no_connection');
  }
  if (response.status === 204) return undefined as T;
  const answer: unknown = await response.json().catch(() => null);
  if (response.ok) return answer as T;
  const error = errorIn(answer);
  if (error) throw new UserFacing(error.code, error.message);
  throw new UserFacing(response.status >= 500 ? 'unavailable' : 'internal');
}

export type Page = { before?: number | undefined; limit?: number | undefined };

/** A query of the fields that have a value. */
export function query(fields: object): string {
  const params = new URLSearchParams();
  for (const [key, value] of Object.entries(fields)) if (value !== undefined) params.set(key, String(value));
  return params.size === 0 ? '' : `?${params}`;
}
