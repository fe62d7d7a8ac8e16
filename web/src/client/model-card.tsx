import type { ModelCard as Card } from '@contract/people.ts';
import { A } from '@solidjs/router';
import { Show } from 'solid-js';
import { Marks, PersonMenu, RatingLine } from '~/people';
import { Avatar } from '~/ui';
import { FavouriteButton, ModelActions, ModelFacts, PresenceBadge, PriceLine } from './model-parts.tsx';

/** A model as clients see her in the list, and the button that rings her. */
export function ModelCard(props: { card: Card }) {
  return (
    <li class="flex flex-col rounded-card border border-line bg-card p-5 shadow-card sm:p-6">
      <div class="grid grid-cols-[auto_1fr_auto] items-start gap-x-4">
        <div class="row-span-2">
          <Avatar name={props.card.displayName} personId={props.card.personId} pictureUrl={props.card.pictureUrl} />
        </div>
        <div class="min-w-0">
          <h2 class="text-lg leading-snug font-semibold break-words">
            <A
              href={`/models/${props.card.personId}`}
              class="inline-block min-h-6 max-w-full rounded underline-offset-4 hover:underline"
            >
              {props.card.displayName}
            </A>{' '}
            <Marks isVerified={props.card.isVerified} />
          </h2>
        </div>
        <div class="-mt-2 -mr-2 flex">
          <FavouriteButton card={props.card} />
          <PersonMenu peer={props.card} />
        </div>
        <div class="col-span-2 mt-1 flex flex-wrap items-center gap-x-3 gap-y-1">
          <PresenceBadge presence={props.card.presence} />
          <RatingLine tenths={props.card.ratingTenths} count={props.card.ratingCount} />
        </div>
      </div>
      <Show when={props.card.about}>
        <p class="mt-4 line-clamp-4 break-words whitespace-pre-line text-ink-soft">{props.card.about}</p>
      </Show>
      <ModelFacts card={props.card} />
      <div class="mt-auto pt-5">
        <PriceLine card={props.card} />
        <div class="mt-3">
          <ModelActions card={props.card} />
        </div>
      </div>
    </li>
  );
}
