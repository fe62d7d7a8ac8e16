import { PAGE_SIZE_MAX } from '@contract/limits.ts';
import type { Thread, ThreadMessage } from '@contract/threads.ts';
import { type Accessor, createMemo, createSignal, onCleanup } from 'solid-js';
import { api, toUserFacing, type UserFacing } from '~/api';
import { type Hub, useHub } from '~/hub';
import { onChange, useSession } from '~/state';

const PAGE_SIZE = Math.min(50, PAGE_SIZE_MAX);

export type LiveThread = {
  /** What is known of the thread; null until it is read. */
  thread: Accessor<Omit<Thread, 'messages'> | null>;
  /** Oldest first. */
  messages: Accessor<ThreadMessage[]>;
  hasOlder: Accessor<boolean>;
  isBusy: Accessor<boolean>;
  error: Accessor<UserFacing | null>;
  older(): Promise<void>;
  reload(): Promise<void>;
  /** Sends a text. Tried again after a lost answer, it is the same message and stands in the thread once. */
  send(text: string): Promise<void>;
  /** The text last sent, once it is seen in the thread: also when its answer was lost. */
  arrived: Accessor<{ readonly text: string } | null>;
  /** Everything that is shown has been looked at. */
  read(): void;
};

/** A text that was sent, until it is known to have arrived. */
interface OnItsWay {
  readonly text: string;
  /** The same for every try. */
  readonly key: string;
  /** Newest line when it was sent first: its own is newer. */
  readonly afterId: number;
  readonly seen: Promise<void>;
  see(): void;
}

function onItsWay(text: string, afterId: number): OnItsWay {
  let see = () => {};
  const seen = new Promise<void>((resolve) => {
    see = resolve;
  });
  return { text, key: crypto.randomUUID(), afterId, seen, see };
}

/** The lines of both lists once each, oldest first. A line that says the same stays, so that nothing is rebuilt. */
export function merge(known: readonly ThreadMessage[], more: readonly ThreadMessage[]): ThreadMessage[] {
  const byId = new Map(known.map((message) => [message.messageId, message]));
  for (const message of more)
    if (JSON.stringify(byId.get(message.messageId)) !== JSON.stringify(message)) byId.set(message.messageId, message);
  return [...byId.values()].sort((a, b) => a.messageId - b.messageId);
}

/** The one text that is being sent: tried again after a lost answer, it has the same key, and is looked for. */
function createSending(me: () => number | undefined) {
  const [arrived, setArrived] = createSignal<{ readonly text: string } | null>(null);
  let sent: OnItsWay | null = null;
  return {
    arrived,
    forget() {
      sent = null;
    },
    /** Looks among lines of the thread for the text that is on its way. */
    lookFor(lines: readonly ThreadMessage[]) {
      const isIt = ({ messageId, authorId, content }: ThreadMessage) =>
        sent && messageId > sent.afterId && authorId === me() && content.kind === 'text' && content.text === sent.text;
      if (!sent || !lines.some(isIt)) return;
      sent.see();
      setArrived({ text: sent.text });
      sent = null;
    },
    /** @param newestId the newest line that is known */
    async send(text: string, newestId: number, request: (message: { text: string; key: string }) => Promise<unknown>) {
      if (sent?.text !== text) sent = onItsWay(text, newestId);
      const mine = sent;
      await Promise.race([request({ text, key: mine.key }), mine.seen]);
      if (sent === mine) sent = null;
    },
  };
}

const otherOf = ({ clientId, modelId }: { clientId: number; modelId: number }, me: number | undefined): number =>
  clientId === me ? modelId : clientId;

/** Whether a page reaches what is known: else it leaves a gap, and the list begins anew. */
function reaches(page: readonly ThreadMessage[], known: readonly ThreadMessage[]): boolean {
  const last = page.at(-1);
  return last !== undefined && known.some((message) => message.messageId >= last.messageId);
}

/** Up to which line this person has read the thread, as the appliance was last told. */
function createReadMark(hub: Hub, peerId: Accessor<number>) {
  let readUpTo = 0;
  return {
    forget() {
      readUpTo = 0;
    },
    read(lastId: number) {
      if (lastId <= readUpTo || document.visibilityState === 'hidden') return;
      readUpTo = lastId;
      hub.request({ type: 'message.read', personId: peerId(), messageId: lastId }).catch(() => {
        readUpTo = 0; // the next look says it again
      });
    },
  };
}

/** A thread that takes in what is new while it is looked at. */
export function createThread(ofPeer: Accessor<number>): LiveThread {
  const hub = useHub();
  const session = useSession();
  // A memo: each view of a call names the same person again, and the thread with what is being written stays.
  const peerId = createMemo(ofPeer);
  const [thread, setThread] = createSignal<Omit<Thread, 'messages'> | null>(null);
  const [messages, setMessages] = createSignal<ThreadMessage[]>([]);
  const [hasOlder, setHasOlder] = createSignal(false);
  const [isBusy, setBusy] = createSignal(false);
  const [error, setError] = createSignal<UserFacing | null>(null);
  const mark = createReadMark(hub, peerId);
  const sending = createSending(() => session.me()?.personId);

  async function load(before: number | undefined) {
    const mine = peerId();
    setBusy(true);
    try {
      const { messages: page, ...rest } = await api.thread(mine, { before, limit: PAGE_SIZE });
      if (mine !== peerId()) return;
      setError(null);
      setThread(rest);
      const isGap = before === undefined && page.length === PAGE_SIZE && !reaches(page, messages());
      setMessages((known) => merge(isGap ? [] : known, page));
      sending.lookFor(page);
      if (before !== undefined || isGap || page.length < PAGE_SIZE) setHasOlder(page.length === PAGE_SIZE);
    } catch (thrown) {
      if (mine === peerId()) setError(toUserFacing(thrown));
    } finally {
      if (mine === peerId()) setBusy(false);
    }
  }

  onChange(peerId, () => {
    mark.forget();
    sending.forget();
    setThread(null);
    setMessages([]);
    setHasOlder(false);
    void load(undefined);
  });
  onCleanup(
    hub.listen((message) => {
      if (message.type === 'hello') return void load(undefined);
      if (message.type === 'message' && otherOf(message.message, session.me()?.personId) === peerId()) {
        setMessages((known) => merge(known, [message.message]));
        sending.lookFor([message.message]);
        // A first call opens the thread for the model, too.
        if (thread()?.canWrite === false) void load(undefined);
      } else if (message.type === 'message.read' && message.readerId === peerId()) {
        setThread((known) => known && { ...known, peerReadId: Math.max(known.peerReadId, message.messageId) });
      }
    }),
  );

  return {
    thread,
    messages,
    hasOlder,
    isBusy,
    error,
    older: () => load(messages()[0]?.messageId),
    reload: () => load(undefined),
    send: (text) =>
      sending.send(text.trim(), messages().at(-1)?.messageId ?? 0, (message) =>
        hub.request({ type: 'message.send', personId: peerId(), ...message }),
      ),
    arrived: sending.arrived,
    read: () => mark.read(messages().at(-1)?.messageId ?? 0),
  };
}
