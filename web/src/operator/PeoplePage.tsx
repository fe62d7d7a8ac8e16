import type { SignInLink } from '@contract/api.ts';
import type { PersonRow, Role } from '@contract/people.ts';
import { useSearchParams } from '@solidjs/router';
import UserPlus from 'lucide-solid/icons/user-plus';
import UsersRound from 'lucide-solid/icons/users-round';
import { createSignal, onCleanup } from 'solid-js';
import { api, toUserFacing } from '~/api';
import { createPaged } from '~/app/pages.ts';
import { errorWords, t } from '~/i18n';
import { Button, EmptyState, Listed, More, PageHead, Rows, SearchField, Segments, toast } from '~/ui';
import { CorrectDialog } from './CorrectDialog.tsx';
import { CreditDialog } from './CreditDialog.tsx';
import { LinkDialog } from './LinkDialog.tsx';
import { MakePersonDialog } from './MakePersonDialog.tsx';
import { PersonLine } from './PersonLine.tsx';
import { ResetDialog } from './ResetDialog.tsx';
import { ShareDialog } from './ShareDialog.tsx';
import { SuspendDialog } from './SuspendDialog.tsx';

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

/** Everybody of the house, newest first: found, let in, shut out, given credit. */
export default function PeoplePage() {
  const [shown, setShown] = createSignal<Shown>('all');
  const [typed, setTyped] = createSignal('');
  const [search, setSearch] = createSignal('');
  const [asksFor, setAsksFor] = useSearchParams<{ add: string }>();
  const [isMaking, setMaking] = createSignal(asksFor.add !== undefined);
  const [handed, setHanded] = createSignal<Handed | null>(null);
  const [asked, setAsked] = createSignal<Asked | null>(null);
  // News tell of balances; who is there is asked for.
  const people = createPaged<PersonRow>(
    (person) => person.personId,
    async (page) => (await api.people({ ...page, ...filterOf(shown()), ...(search() && { search: search() }) })).people,
    { filter: () => `${shown()} ${search()}`, isPolling: () => true },
  );
  let timer = 0;
  onCleanup(() => clearTimeout(timer));
  const type = (text: string) => {
    setTyped(text);
    clearTimeout(timer);
    timer = window.setTimeout(() => setSearch(text.trim()), TYPING_MS);
  };
  /** As they are now: a balance that moves is the one that is read. */
  const askedFor = (what: Asked['what']) => {
    const one = asked();
    if (one?.what !== what) return null;
    return people.lines()?.find((person) => person.personId === one.person.personId) ?? one.person;
  };
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
      <div class="grid gap-4">
        <div class="flex flex-wrap items-end gap-3">
          <div class="min-w-0 grow basis-56 sm:max-w-sm">
            <SearchField label={t('operator.search')} value={typed()} onValue={type} />
          </div>
          <Segments
            label={t('operator.shown')}
            options={SHOWN.map((value) => ({ value, words: t(`operator.show.${value}`) }))}
            value={shown()}
            onChange={setShown}
          />
        </div>
        <div class="rounded-card border border-line bg-card shadow-card">
          <Listed
            items={people.lines()}
            error={people.problem()}
            onRetry={people.more}
            empty={
              search() || shown() !== 'all' ? (
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
                      onLink={() => makeLink(person())}
                      onAsk={(what) => setAsked({ what, person: person() })}
                      onChanged={people.refresh}
                    />
                  )}
                </Rows>
              </ul>
            )}
          </Listed>
          <More list={people} error={people.problem()} />
        </div>
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
      <CreditDialog person={askedFor('credit')} onClose={() => setAsked(null)} onDone={done} />
      <CorrectDialog person={askedFor('correct')} onClose={() => setAsked(null)} onDone={done} />
      <ShareDialog person={askedFor('share')} onClose={() => setAsked(null)} onDone={done} />
      <SuspendDialog person={askedFor('suspend')} onClose={() => setAsked(null)} onDone={done} />
      <ResetDialog
        person={askedFor('reset')}
        onClose={() => setAsked(null)}
        onDone={(person, link) => {
          setHanded({ person, link });
          done();
        }}
      />
    </>
  );
}
