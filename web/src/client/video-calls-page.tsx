import Armchair from 'lucide-solid/icons/armchair';
import Plus from 'lucide-solid/icons/plus';
import SearchX from 'lucide-solid/icons/search-x';
import { createMemo, createSignal, Match, Show, Switch } from 'solid-js';
import { PasswordReminder } from '~/account';
import { DeviceProblemNotice, useCall } from '~/call';
import { locale, t } from '~/i18n';
import { useMoney, useSession } from '~/state';
import { Button, EmptyState, LinkButton, Notice, PageHead, Rows, SkeletonCards } from '~/ui';
import { ALL_CARDS, type CardFilter, filterCards, sortCards, tagsOf } from './cards.ts';
import { FilterBar } from './filter-bar.tsx';
import { ModelCard } from './model-card.tsx';
import { useModels } from './models.ts';

const GRID = 'grid gap-4 sm:gap-5 grid-cols-[repeat(auto-fill,minmax(min(100%,19rem),1fr))]';
/** With one model there is nothing to choose. */
const FILTER_FROM = 2;
const TAGS_SHOWN = 16;
/** What was chosen stays for as long as the page is open. */
const [filter, setFilter] = createSignal<CardFilter>(ALL_CARDS);

export default function VideoCallsPage() {
  const session = useSession();
  const call = useCall();
  const { models, favourites } = useModels();
  /** Also while something is filtered: what is typed in does not go with a model. */
  const canFilter = () => (models()?.length ?? 0) >= FILTER_FROM || filter() !== ALL_CARDS;
  const chosen = () => (canFilter() ? filter() : ALL_CARDS);
  const shown = createMemo(() => filterCards(models() ?? [], chosen(), favourites()));
  const cards = createMemo(() => sortCards(shown(), locale, chosen().sort, favourites()));
  const tags = createMemo(() => [...new Set([...filter().tags, ...tagsOf(models() ?? [], TAGS_SHOWN)])]);
  const isAnyAvailable = () => models()?.some((card) => card.presence === 'available');

  return (
    <>
      <PageHead title={t('client.title')} lead={t('client.lead')}>
        <Credit />
      </PageHead>
      <div class="mb-5 grid gap-3 empty:hidden">
        <PasswordReminder />
        <DeviceProblemNotice onRetry={() => call.checkDevices()} />
        <Show when={session.me()?.balanceMinor === 0}>
          <Notice tone="warn">{t('client.noCredit')}</Notice>
        </Show>
        <Show when={models()?.length && !isAnyAvailable()}>
          <Notice tone="quiet">{t('client.noneAvailable')}</Notice>
        </Show>
      </div>
      <Show when={canFilter()}>
        <FilterBar
          filter={filter()}
          tags={tags()}
          hasFavourites={favourites().length > 0}
          onChange={(change) => setFilter({ ...filter(), ...change })}
        />
      </Show>
      <p role="status" class="sr-only">
        {models() && canFilter() ? t('client.found', cards().length) : ''}
      </p>
      <Switch>
        <Match when={models() === null}>
          <SkeletonCards count={3} class={GRID} />
        </Match>
        <Match when={models()?.length === 0}>
          <EmptyState icon={<Armchair size={28} />} title={t('client.none')} why={t('client.noneWhy')} />
        </Match>
        <Match when={cards().length === 0}>
          <EmptyState icon={<SearchX size={28} />} title={t('client.noMatch')} why={t('client.noMatchWhy')}>
            <Button tone="quiet" onClick={() => setFilter({ ...ALL_CARDS, sort: filter().sort })}>
              {t('client.showAll')}
            </Button>
          </EmptyState>
        </Match>
        <Match when={models()}>
          <ul class={GRID} aria-label={t('client.modelsLabel')}>
            <Rows each={cards()} idOf={(card) => card.personId}>
              {(card) => <ModelCard card={card()} />}
            </Rows>
          </ul>
        </Match>
      </Switch>
    </>
  );
}

function Credit() {
  const session = useSession();
  const money = useMoney();
  return (
    <div class="rounded-2xl border border-line bg-card px-5 py-3 shadow-card">
      <p class="text-sm text-ink-soft">{t('client.credit')}</p>
      <div class="flex flex-wrap items-center justify-between gap-x-5 gap-y-2">
        <p class="figures text-2xl font-semibold">{money(session.me()?.balanceMinor ?? 0)}</p>
        <LinkButton href="/wallet" size="sm" tone="quiet" icon={<Plus size={16} />}>
          {t('client.addCredit')}
        </LinkButton>
      </div>
    </div>
  );
}
