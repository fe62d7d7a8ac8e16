import { useSearchParams } from '@solidjs/router';
import { type Accessor, createMemo, type JSX } from 'solid-js';
import { createPaged, type Paged, type PageOf } from '~/state';
import { Card, Listed, More, Rows, Segments } from '~/ui';

/** Lines of which those in one state can be shown; the state stands in the address. */
type StateList<Line, State> = {
  list: Paged<Line>;
  state: Accessor<State | null>;
  show(state: State | 'all'): void;
};

/** @param read one page of the lines in a state; null: in all states */
export function createStateList<Line, State extends string>(
  states: readonly State[],
  idOf: (line: Line) => number,
  read: (state: State | null, page: Parameters<PageOf<Line>>[0]) => Promise<Line[]>,
): StateList<Line, State> {
  const [params, setParams] = useSearchParams<{ state: string }>();
  const state = createMemo(() => states.find((one) => one === params.state) ?? null);
  const list = createPaged<Line>(idOf, (page) => read(state(), page), { filter: state });
  const show = (value: State | 'all') =>
    setParams({ state: value === 'all' ? null : value }, { replace: true, scroll: false });
  return { list, state, show };
}

/** Which state is shown. */
export function StateFilter<State extends string>(props: {
  label: string;
  all: string;
  states: readonly State[];
  labelOf: (state: State) => string;
  state: State | null;
  onShow: (state: State | 'all') => void;
}) {
  return (
    <Segments
      label={props.label}
      options={[
        { value: 'all' as const, label: props.all },
        ...props.states.map((value) => ({ value, label: props.labelOf(value) })),
      ]}
      value={props.state ?? ('all' as const)}
      onChange={props.onShow}
    />
  );
}

/** A list that is read page by page, in a card. */
export function ListCard<Line>(props: {
  list: Paged<Line>;
  idOf: (line: Line) => number;
  empty: JSX.Element;
  children: (line: Accessor<Line>) => JSX.Element;
}) {
  return (
    <Card flush>
      <Listed items={props.list.lines()} error={props.list.problem()} onRetry={props.list.more} empty={props.empty}>
        {(lines) => (
          <ul class="divide-y divide-line">
            <Rows each={lines()} idOf={props.idOf}>
              {(line) => props.children(line)}
            </Rows>
          </ul>
        )}
      </Listed>
      <More list={props.list} error={props.list.problem()} />
    </Card>
  );
}
