import { PAGE_SIZE_MAX } from '@contract/limits.ts';
import { type Accessor, createSignal, untrack } from 'solid-js';
import { toUserFacing } from '~/api';
import { errorText } from '~/i18n';
import { keepFresh } from './fresh.ts';
import { onChange } from './on-change.ts';

export const PAGE_SIZE = Math.min(25, PAGE_SIZE_MAX);

/** A list that is read page by page, newest first, and that takes in what is new. */
export type Paged<T> = {
  /** Undefined until the first page is there. */
  lines: Accessor<T[] | undefined>;
  /** What went wrong with the last reading, in words. */
  problem: Accessor<string | undefined>;
  isBusy: Accessor<boolean>;
  hasMore: Accessor<boolean>;
  more(): Promise<void>;
  /** Reads the newest page again. */
  refresh(): Promise<void>;
};
export type PageOf<T> = (page: { before?: number; limit: number }) => Promise<T[]>;

/**
 * The newest page laid over what is known. A line that says the same stays the same object, so that its row
 * is not rebuilt; where the page no longer reaches what is known, the list begins anew.
 */
export function mergeNewest<T>(known: readonly T[], page: readonly T[], idOf: (line: T) => number, size: number): T[] {
  const before = new Map(known.map((line) => [idOf(line), line]));
  const kept = page.map((line) => {
    const old = before.get(idOf(line));
    return old !== undefined && JSON.stringify(old) === JSON.stringify(line) ? old : line;
  });
  const last = page.at(-1);
  if (last === undefined || page.length < size || !known.some((line) => idOf(line) >= idOf(last))) return kept;
  return [...kept, ...known.filter((line) => idOf(line) < idOf(last))];
}

/** Readings of one list, one after the other. */
function createReadings() {
  let turn: Promise<void> = Promise.resolve();
  /** A reading of the newest page that has not begun. */
  let next: Promise<void> | null = null;
  /** Rises when the list begins anew: what waits is not read any more. */
  let round = 0;
  function add(reading: () => Promise<void>): Promise<void> {
    const mine = round;
    turn = turn.then(() => (mine === round ? reading() : undefined));
    return turn;
  }
  return {
    add,
    last: () => turn,
    /** The same reading waits once, however often it is asked for. */
    addOnce(reading: () => Promise<void>): Promise<void> {
      next ??= add(() => {
        next = null;
        return reading();
      });
      return next;
    },
    drop() {
      round += 1;
      turn = Promise.resolve();
      next = null;
    },
  };
}

/** `filter` is plain data, read before each page; when it says something else, the list begins anew. */
export function createPaged<T>(
  idOf: (line: T) => number,
  read: PageOf<T>,
  options: { filter?: Accessor<unknown>; isPolling?: (lines: T[] | undefined) => boolean } = {},
): Paged<T> {
  const [lines, setLines] = createSignal<T[]>();
  const [problem, setProblem] = createSignal<string>();
  const [isBusy, setBusy] = createSignal(false);
  const [hasMore, setHasMore] = createSignal(false);
  /** Rises when the list begins anew: an answer to an older question is dropped. */
  let round = 0;

  const readings = createReadings();

  async function readPage() {
    const mine = round;
    setProblem(undefined);
    try {
      const last = untrack(lines)?.at(-1);
      const page = await read(last === undefined ? { limit: PAGE_SIZE } : { before: idOf(last), limit: PAGE_SIZE });
      if (mine !== round) return;
      setLines((before) => [...(before ?? []), ...page]);
      setHasMore(page.length === PAGE_SIZE);
    } catch (thrown) {
      if (mine === round) setProblem(errorText(toUserFacing(thrown)));
    } finally {
      if (mine === round) setBusy(false);
    }
  }

  async function readNewest() {
    const mine = round;
    const known = untrack(lines);
    if (!known) return readPage();
    try {
      const page = await read({ limit: PAGE_SIZE });
      if (mine !== round) return;
      const merged = mergeNewest(known, page, idOf, PAGE_SIZE);
      if (page.length < PAGE_SIZE) setHasMore(false);
      else if (merged.length === page.length) setHasMore(true);
      setLines(merged);
    } catch (thrown) {
      // What is shown stays; the next message tries again.
      toUserFacing(thrown);
    }
  }

  function more(): Promise<void> {
    if (untrack(isBusy)) return readings.last();
    setBusy(true);
    return readings.add(readPage);
  }

  /** What is on its way may have been written before the message came: the newest is read after it. */
  const refresh = () => readings.addOnce(readNewest);

  onChange(
    () => JSON.stringify(options.filter?.() ?? null),
    () => {
      round += 1;
      readings.drop();
      setLines(undefined);
      setHasMore(false);
      setBusy(false);
      void more();
    },
  );
  keepFresh(refresh, () => options.isPolling?.(untrack(lines)) ?? false);
  return { lines, problem, isBusy, hasMore, more, refresh };
}
