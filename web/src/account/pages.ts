import { PAGE_SIZE_MAX } from '@contract/limits.ts';
import { type Accessor, createSignal } from 'solid-js';
import { toUserFacing, type UserFacing } from '~/api';

export const PAGE_SIZE = Math.min(25, PAGE_SIZE_MAX);

/** A list that is read page by page, newest first. */
export type Paged<T> = {
  /** Undefined until the first page is there. */
  lines: Accessor<T[] | undefined>;
  error: Accessor<UserFacing | null>;
  isBusy: Accessor<boolean>;
  hasMore: Accessor<boolean>;
  more(): Promise<void>;
};

export function createPaged<T>(
  idOf: (line: T) => number,
  read: (page: { before?: number; limit: number }) => Promise<T[]>,
): Paged<T> {
  const [lines, setLines] = createSignal<T[]>();
  const [error, setError] = createSignal<UserFacing | null>(null);
  const [isBusy, setBusy] = createSignal(false);
  const [hasMore, setHasMore] = createSignal(false);

  async function more() {
    if (isBusy()) return;
    setBusy(true);
    setError(null);
    try {
      const last = lines()?.at(-1);
      const page = await read(last === undefined ? { limit: PAGE_SIZE } : { before: idOf(last), limit: PAGE_SIZE });
      setLines((before) => [...(before ?? []), ...page]);
      setHasMore(page.length === PAGE_SIZE);
    } catch (thrown) {
      setError(toUserFacing(thrown));
    } finally {
      setBusy(false);
    }
  }
  void more();
  return { lines, error, isBusy, hasMore, more };
}
