import type { HubMessage } from '@contract/hub.ts';
import { withChanges } from '@contract/model-cards.ts';
import type { ModelCard } from '@contract/people.ts';
import { type Accessor, batch, createSignal, onCleanup } from 'solid-js';
import { defineContext } from '~/context';
import type { Hub } from '~/hub';
import { t } from '~/i18n';
import { chime } from '~/media';
import { notify } from '~/state';
import { toast } from '~/ui';

/** The models that this client can see, as the hub keeps them up to date. */
export type Models = {
  /** Null until the hub has sent the first list. */
  models: Accessor<ModelCard[] | null>;
  /** Models of whom this client asked to be told. */
  notifyMe: Accessor<readonly number[]>;
  /** This client's favourite models, the newest first. */
  favourites: Accessor<readonly number[]>;
  /** The person has changed. */
  forget(): void;
};

export const [ModelsProvider, useModels] = defineContext<Models>('useModels');

export function createModels(hub: Hub): Models {
  const [models, setModels] = createSignal<ModelCard[] | null>(null);
  const [notifyMe, setNotifyMe] = createSignal<readonly number[]>([]);
  const [favourites, setFavourites] = createSignal<readonly number[]>([]);

  function receive(message: HubMessage) {
    if (message.type === 'models') setModels(message.models);
    // Before the first whole list there is nothing that it could change.
    if (message.type === 'models.changed') setModels((known) => known && withChanges(known, message));
    if (message.type === 'notifyMe') setNotifyMe(message.modelIds);
    if (message.type === 'favourites') setFavourites(message.modelIds);
    if (message.type === 'model.free') showFree(message.displayName);
  }
  onCleanup(hub.listen(receive));

  return {
    models,
    notifyMe,
    favourites,
    forget: () =>
      batch(() => {
        setModels(null);
        setNotifyMe([]);
        setFavourites([]);
      }),
  };
}

/** What the client waited for: heard on whatever page, and in whatever tab. */
function showFree(name: string) {
  const text = t('client.isFree', { name });
  toast(text);
  chime();
  notify(text, t('client.isFreeWhy'), 'free');
}
