import { MESSAGE_LENGTH_MAX } from '@contract/limits.ts';
import type { ThreadMessage } from '@contract/threads.ts';
import { A } from '@solidjs/router';
import CheckCheck from 'lucide-solid/icons/check-check';
import Coins from 'lucide-solid/icons/coins';
import Gift from 'lucide-solid/icons/gift';
import Hourglass from 'lucide-solid/icons/hourglass';
import Phone from 'lucide-solid/icons/phone';
import PhoneMissed from 'lucide-solid/icons/phone-missed';
import SendHorizontal from 'lucide-solid/icons/send-horizontal';
import { type Component, For, Match, onCleanup, onMount, Show, Switch } from 'solid-js';
import { Dynamic } from 'solid-js/web';
import { errorText, locale, t } from '~/i18n';
import { formatDay, formatTime } from '~/money';
import { createForm, draftOf, onChange, useMoney, useSession } from '~/state';
import { Button, Failed, Skeleton } from '~/ui';
import { lineText } from './line-text.ts';
import type { LiveThread } from './thread.ts';

/** Nearer to the end than this, in pixels, the list follows what is new. */
const FOLLOW_PX = 80;

/** The lines with one person and the field to write in. Fills its place; scrolls inside. */
export function ThreadView(props: { thread: LiveThread; name: string; onStage?: boolean }) {
  const session = useSession();
  const live = props.thread;
  let list!: HTMLDivElement;
  const follow = createFollower(live, () => list);
  const isMine = (message: ThreadMessage) => message.authorId === session.me()?.personId;
  const lastReadOfMine = () => {
    const readId = live.thread()?.peerReadId ?? 0;
    return live.messages().findLast((message) => isMine(message) && message.messageId <= readId)?.messageId;
  };

  return (
    <div class="flex min-h-0 flex-1 flex-col">
      <div
        ref={list}
        onScroll={follow.look}
        tabindex="0"
        role="log"
        aria-label={t('messages.log', { name: props.name })}
        class="flex min-h-0 flex-1 flex-col overflow-y-auto px-4 py-4"
      >
        <NoLines thread={live} name={props.name} onStage={props.onStage ?? false} />
        <Show when={live.hasOlder()}>
          <div class="grid justify-items-center pb-4">
            <Button tone={props.onStage ? 'stage' : 'quiet'} size="sm" busy={live.isBusy()} onClick={live.older}>
              {t('messages.older')}
            </Button>
          </div>
        </Show>
        <ol class="mt-auto grid gap-1.5">
          <For each={live.messages()}>
            {(message, index) => (
              <>
                <DayMark at={message.at} before={live.messages()[index() - 1]?.at} onStage={props.onStage ?? false} />
                <Show
                  when={message.content.kind === 'text'}
                  fallback={<Event message={message} name={props.name} onStage={props.onStage ?? false} />}
                >
                  <Bubble
                    message={message}
                    isMine={isMine(message)}
                    isRead={message.messageId === lastReadOfMine()}
                    name={props.name}
                    onStage={props.onStage ?? false}
                  />
                </Show>
              </>
            )}
          </For>
        </ol>
      </div>
      <Foot thread={live} name={props.name} onStage={props.onStage ?? false} onSent={follow.toEnd} />
    </div>
  );
}

/** Keeps the list at its end while it is there, and says what was read. */
function createFollower(thread: LiveThread, list: () => HTMLElement) {
  let isAtEnd = true;
  const toEnd = () => {
    list().scrollTop = list().scrollHeight;
  };
  const look = () => {
    isAtEnd = list().scrollHeight - list().scrollTop - list().clientHeight < FOLLOW_PX;
    if (isAtEnd) thread.read();
  };
  onChange(thread.messages, () => {
    if (!isAtEnd) return;
    queueMicrotask(() => {
      toEnd();
      thread.read();
    });
  });
  onMount(() => {
    const observer = new ResizeObserver(() => isAtEnd && toEnd());
    observer.observe(list());
    document.addEventListener('visibilitychange', look);
    onCleanup(() => {
      observer.disconnect();
      document.removeEventListener('visibilitychange', look);
    });
  });
  return { look, toEnd };
}

/** While there is no line: it failed, it loads, or nothing was written yet. */
function NoLines(props: { thread: LiveThread; name: string; onStage: boolean }) {
  return (
    <Switch>
      <Match when={props.thread.error() && !props.thread.thread()}>
        <Failed text={errorText(props.thread.error() as never)} onRetry={props.thread.reload} />
      </Match>
      <Match when={!props.thread.thread()}>
        <div class="grid gap-3" role="status" aria-label={t('common.loading')}>
          <Skeleton class="h-10 w-2/3" />
          <Skeleton class="ml-auto h-10 w-1/2" />
        </div>
      </Match>
      <Match when={props.thread.messages().length === 0}>
        <p class={`m-auto max-w-xs text-center ${props.onStage ? 'text-on-stage-soft' : 'text-ink-soft'}`}>
          {t('messages.empty', { name: props.name })}
        </p>
      </Match>
    </Switch>
  );
}

/** The field to write in, or why there is none. */
function Foot(props: { thread: LiveThread; name: string; onStage: boolean; onSent: () => void }) {
  const session = useSession();
  return (
    <Show when={props.thread.thread()}>
      {(thread) => (
        <Show
          when={thread().canWrite}
          fallback={
            <p
              class={`border-t px-4 py-4 text-center text-sm ${props.onStage ? 'border-stage-line text-on-stage-soft' : 'border-line text-ink-soft'}`}
            >
              {t(
                thread().isBlocked
                  ? 'messages.blocked'
                  : session.me()?.role === 'model'
                    ? 'messages.writeFirst'
                    : 'messages.notReachable',
                { name: props.name },
              )}
            </p>
          }
        >
          <Composer
            peerId={thread().peer.personId}
            name={props.name}
            onStage={props.onStage}
            thread={props.thread}
            onSent={props.onSent}
          />
        </Show>
      )}
    </Show>
  );
}

function DayMark(props: { at: string; before: string | undefined; onStage: boolean }) {
  const dayOf = (at: string) => new Date(at).toLocaleDateString('sv-SE');
  return (
    <Show when={!props.before || dayOf(props.before) !== dayOf(props.at)}>
      <li
        class={`my-2 text-center text-xs font-medium ${props.onStage ? 'text-on-stage-soft' : 'text-ink-soft'}`}
        aria-hidden="true"
      >
        {formatDay(dayOf(props.at), locale)}
      </li>
    </Show>
  );
}

function Bubble(props: { message: ThreadMessage; isMine: boolean; isRead: boolean; name: string; onStage: boolean }) {
  const text = () => (props.message.content.kind === 'text' ? props.message.content.text : '');
  const tone = () => {
    if (props.isMine) return 'ml-auto rounded-br-md bg-brand text-on-brand';
    return `rounded-bl-md ${props.onStage ? 'bg-white/12 text-on-stage' : 'bg-sunken text-ink'}`;
  };
  return (
    <li class={`w-fit max-w-[85%] rounded-2xl px-3.5 py-2 ${tone()}`}>
      <span class="sr-only">{props.isMine ? t('messages.you') : props.name}: </span>
      <p class="break-words whitespace-pre-wrap">{text()}</p>
      <p class="mt-0.5 flex items-center justify-end gap-1 text-xs opacity-85">
        <time dateTime={props.message.at}>{formatTime(props.message.at, locale)}</time>
        <Show when={props.isRead}>
          <CheckCheck size={14} aria-hidden="true" />
          <span class="sr-only">{t('messages.readBy', { name: props.name })}</span>
        </Show>
      </p>
    </li>
  );
}

const ICONS: Record<string, Component<{ size?: number }>> = {
  charge: Coins,
  low: Hourglass,
  out_of_funds: Hourglass,
  tip: Gift,
  call: Phone,
};

/** Something that happened in a call. */
function Event(props: { message: ThreadMessage; name: string; onStage: boolean }) {
  const session = useSession();
  const money = useMoney();
  const content = () => props.message.content;
  const isMissed = () => {
    const one = content();
    return one.kind === 'call' && (one.outcome === 'missed' || one.outcome === 'withdrawn');
  };
  const words = () =>
    lineText(content(), {
      mySide: session.me()?.role === 'model' ? 'model' : 'client',
      name: props.name,
      money,
      locale,
    });
  const receipt = () => {
    const one = content();
    return one.kind === 'call' && one.chargedMinor > 0 && !props.onStage ? `/calls/${one.callId}` : null;
  };
  return (
    <li
      class={`mx-auto flex max-w-[95%] items-start justify-center gap-2 py-0.5 text-center text-sm ${props.onStage ? 'text-on-stage-soft' : 'text-ink-soft'}`}
    >
      <span class="mt-0.5 shrink-0">
        <Dynamic component={isMissed() ? PhoneMissed : ICONS[content().kind]} size={15} aria-hidden="true" />
      </span>
      <span class="min-w-0 break-words">
        <span class="figures">{words()}</span>{' '}
        <time class="opacity-85" dateTime={props.message.at}>
          {formatTime(props.message.at, locale)}
        </time>
        <Show when={receipt()}>
          {(href) => (
            <>
              {' · '}
              <A href={href()} class="inline-block min-h-6 rounded underline underline-offset-4">
                {t('history.receipt')}
              </A>
            </>
          )}
        </Show>
      </span>
    </li>
  );
}

function Composer(props: { peerId: number; name: string; onStage: boolean; thread: LiveThread; onSent: () => void }) {
  const [text, setText] = draftOf('message', props.peerId);
  let field!: HTMLTextAreaElement;
  let onItsWay: string | null = null;
  /** What was typed meanwhile is the next message. */
  const landed = () => {
    if (onItsWay !== null && text().startsWith(onItsWay)) setText(text().slice(onItsWay.length).trimStart());
    onItsWay = null;
  };
  const form = createForm(
    () => text().trim() !== '',
    async () => {
      onItsWay = text();
      await props.thread.send(onItsWay);
      landed();
      field.focus();
      props.onSent();
    },
  );
  // It arrived although its answer did not: there is nothing to try again.
  onChange(props.thread.arrived, (one) => {
    if (!one || onItsWay?.trim() !== one.text) return;
    landed();
    form.setProblem(null);
  });
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
    void form.submit(event);
  };
  return (
    <form
      onSubmit={form.submit}
      class={`safe-bottom border-t px-3 pt-3 [--safe-min:0.75rem] ${props.onStage ? 'border-stage-line' : 'border-line'}`}
    >
      <Show when={form.problem()}>
        <p role="alert" class={`mb-2 text-sm font-medium ${props.onStage ? 'text-lamp' : 'text-danger'}`}>
          {form.problem()}
        </p>
      </Show>
      <div class="flex items-end gap-2">
        <textarea
          ref={field}
          rows={1}
          aria-label={t('messages.write', { name: props.name })}
          placeholder={t('messages.placeholder')}
          maxLength={MESSAGE_LENGTH_MAX}
          value={text()}
          onInput={(event) => setText(event.currentTarget.value)}
          onKeyDown={onKeyDown}
          class={`field-sizing-content max-h-32 min-h-12 w-full resize-none rounded-3xl border px-4 py-3 ${
            props.onStage
              ? 'border-white/45 bg-white/10 text-on-stage placeholder:text-on-stage-soft'
              : 'border-line-strong bg-card text-ink placeholder:text-ink-soft'
          }`}
        />
        <button
          type="submit"
          aria-label={t('messages.send')}
          disabled={text().trim() === '' || form.isBusy()}
          class={`flex size-12 shrink-0 items-center justify-center rounded-full disabled:opacity-60 ${props.onStage ? 'bg-live text-[#0b2a1c]' : 'bg-brand text-on-brand'}`}
        >
          <SendHorizontal size={20} aria-hidden="true" />
        </button>
      </div>
    </form>
  );
}
