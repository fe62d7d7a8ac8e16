import Heart from 'lucide-solid/icons/heart';
import { Show } from 'solid-js';
import { t } from '~/i18n';
import { Chips, SearchField, Select } from '~/ui';
import { type CardFilter, SORTS, type Sort } from './cards.ts';

/** Search, tags, favourites and order of the list of models. */
export function FilterBar(props: {
  filter: CardFilter;
  tags: string[];
  hasFavourites: boolean;
  onChange: (change: Partial<CardFilter>) => void;
}) {
  return (
    <search class="mb-5 grid gap-3" aria-label={t('client.find')}>
      <div class="flex flex-wrap items-end gap-3">
        <div class="min-w-0 grow basis-56">
          <SearchField
            label={t('client.search')}
            value={props.filter.search}
            onValue={(search) => props.onChange({ search })}
          />
        </div>
        <div class="min-w-0 grow basis-40 sm:grow-0">
          <Select<Sort>
            label={t('client.sort')}
            value={props.filter.sort}
            options={SORTS.map((value) => ({ value, label: t(`client.sorts.${value}`) }))}
            onChange={(sort) => props.onChange({ sort })}
          />
        </div>
      </div>
      <div class="flex flex-wrap gap-2">
        <Show when={props.hasFavourites || props.filter.isFavouritesOnly}>
          <button
            type="button"
            aria-pressed={props.filter.isFavouritesOnly}
            onClick={() => props.onChange({ isFavouritesOnly: !props.filter.isFavouritesOnly })}
            class={`inline-flex min-h-10 items-center gap-1.5 rounded-full border px-3.5 text-sm font-medium ${props.filter.isFavouritesOnly ? 'border-transparent bg-brand text-on-brand' : 'border-line-strong bg-card text-ink hover:bg-sunken'}`}
          >
            <Heart size={16} class={props.filter.isFavouritesOnly ? 'fill-current' : ''} aria-hidden="true" />
            {t('client.favourites')}
          </button>
        </Show>
        <Show when={props.tags.length > 0}>
          <Chips
            label={t('client.tags')}
            options={props.tags.map((tag) => ({ value: tag, label: tag }))}
            chosen={[...props.filter.tags]}
            onChange={(tags) => props.onChange({ tags })}
          />
        </Show>
      </div>
    </search>
  );
}
