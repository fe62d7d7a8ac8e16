import type { SignInLink } from '@contract/api.ts';
import type { PersonRow } from '@contract/people.ts';
import Coins from 'lucide-solid/icons/coins';
import KeyRound from 'lucide-solid/icons/key-round';
import ReceiptText from 'lucide-solid/icons/receipt-text';
import Scale from 'lucide-solid/icons/scale';
import UserPlus from 'lucide-solid/icons/user-plus';
import UsersRound from 'lucide-solid/icons/users-round';
import { createMemo, createResource, createSignal, For, Match, Show, Switch } from 'solid-js';
import { api, toUserFacing } from '~/api';
import { keepFresh } from '~/app/fresh.ts';
import { useServices } from '~/app/services.tsx';
import { errorWords, t } from '~/i18n';
import { Marks } from '~/people';
import { Avatar, Badge, Button, EmptyState, Field, LinkButton, Notice, PageHead, SkeletonCards, toast } from '~/ui';
import { CorrectDialog } from './CorrectDialog.tsx';
import { CreditDialog } from './CreditDialog.tsx';
import { LinkDialog } from './LinkDialog.tsx';
import { MakePersonDialog } from './MakePersonDialog.tsx';

/** Below this, everybody is in sight. */
const SEARCH_FROM = 8;

type Handed = { person: PersonRow; link: SignInLink };

export default function PeoplePage() {
  const { session } = useServices();
  const [people, { refetch }] = createResource(async () => (await api.people()).people);
  const [isMaking, setMaking] = createSignal(false);
  const [handed, setHanded] = createSignal<Handed | null>(null);
  const [creditFor, setCreditFor] = createSignal<PersonRow | null>(null);
  const [correcting, setCorrecting] = createSignal<PersonRow | null>(null);
  const [search, setSearch] = createSignal('');
  // News tell of balances; who is there is asked for.
  keepFresh(
    async () => void (await refetch()),
    () => true,
  );

  /** A failed poll keeps what the last good one brought. */
  const known = createMemo<PersonRow[] | undefined>((before) => (people.error ? before : people.latest));
  const everyone = () => known()?.filter((one) => one.personId !== session.me()?.personId);
  const shown = () => {
    const words = search().trim().toLowerCase();
    return everyone()?.filter((one) => `${one.displayName} ${one.username}`.toLowerCase().includes(words));
  };

  async function makeLink(person: PersonRow) {
    try {
      setHanded({ person, link: await api.makeSignInLink(person.personId) });
    } catch (thrown) {
      toast(errorWords(toUserFacing(thrown)), 'bad');
    }
  }

  return (
    <>
      <PageHead title={t('operator.peopleTitle')} lead={t('operator.peopleLead')}>
        <Button icon={<UserPlus size={20} />} onClick={() => setMaking(true)}>
          {t('operator.make')}
        </Button>
      </PageHead>
      <Switch fallback={<SkeletonCards count={3} />}>
        <Match when={people.error && !everyone()}>
          <Notice tone="bad" title={errorWords(toUserFacing(people.error))} alert>
            <div class="mt-3">
              <Button size="sm" tone="quiet" onClick={() => refetch()}>
                {t('common.tryAgain')}
              </Button>
            </div>
          </Notice>
        </Match>
        <Match when={everyone()?.length === 0}>
          <EmptyState icon={<UsersRound size={28} />} title={t('operator.noPeople')} why={t('operator.noPeopleWhy')}>
            <Button onClick={() => setMaking(true)}>{t('operator.make')}</Button>
          </EmptyState>
        </Match>
        <Match when={shown()}>
          {(list) => (
            <div class="grid grid-cols-1 gap-4">
              <Show when={(everyone()?.length ?? 0) >= SEARCH_FROM}>
                <div class="max-w-sm">
                  <Field
                    label={t('operator.search')}
                    type="search"
                    value={search()}
                    onInput={(event) => setSearch(event.currentTarget.value)}
                  />
                </div>
              </Show>
              <ul class="divide-y divide-line rounded-card border border-line bg-card shadow-card">
                <For each={list()} fallback={<li class="p-6 text-ink-soft">{t('operator.noMatch')}</li>}>
                  {(person) => (
                    <PersonLine
                      person={person}
                      onLink={() => makeLink(person)}
                      onCredit={() => setCreditFor(person)}
                      onCorrect={() => setCorrecting(person)}
                      onMarked={() => void refetch()}
                    />
                  )}
                </For>
              </ul>
            </div>
          )}
        </Match>
      </Switch>
      <MakePersonDialog
        open={isMaking()}
        onClose={() => setMaking(false)}
        onMade={(made) => {
          setMaking(false);
          setHanded(made);
          void refetch();
        }}
      />
      <LinkDialog handed={handed()} onClose={() => setHanded(null)} />
      <CreditDialog
        person={creditFor()}
        onClose={() => setCreditFor(null)}
        onDone={() => {
          setCreditFor(null);
          void refetch();
        }}
      />
      <CorrectDialog
        person={correcting()}
        onClose={() => setCorrecting(null)}
        onDone={() => {
          setCorrecting(null);
          void refetch();
        }}
      />
    </>
  );
}

function PersonLine(props: {
  person: PersonRow;
  onLink: () => Promise<void>;
  onCredit: () => void;
  onCorrect: () => void;
  onMarked: () => void;
}) {
  const { money } = useServices();
  const [isBusy, setBusy] = createSignal(false);
  const makeLink = () => {
    setBusy(true);
    void props.onLink().finally(() => setBusy(false));
  };
  return (
    <li class="flex flex-wrap items-center gap-x-4 gap-y-3 px-5 py-4 sm:px-6">
      <Avatar name={props.person.displayName} personId={props.person.personId} size="sm" />
      <div class="min-w-0 flex-1 basis-40">
        <p class="flex items-center gap-2.5">
          <span class="truncate font-semibold">{props.person.displayName}</span>
          <Badge tone={props.person.role === 'model' ? 'warn' : props.person.role === 'operator' ? 'good' : 'quiet'}>
            {t(`role.${props.person.role}`)}
          </Badge>
          <Marks isVerified={props.person.isVerified} />
        </p>
        <p class="mt-0.5 flex items-center gap-2 truncate text-sm text-ink-soft">
          <span
            class={`size-2 shrink-0 rounded-full ${props.person.isOnline ? 'bg-brand' : 'bg-line-strong'}`}
            aria-hidden="true"
          />
          {t(props.person.isOnline ? 'operator.online' : 'operator.offline')} · {props.person.username}
        </p>
      </div>
      <Show when={props.person.balanceMinor !== null}>
        <p class="figures font-semibold md:min-w-24 md:text-right">{money(props.person.balanceMinor ?? 0)}</p>
      </Show>
      <div class="flex basis-full flex-wrap gap-2 min-[26rem]:justify-end xl:min-w-128 xl:basis-auto">
        <Show when={props.person.role === 'client'}>
          <Button
            tone="quiet"
            size="sm"
            icon={<Coins size={16} />}
            aria-label={t('operator.giveCreditLabel', { name: props.person.displayName })}
            onClick={() => props.onCredit()}
          >
            {t('operator.giveCredit')}
          </Button>
        </Show>
        <Show when={props.person.role !== 'operator'}>
          <MarkButton person={props.person} mark="isVerified" onDone={props.onMarked} />
          <Show when={props.person.role === 'client'}>
            <MarkButton person={props.person} mark="isStaff" onDone={props.onMarked} />
          </Show>
          <Button
            tone="quiet"
            size="sm"
            icon={<Scale size={16} />}
            aria-label={t('operator.correctLabel', { name: props.person.displayName })}
            onClick={() => props.onCorrect()}
          >
            {t('operator.correct')}
          </Button>
          <LinkButton
            href={`/history?personId=${props.person.personId}`}
            tone="quiet"
            size="sm"
            icon={<ReceiptText size={16} />}
            aria-label={t('operator.historyLabel', { name: props.person.displayName })}
          >
            {t('operator.historyOf')}
          </LinkButton>
        </Show>
        <Button
          tone="quiet"
          size="sm"
          icon={<KeyRound size={16} />}
          aria-label={t('operator.newLinkLabel', { name: props.person.displayName })}
          busy={isBusy()}
          onClick={makeLink}
        >
          {t('operator.newLink')}
        </Button>
      </div>
    </li>
  );
}

/** What the house says of a person, pressed or not. */
function MarkButton(props: { person: PersonRow; mark: 'isVerified' | 'isStaff'; onDone: () => void }) {
  const isOn = () => props.person[props.mark];
  async function toggle() {
    const { personId, isVerified, isStaff } = props.person;
    try {
      await api.setMarks(personId, { isVerified, isStaff, [props.mark]: !isOn() });
      props.onDone();
    } catch (thrown) {
      toast(errorWords(toUserFacing(thrown)), 'bad');
    }
  }
  return (
    <Button
      tone={isOn() ? 'primary' : 'quiet'}
      size="sm"
      aria-pressed={isOn()}
      aria-label={t(`operator.mark.${props.mark}.label`, { name: props.person.displayName })}
      onClick={toggle}
    >
      {t(`operator.mark.${props.mark}.words`)}
    </Button>
  );
}
