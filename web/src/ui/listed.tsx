import { type Accessor, For, type JSX, Match, Show, Switch } from 'solid-js';
import { t } from '~/i18n';
import { Button } from './button.tsx';
import { Skeleton } from './skeleton.tsx';

/** A list in its four states: loading, failed, empty, there. What is there stays when a later reading fails. */
export function Listed<T>(props: {
  items: T[] | undefined;
  /** What went wrong, as people read it. */
  error: string | undefined;
  onRetry: () => void;
  empty: JSX.Element;
  children: (items: Accessor<T[]>) => JSX.Element;
}) {
  return (
    <Switch>
      <Match when={props.items?.length === 0}>{props.empty}</Match>
      <Match when={props.items}>{(items) => props.children(items)}</Match>
      <Match when={props.error}>
        <Failed text={props.error ?? ''} onRetry={props.onRetry} />
      </Match>
      <Match when={true}>
        <div class="grid gap-4 p-6" role="status" aria-label={t('common.loading')}>
          <For each={[1, 2, 3]}>{() => <Skeleton class="h-11" />}</For>
        </div>
      </Match>
    </Switch>
  );
}

export function Failed(props: { text: string; onRetry: () => void }) {
  return (
    <div class="grid justify-items-center gap-3 p-6 text-center" role="alert">
      <p>{props.text}</p>
      <Button tone="quiet" onClick={() => props.onRetry()}>
        {t('common.tryAgain')}
      </Button>
    </div>
  );
}

/** The way on in a list that is read page by page; says when a further page could not be read. */
export function More(props: {
  list: { hasMore: () => boolean; isBusy: () => boolean; more: () => Promise<void>; lines: () => unknown };
  error?: string | undefined;
}) {
  return (
    <Show when={props.list.lines() && props.list.hasMore()}>
      <div class="grid justify-items-center gap-2 p-4">
        <Show when={props.error}>
          <p role="alert" class="text-sm font-medium text-danger">
            {props.error}
          </p>
        </Show>
        <Button tone="quiet" busy={props.list.isBusy()} onClick={() => props.list.more()}>
          {t('common.more')}
        </Button>
      </div>
    </Show>
  );
}
