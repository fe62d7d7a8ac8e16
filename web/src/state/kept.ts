import { type Accessor, createMemo, type Resource } from 'solid-js';
import { mergeNewest } from './pagination.ts';

/**
 * What was read last. It stays while a later reading runs or has failed, does not change when the answer says
 * the same, and, unlike the resource itself, never takes the page away while it loads.
 */
export function kept<T>(read: Resource<T>): Accessor<T | undefined> {
  return createMemo<T | undefined>((before) => {
    const now = settled(read);
    return now === undefined || JSON.stringify(now) === JSON.stringify(before) ? before : now;
  });
}

/** The same for a list: a line that says the same stays the same object, so that its row is not rebuilt. */
export function keptList<T>(read: Resource<T[]>, idOf: (line: T) => number): Accessor<T[] | undefined> {
  return createMemo<T[] | undefined>((before) => {
    const now = settled(read);
    return now && mergeNewest(before ?? [], now, idOf, Number.POSITIVE_INFINITY);
  });
}

const settled = <T>(read: Resource<T>): T | undefined =>
  read.state === 'ready' || read.state === 'refreshing' ? read.latest : undefined;
