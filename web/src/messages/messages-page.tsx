import type { ThreadLine } from '@contract/threads.ts';
import { A, useNavigate, useParams } from '@solidjs/router';
import ArrowLeft from 'lucide-solid/icons/arrow-left';
import MessagesSquare from 'lucide-solid/icons/messages-square';
import { createResource, onCleanup, Show } from 'solid-js';
import { api, toUserFacing } from '~/api';
import { useHub } from '~/hub';
import { errorText, locale, t } from '~/i18n';
import { formatDateTime } from '~/money';
import { FindModels, Marks, PersonMenu } from '~/people';
import { keptList, useMoney, useSession } from '~/state';
import { Avatar, Button, EmptyState, Listed, PageHead, Rows, toast } from '~/ui';
import { lineText } from './line-text.ts';
import { createThread } from './thread.ts';
import { ThreadView } from './thread-view.tsx';

/** Every thread, and the one that is open: side by side on a wide screen, one after the other on a phone. */
export default function MessagesPage() {
  const params = useParams<{ personId?: string }>();
  const hub = useHub();
  const openId = () => (/^\d{1,15}$/.test(params.personId ?? '') ? Number(params.personId) : null);
  const [threads, { refetch }] = createResource(async () => (await api.threads()).threads);
  const known = keptList(threads, personOf);
  onCleanup(
    hub.listen((message) => {
      if (message.type === 'message' || message.type === 'unread' || message.type === 'hello') void refetch();
    }),
  );
  return (
    <div class="flex h-[calc(100dvh-9.5rem)] flex-col lg:h-[calc(100dvh-5.5rem)]">
      <div classList={{ 'hidden lg:block': openId() !== null }}>
        <PageHead title={t('messages.title')} />
      </div>
      <div class="grid min-h-0 flex-1 lg:grid-cols-[minmax(17rem,22rem)_1fr] lg:gap-5">
        <section
          aria-label={t('messages.threads')}
          class="min-h-0 overflow-y-auto rounded-card border border-line bg-card shadow-card"
          classList={{ 'hidden lg:block': openId() !== null }}
        >
          <Listed
            items={known()}
            error={threads.error && !known() ? errorText(toUserFacing(threads.error)) : undefined}
            onRetry={refetch}
            empty={
              <EmptyState icon={<MessagesSquare size={28} />} title={t('messages.none')} why={t('messages.noneWhy')}>
                <FindModels />
              </EmptyState>
            }
          >
            {(lines) => (
              <ul class="divide-y divide-line">
                <Rows each={lines()} idOf={personOf}>
                  {(line) => <Line line={line()} isOpen={line().peer.personId === openId()} />}
                </Rows>
              </ul>
            )}
          </Listed>
        </section>
        <Show
          when={openId()}
          keyed
          fallback={
            <p class="hidden items-center justify-center rounded-card border border-dashed border-line text-ink-soft lg:flex">
              {t('messages.choose')}
            </p>
          }
        >
          {(personId) => <Open personId={personId} onChanged={refetch} />}
        </Show>
      </div>
    </div>
  );
}

const personOf = (line: ThreadLine) => line.peer.personId;

function Line(props: { line: ThreadLine; isOpen: boolean }) {
  const session = useSession();
  const money = useMoney();
  const mySide = () => (session.me()?.role === 'model' ? 'model' : 'client');
  const words = () => {
    const { last, peer } = props.line;
    const text = lineText(last.content, { mySide: mySide(), name: peer.displayName, money, locale });
    return last.authorId !== null && last.authorId === session.me()?.personId ? `${t('messages.you')}: ${text}` : text;
  };
  return (
    <li>
      <A
        href={`/messages/${props.line.peer.personId}`}
        aria-current={props.isOpen ? 'page' : undefined}
        class="flex items-center gap-3 px-4 py-3.5 outline-offset-[-3px] hover:bg-sunken aria-[current]:bg-brand-soft aria-[current]:text-on-brand-soft"
      >
        <Avatar
          name={props.line.peer.displayName}
          personId={props.line.peer.personId}
          pictureUrl={props.line.peer.pictureUrl}
          size="sm"
        />
        <span class="min-w-0 flex-1">
          <span class="flex items-center gap-1.5">
            <span class="truncate font-semibold">{props.line.peer.displayName}</span>
            <Marks isVerified={props.line.peer.isVerified} size={16} />
          </span>
          <span
            class="block truncate text-sm text-ink-soft"
            classList={{ 'font-semibold': props.line.unreadCount > 0 }}
          >
            {words()}
          </span>
          <span class="block text-xs text-ink-soft">{formatDateTime(props.line.last.at, locale)}</span>
        </span>
        <Show when={props.line.unreadCount > 0}>
          <span class="figures flex min-w-6 items-center justify-center rounded-full bg-brand px-1.5 text-sm font-semibold text-on-brand">
            {props.line.unreadCount}
            <span class="sr-only"> {t('messages.unread')}</span>
          </span>
        </Show>
      </A>
    </li>
  );
}

function Open(props: { personId: number; onChanged: () => void }) {
  const navigate = useNavigate();
  const live = createThread(() => props.personId);
  const known = live.thread;
  async function unblock() {
    try {
      await api.unblock(props.personId);
    } catch (thrown) {
      toast(errorText(toUserFacing(thrown)), 'bad');
    }
    changed();
  }
  const changed = () => {
    void live.reload();
    props.onChanged();
  };
  return (
    <section
      aria-label={t('messages.log', { name: known()?.peer.displayName ?? '' })}
      class="flex min-h-0 flex-col rounded-card border border-line bg-card shadow-card"
    >
      <header class="flex items-center gap-3 border-b border-line px-3 py-2.5">
        <button
          type="button"
          onClick={() => navigate('/messages')}
          aria-label={t('common.back')}
          class="flex size-11 items-center justify-center rounded-full hover:bg-sunken lg:hidden"
        >
          <ArrowLeft size={20} aria-hidden="true" />
        </button>
        <Show when={known()?.peer}>
          {(peer) => (
            <>
              <Avatar name={peer().displayName} personId={peer().personId} pictureUrl={peer().pictureUrl} size="sm" />
              <h2 class="flex min-w-0 flex-1 items-center gap-1.5 text-lg font-semibold">
                <span class="truncate">{peer().displayName}</span>
                <Marks isVerified={peer().isVerified} />
              </h2>
              <Show when={known()?.isBlocked} fallback={<PersonMenu peer={peer()} onBlocked={changed} />}>
                <Button tone="quiet" size="sm" onClick={unblock}>
                  {t('people.unblock')}
                </Button>
              </Show>
            </>
          )}
        </Show>
      </header>
      <ThreadView thread={live} name={known()?.peer.displayName ?? ''} />
    </section>
  );
}
