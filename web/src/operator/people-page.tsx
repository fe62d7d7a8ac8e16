import type { SignInLink } from '@contract/api.ts';
import type { PersonRow, Role } from '@contract/people.ts';
import { useSearchParams } from '@solidjs/router';
import UserPlus from 'lucide-solid/icons/user-plus';
import UsersRound from 'lucide-solid/icons/users-round';
import { createSignal, onCleanup } from 'solid-js';
import { api, toUserFacing } from '~/api';
import { errorText, t } from '~/i18n';
import { createPaged, type Paged } from '~/state';
import { Button, EmptyState, Listed, More, PageHead, Rows, SearchField, Segments, toast } from '~/ui';
import { CorrectDialog } from './correct-dialog.tsx';
import { CreditDialog } from './credit-dialog.tsx';
import { LinkDialog } from './link-dialog.tsx';
import { MakePersonDialog } from './make-person-dialog.tsx';
import { PersonLine } from './person-line.tsx';
import { ResetDialog } from './reset-dialog.tsx';
import { ShareDialog } from './share-dialog.tsx';
import { SuspendDialog } from './suspend-dialog.tsx';

type Handed = { person: PersonRow; link: SignInLink };
type Shown = 'all' | Role | 'suspended' | 'deleted';
type Asked = { what: 'credit' | 'correct' | 'share' | 'suspend' | 'reset'; person: PersonRow };

const SHOWN: Shown[] = ['all', 'model', 'client', 'operator', 'suspended', 'deleted'];
/** After so long without a key, what was typed is looked for. */
const TYPING_MS = 250;

const filterOf = (shown: Shown) => {
  if (shown === 'all') return {};
  return shown === 'suspended' || shown === 'deleted' ? { state: shown } : { role: shown };
};

/** What is typed, and what is looked for a moment later. */
function createSearch() {
  const [typed, setTyped] = createSignal('');
  const [search, setSearch] = createSignal('');
  let timer = 0;
  onCleanup(() => clearTimeout(timer));
  const type = (text: string) => {
    setTyped(text);
    clearTimeout(timer);
    timer = window.setTimeout(() => setSearch(text.trim()), TYPING_MS);
  };
  return { typed, search, type };
}

/** Everybody of the studio, newest first: found, let in, shut out, given credit. */
export default function PeoplePage() {
  const [shown, setShown] = createSignal<Shown>('all');
  const { typed, search, type } = createSearch();
  const [asksFor, setAsksFor] = useSearchParams<{ add: string }>();
  const [isMaking, setMaking] = createSignal(asksFor.add !== undefined);
  const [handed, setHanded] = createSignal<Handed | null>(null);
  const [asked, setAsked] = createSignal<Asked | null>(null);
  // Messages say what balances are; who is there is asked for.
  const people = createPaged<PersonRow>(
    (person) => person.personId,
    async (page) => (await api.people({ ...page, ...filterOf(shown()), ...(search() && { search: search() }) })).people,
    { filter: () => `${shown()} ${search()}`, isPolling: () => true },
  );
  const done = () => {
    setAsked(null);
    void people.refresh();
  };

  const closeMaking = () => {
    setMaking(false);
    setAsksFor({ add: undefined }, { replace: true });
  };

  async function makeLink(person: PersonRow) {
    try {
      setHanded({ person, link: await api.makeSignInLink(person.personId) });
    } catch (thrown) {
      toast(errorText(toUserFacing(thrown)), 'bad');
    }
  }

  return (
    <>
      <PageHead title={t('operator.peopleTitle')} lead={t('operator.peopleLead')}>
        <Button icon={<UserPlus size={20} />} onClick={() => setMaking(true)}>
          {t('operator.make')}
        </Button>
      </PageHead>
      <div class="grid gap-4">
        <Filter typed={typed()} onType={type} shown={shown()} onShow={setShown} />
        <PeopleList
          people={people}
          isFiltered={search() !== '' || shown() !== 'all'}
          onLink={makeLink}
          onAsk={(what, person) => setAsked({ what, person })}
        />
      </div>
      <MakePersonDialog
        open={isMaking()}
        role={asksFor.add === 'client' ? 'client' : 'model'}
        onClose={closeMaking}
        onMade={(made) => {
          closeMaking();
          setHanded(made);
          void people.refresh();
        }}
      />
      <LinkDialog handed={handed()} onClose={() => setHanded(null)} />
      <PersonDialogs
        asked={asked()}
        people={people.lines()}
        onClose={() => setAsked(null)}
        onDone={done}
        onLink={(person, link) => setHanded({ person, link })}
      />
    </>
  );
}

function Filter(props: {
  typed: string;
  onType: (text: string) => void;
  shown: Shown;
  onShow: (shown: Shown) => void;
}) {
  return (
    <div class="flex flex-wrap items-end gap-3">
      <div class="min-w-0 grow basis-56 sm:max-w-sm">
        <SearchField label={t('operator.search')} value={props.typed} onValue={props.onType} />
      </div>
      <Segments
        label={t('operator.shown')}
        options={SHOWN.map((value) => ({ value, label: t(`operator.show.${value}`) }))}
        value={props.shown}
        onChange={props.onShow}
      />
    </div>
  );
}

function PeopleList(props: {
  people: Paged<PersonRow>;
  isFiltered: boolean;
  onLink: (person: PersonRow) => Promise<void>;
  onAsk: (what: Asked['what'], person: PersonRow) => void;
}) {
  return (
    <div class="rounded-card border border-line bg-card shadow-card">
      <Listed
        items={props.people.lines()}
        error={props.people.problem()}
        onRetry={props.people.more}
        empty={
          props.isFiltered ? (
            <p class="p-6 text-ink-soft">{t('operator.noMatch')}</p>
          ) : (
            <EmptyState
              icon={<UsersRound size={28} />}
              title={t('operator.noPeople')}
              why={t('operator.noPeopleWhy')}
            />
          )
        }
      >
        {(list) => (
          <ul class="divide-y divide-line">
            <Rows each={list()} idOf={(person) => person.personId}>
              {(person) => (
                <PersonLine
                  person={person()}
                  onLink={() => props.onLink(person())}
                  onAsk={(what) => props.onAsk(what, person())}
                  onChanged={props.people.refresh}
                />
              )}
            </Rows>
          </ul>
        )}
      </Listed>
      <More list={props.people} error={props.people.problem()} />
    </div>
  );
}

/** What is asked about one person, as they are now: a balance that moves is the one that is read. */
function PersonDialogs(props: {
  asked: Asked | null;
  people: PersonRow[] | undefined;
  onClose: () => void;
  onDone: () => void;
  onLink: (person: PersonRow, link: SignInLink) => void;
}) {
  const askedFor = (what: Asked['what']) => {
    const one = props.asked;
    if (one?.what !== what) return null;
    return props.people?.find((person) => person.personId === one.person.personId) ?? one.person;
  };
  return (
    <>
      <CreditDialog person={askedFor('credit')} onClose={props.onClose} onDone={props.onDone} />
      <CorrectDialog person={askedFor('correct')} onClose={props.onClose} onDone={props.onDone} />
      <ShareDialog person={askedFor('share')} onClose={props.onClose} onDone={props.onDone} />
      <SuspendDialog person={askedFor('suspend')} onClose={props.onClose} onDone={props.onDone} />
      <ResetDialog
        person={askedFor('reset')}
        onClose={props.onClose}
        onDone={(person, link) => {
          props.onLink(person, link);
          props.onDone();
        }}
      />
    </>
  );
}
