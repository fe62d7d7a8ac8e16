import t from 'tap';
import { loadPageModules, standInForBrowser } from '../support/page-modules.ts';

// The pages' own primitives: what is read stays, lists by page, effects on a value, and the hub's back-off.

type Accessor<T> = () => T;
type Line = { id: number; text: string };
type Page = { before?: number; limit: number };
interface Modules {
  createRoot<T>(build: (dispose: () => void) => T): T;
  createSignal<T>(value: T): [Accessor<T>, (next: T) => void];
  createComponent(component: unknown, props: object): unknown;
  HubProvider: unknown;
  SessionProvider: unknown;
  backOffMs(attempt: number, chance: number): number;
  mergeNewest(known: readonly Line[], page: readonly Line[], idOf: (line: Line) => number, size: number): Line[];
  PAGE_SIZE: number;
  kept<T>(read: unknown): Accessor<T | undefined>;
  onChange<T>(value: Accessor<T>, act: (now: T, before: T | undefined) => void, options?: { defer?: boolean }): void;
  createPaged(
    idOf: (line: Line) => number,
    read: (page: Page) => Promise<Line[]>,
    options?: { filter?: Accessor<unknown> },
  ): {
    lines: Accessor<Line[] | undefined>;
    problem: Accessor<string | undefined>;
    hasMore: Accessor<boolean>;
    more(): Promise<void>;
    refresh(): Promise<void>;
  };
}

standInForBrowser();
const web = await loadPageModules<Modules>(`
  export { createComponent, createRoot, createSignal } from 'solid-js';
  export { HubProvider } from '~/hub';
  export { backOffMs } from '~/hub/hub.ts';
  export { SessionProvider } from '~/state/session-context.ts';
  export { kept } from '~/state/kept.ts';
  export { onChange } from '~/state/on-change.ts';
  export { createPaged, mergeNewest, PAGE_SIZE } from '~/state/pagination.ts';
`);
const idOf = (line: Line) => line.id;
const line = (id: number, text = 'as it was'): Line => ({ id, text });
/** Newest first: from `newest` down, so many. */
const lines = (newest: number, count: number) => Array.from({ length: count }, (_, i) => line(newest - i));
const settled = () => new Promise((resolve) => setTimeout(resolve, 5));

t.test('the back-off doubles from 250 ms up to 8 s, and half of it is chance', async (t) => {
  t.same(
    [0, 1, 2, 3, 4, 5, 6].map((attempt) => web.backOffMs(attempt, 1)),
    [250, 500, 1_000, 2_000, 4_000, 8_000, 8_000],
  );
  t.same([web.backOffMs(0, 0), web.backOffMs(3, 0.5), web.backOffMs(60, 0)], [125, 1_500, 4_000]);
});

t.test('a newest page laid over what is known', async (t) => {
  const known = lines(3, 3);
  const same = web.mergeNewest(known, [line(4), line(3), line(2, 'new')], idOf, 3);
  t.same(same, [line(4), line(3), line(2, 'new'), line(1)]);
  t.equal(same[1], known[0], 'what says the same stays the same object');
  t.same(web.mergeNewest(known, [line(9), line(8), line(7)], idOf, 3), lines(9, 3), 'a gap begins the list anew');
  t.same(web.mergeNewest(known, [line(3), line(2)], idOf, 3), lines(3, 2), 'a short page is all that there is');
});

t.test('an effect on a value runs at first, and when the value is another', async (t) => {
  const [value, setValue] = web.createSignal({ state: 'live', seq: 1 });
  const seen: [string, string | undefined][] = [];
  const later: string[] = [];
  const dispose = web.createRoot((dispose) => {
    web.onChange(
      () => value().state,
      (now, before) => seen.push([now, before]),
    );
    web.onChange(
      () => value().state,
      (now) => later.push(now),
      { defer: true },
    );
    return dispose;
  });
  setValue({ state: 'live', seq: 2 });
  setValue({ state: 'ended', seq: 3 });
  t.same(seen, [
    ['live', undefined],
    ['ended', 'live'],
  ]);
  t.same(later, ['ended']);
  dispose();
});

t.test(
  'what was read stays while it is read again or that fails, and the same answer is the same object',
  async (t) => {
    const [resource, setResource] = web.createSignal<{ state: string; latest?: unknown }>({ state: 'pending' });
    const read = {
      get state() {
        return resource().state;
      },
      get latest() {
        return resource().latest;
      },
    };
    const [known, dispose] = web.createRoot((dispose) => [web.kept<{ n: number }>(read), dispose] as const);
    t.equal(known(), undefined);
    setResource({ state: 'ready', latest: { n: 1 } });
    const first = known();
    t.same(first, { n: 1 });
    setResource({ state: 'refreshing', latest: { n: 1 } });
    t.equal(known(), first);
    setResource({ state: 'errored' });
    t.equal(known(), first);
    setResource({ state: 'ready', latest: { n: 2 } });
    t.same(known(), { n: 2 });
    dispose();
  },
);

t.test('a list by page: further pages, the newest again, and a filter that begins it anew', async (t) => {
  const size = web.PAGE_SIZE;
  let newest = size + 2;
  const asked: Page[] = [];
  const read = async (page: Page) => {
    asked.push(page);
    return lines(Math.min(newest, (page.before ?? newest + 1) - 1), page.limit).filter(({ id }) => id > 0);
  };
  const [filter, setFilter] = web.createSignal('all');
  const hub = { listen: () => () => {}, state: () => 'open' };
  const [list, dispose] = web.createRoot((dispose) => {
    let made: ReturnType<Modules['createPaged']> | undefined;
    web.createComponent(web.HubProvider, {
      value: hub,
      get children() {
        return web.createComponent(web.SessionProvider, {
          value: { me: () => null },
          get children() {
            made = web.createPaged(idOf, read, { filter });
            return null;
          },
        });
      },
    });
    return [made as ReturnType<Modules['createPaged']>, dispose] as const;
  });
  await settled();
  t.same(list.lines()?.map(idOf), lines(newest, size).map(idOf));
  t.equal(list.hasMore(), true);

  await list.more();
  t.same(asked.at(-1), { before: 3, limit: size });
  t.equal(list.lines()?.length, size + 2);
  t.equal(list.hasMore(), false);

  newest += 1;
  await Promise.all([list.refresh(), list.refresh()]);
  t.equal(asked.length, 3, 'two wishes that wait are one reading');
  t.equal(list.lines()?.[0]?.id, size + 3);

  setFilter('open');
  await settled();
  t.same(asked.at(-1), { limit: size });
  t.equal(list.lines()?.length, size);
  dispose();
});
