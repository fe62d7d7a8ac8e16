import type { PersonRow } from '@contract/people.ts';
import { DropdownMenu } from '@kobalte/core/dropdown-menu';
import Check from 'lucide-solid/icons/check';
import Coins from 'lucide-solid/icons/coins';
import EllipsisVertical from 'lucide-solid/icons/ellipsis-vertical';
import KeyRound from 'lucide-solid/icons/key-round';
import Percent from 'lucide-solid/icons/percent';
import ReceiptText from 'lucide-solid/icons/receipt-text';
import RotateCcwKey from 'lucide-solid/icons/rotate-ccw-key';
import Scale from 'lucide-solid/icons/scale';
import UserCheck from 'lucide-solid/icons/user-check';
import UserX from 'lucide-solid/icons/user-x';
import { type Component, createSignal, type JSX, Show } from 'solid-js';
import { Dynamic } from 'solid-js/web';
import { api, toUserFacing } from '~/api';
import { errorText, locale, t } from '~/i18n';
import { formatDateTime } from '~/money';
import { Marks } from '~/people';
import { useMoney, useSession } from '~/state';
import { Avatar, Badge, Button, LinkButton, toast } from '~/ui';

type What = 'credit' | 'correct' | 'share' | 'suspend' | 'reset';

/** A person as the operator has them: who, in which state, and what can be done. */
export function PersonLine(props: {
  person: PersonRow;
  onLink: () => Promise<void>;
  onAsk: (what: What) => void;
  onChanged: () => Promise<void>;
}) {
  const money = useMoney();
  const session = useSession();
  const isMe = () => props.person.personId === session.me()?.personId;
  const isOpen = () => props.person.suspendedAt === null && props.person.deletedAt === null;
  return (
    <li class="flex flex-wrap items-center gap-x-4 gap-y-3 px-5 py-4 sm:px-6">
      <Avatar name={props.person.displayName} personId={props.person.personId} size="sm" />
      <div class="min-w-0 flex-1 basis-40">
        <NameAndMarks person={props.person} isMe={isMe()} />
        <Show when={props.person.deletedAt === null}>
          <p class="mt-0.5 flex items-center gap-2 text-sm break-all text-ink-soft">
            <span
              class={`size-2 shrink-0 rounded-full ${props.person.isOnline ? 'bg-brand' : 'bg-line-strong'}`}
              aria-hidden="true"
            />
            {t(props.person.isOnline ? 'operator.online' : 'operator.offline')} · {props.person.username}
          </p>
        </Show>
        <ShutOut person={props.person} />
      </div>
      <Show when={props.person.balanceMinor !== null}>
        <p class="figures font-semibold md:min-w-24 md:text-right">{money(props.person.balanceMinor ?? 0)}</p>
      </Show>
      <div class="flex basis-full flex-wrap gap-2 min-[26rem]:justify-end xl:min-w-128 xl:basis-auto">
        <Show when={props.person.role === 'client' && isOpen()}>
          <Act
            icon={Coins}
            label={t('operator.giveCreditLabel', named(props.person))}
            onPress={() => props.onAsk('credit')}
          >
            {t('operator.giveCredit')}
          </Act>
        </Show>
        <Show when={props.person.role !== 'operator'}>
          <LinkButton
            href={`/history?personId=${props.person.personId}`}
            tone="quiet"
            size="sm"
            icon={<ReceiptText size={16} />}
            aria-label={t('operator.historyLabel', named(props.person))}
          >
            {t('operator.historyOf')}
          </LinkButton>
        </Show>
        <Show when={isOpen() && props.person.role !== 'operator'}>
          <LinkMaker person={props.person} onLink={props.onLink} />
        </Show>
        <Show when={!isMe() && (props.person.deletedAt === null || props.person.role !== 'operator')}>
          <More person={props.person} onAsk={props.onAsk} onChanged={props.onChanged} />
        </Show>
      </div>
    </li>
  );
}

const named = (person: PersonRow) => ({ name: person.displayName });

function NameAndMarks(props: { person: PersonRow; isMe: boolean }) {
  return (
    <p class="flex flex-wrap items-center gap-x-2.5 gap-y-1">
      <span class="min-w-0 font-semibold break-words">{props.person.displayName}</span>
      <Badge tone={props.person.role === 'model' ? 'warn' : props.person.role === 'operator' ? 'good' : 'quiet'}>
        {t(`role.${props.person.role}`)}
      </Badge>
      <Marks isVerified={props.person.isVerified} />
      <Show when={props.person.isStaff}>
        <Badge tone="quiet">{t('operator.mark.isStaff')}</Badge>
      </Show>
      <Show when={props.person.sharePercent !== null}>
        <Badge tone="quiet">{t('operator.shareIs', { percent: props.person.sharePercent ?? 0 })}</Badge>
      </Show>
      <Show when={props.isMe}>
        <Badge tone="quiet">{t('messages.you')}</Badge>
      </Show>
    </p>
  );
}

/** Since when somebody is shut out or gone, and why. */
function ShutOut(props: { person: PersonRow }) {
  return (
    <>
      <Show when={props.person.suspendedAt}>
        {(at) => (
          <p class="mt-1 text-sm font-medium break-words text-danger">
            {t('operator.suspendedSince', { when: formatDateTime(at(), locale) })}
            <Show when={props.person.suspendedWhy}>{(why) => `: ${why()}`}</Show>
          </p>
        )}
      </Show>
      <Show when={props.person.deletedAt}>
        {(at) => (
          <p class="mt-1 text-sm text-ink-soft">{t('operator.deletedSince', { when: formatDateTime(at(), locale) })}</p>
        )}
      </Show>
    </>
  );
}

function Act(props: { icon: Component<{ size?: number }>; label: string; onPress: () => void; children: JSX.Element }) {
  return (
    <Button
      tone="quiet"
      size="sm"
      icon={<Dynamic component={props.icon} size={16} aria-hidden="true" />}
      aria-label={props.label}
      onClick={() => props.onPress()}
    >
      {props.children}
    </Button>
  );
}

function LinkMaker(props: { person: PersonRow; onLink: () => Promise<void> }) {
  const [isBusy, setBusy] = createSignal(false);
  return (
    <Button
      tone="quiet"
      size="sm"
      icon={<KeyRound size={16} aria-hidden="true" />}
      aria-label={t('operator.newLinkLabel', named(props.person))}
      busy={isBusy()}
      onClick={() => {
        setBusy(true);
        void props.onLink().finally(() => setBusy(false));
      }}
    >
      {t('operator.newLink')}
    </Button>
  );
}

const ITEM =
  'flex min-h-11 cursor-pointer items-center gap-3 rounded-xl px-3 font-medium outline-none data-highlighted:bg-sunken';

/** What is rarely done, and has weight. */
function More(props: { person: PersonRow; onAsk: (what: What) => void; onChanged: () => Promise<void> }) {
  const marks = createMarks(
    () => props.person,
    () => props.onChanged(),
  );
  const isOpen = () => props.person.suspendedAt === null && props.person.deletedAt === null;
  async function lift() {
    try {
      await api.liftSuspension(props.person.personId);
      toast(t('operator.lifted', named(props.person)));
      void props.onChanged();
    } catch (thrown) {
      toast(errorText(toUserFacing(thrown)), 'bad');
    }
  }
  return (
    <DropdownMenu placement="bottom-end">
      <DropdownMenu.Trigger
        class="flex size-11 shrink-0 items-center justify-center rounded-full text-ink-soft hover:bg-sunken"
        aria-label={t('people.menu', named(props.person))}
      >
        <EllipsisVertical size={20} aria-hidden="true" />
      </DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content class="z-60 min-w-52 rounded-2xl border border-line bg-card p-1.5 text-ink shadow-float outline-none">
          <Show when={props.person.role !== 'operator'}>
            <Show when={isOpen()}>
              <MarkItem marks={marks} mark="isVerified" />
              <Show when={props.person.role === 'client'}>
                <MarkItem marks={marks} mark="isStaff" />
              </Show>
            </Show>
            <Show when={isOpen() && props.person.role === 'model'}>
              <DropdownMenu.Item class={ITEM} onSelect={() => props.onAsk('share')}>
                <Percent size={18} aria-hidden="true" />
                {t('operator.share')}
              </DropdownMenu.Item>
            </Show>
            <DropdownMenu.Item class={ITEM} onSelect={() => props.onAsk('correct')}>
              <Scale size={18} aria-hidden="true" />
              {t('operator.correct')}
            </DropdownMenu.Item>
          </Show>
          <Show when={isOpen() && props.person.role !== 'operator'}>
            <DropdownMenu.Item class={ITEM} onSelect={() => props.onAsk('reset')}>
              <RotateCcwKey size={18} aria-hidden="true" />
              {t('operator.reset')}
            </DropdownMenu.Item>
          </Show>
          <Show when={props.person.deletedAt === null}>
            <Show
              when={props.person.suspendedAt === null}
              fallback={
                <DropdownMenu.Item class={ITEM} onSelect={() => void lift()}>
                  <UserCheck size={18} aria-hidden="true" />
                  {t('operator.lift')}
                </DropdownMenu.Item>
              }
            >
              <DropdownMenu.Item class={`${ITEM} text-danger`} onSelect={() => props.onAsk('suspend')}>
                <UserX size={18} aria-hidden="true" />
                {t('operator.suspend')}
              </DropdownMenu.Item>
            </Show>
          </Show>
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu>
  );
}

type Mark = 'isVerified' | 'isStaff';

/** What the studio says of a person. Both marks are sent together, one press after the other: none takes another back. */
function createMarks(person: () => PersonRow, onChanged: () => Promise<void>) {
  const [pressed, setPressed] = createSignal<Partial<Record<Mark, boolean>>>({});
  let turn: Promise<void> = Promise.resolve();
  const isOn = (mark: Mark) => pressed()[mark] ?? person()[mark];
  async function send() {
    try {
      await api.setMarks(person().personId, { isVerified: isOn('isVerified'), isStaff: isOn('isStaff') });
      await onChanged();
    } catch (thrown) {
      setPressed({});
      toast(errorText(toUserFacing(thrown)), 'bad');
    }
  }
  return {
    isOn,
    toggle(mark: Mark) {
      setPressed({ ...pressed(), [mark]: !isOn(mark) });
      const mine = turn.then(send);
      turn = mine;
      // Once nothing is on its way, what the appliance says counts again.
      void mine.then(() => turn === mine && setPressed({}));
    },
  };
}

/** Ticked or not. */
function MarkItem(props: { marks: ReturnType<typeof createMarks>; mark: Mark }) {
  return (
    <DropdownMenu.CheckboxItem
      class={ITEM}
      checked={props.marks.isOn(props.mark)}
      onChange={() => props.marks.toggle(props.mark)}
    >
      <span class="flex size-4.5 items-center justify-center rounded border border-line-strong" aria-hidden="true">
        <DropdownMenu.ItemIndicator>
          <Check size={16} />
        </DropdownMenu.ItemIndicator>
      </span>
      {t(`operator.mark.${props.mark}`)}
    </DropdownMenu.CheckboxItem>
  );
}
