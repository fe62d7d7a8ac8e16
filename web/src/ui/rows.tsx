import { type Accessor, createMemo, For, type JSX } from 'solid-js';

/** Rows that change places are taken out and put in, and a browser forgets the focus over it. */
function keepFocus<T>(rows: T): T {
  const before = document.activeElement;
  queueMicrotask(() => {
    const isLost = document.activeElement === document.body;
    if (isLost && before instanceof HTMLElement && before.isConnected) before.focus({ preventScroll: true });
  });
  return rows;
}

/**
 * A row for each id. An update changes what a row says, never the row itself: what is open, written or focused in it
 * stays, and a press that has begun ends on what it began on.
 */
export function Rows<T, Id extends string | number>(props: {
  each: readonly T[];
  idOf: (item: T) => Id;
  children: (item: Accessor<T>, index: Accessor<number>) => JSX.Element;
}) {
  const byId = createMemo(() => new Map(props.each.map((item): [Id, T] => [props.idOf(item), item])));
  const ids = createMemo(() => keepFocus([...byId().keys()]), [], {
    equals: (before, now) => before.length === now.length && before.every((id, index) => id === now[index]),
  });
  return (
    <For each={ids()}>
      {(id, index) => {
        // What is gone says what it said last, until its row is gone too.
        const item = createMemo((before: T) => byId().get(id) ?? before, byId().get(id) as T);
        return props.children(item, index);
      }}
    </For>
  );
}
