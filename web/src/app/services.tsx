import { withChanges } from '@contract/model-cards.ts';
import type { ModelCard } from '@contract/people.ts';
import { type Accessor, createContext, createSignal, type JSX, onCleanup, useContext } from 'solid-js';
import { type Call, createCall } from '~/call';
import { chime } from '~/call/ringSound.ts';
import { createHub, type Hub } from '~/hub';
import { t } from '~/i18n';
import { locale } from '~/i18n/language.ts';
import { formatMinor } from '~/money';
import { toast } from '~/ui';
import { forgetDrafts } from './drafts.ts';
import { notify } from './notify.ts';
import { onChange } from './onChange.ts';
import { createSession, type Session } from './session.ts';

/** What every page can use. Each part owns its own state. */
export type Services = {
  session: Session;
  hub: Hub;
  call: Call;
  /** Null until the hub has told. */
  models: Accessor<ModelCard[] | null>;
  /** Models of whom this client asked to be told. */
  tellMe: Accessor<readonly number[]>;
  /** This client's favourite models, the newest first. */
  favourites: Accessor<readonly number[]>;
  /** Unread lines in all threads. */
  unreadCount: Accessor<number>;
  /** An amount in the appliance's currency, in words of this person's locale. */
  money: (minor: number) => string;
  locale: string;
};

const Context = createContext<Services>();

export function useServices(): Services {
  const services = useContext(Context);
  if (!services) throw new Error('used outside of ServicesProvider');
  return services;
}

function createServices(): Services {
  const session = createSession();
  const hub = createHub(session.leave);
  const call = createCall(hub);
  const [models, setModels] = createSignal<ModelCard[] | null>(null);
  const [tellMe, setTellMe] = createSignal<readonly number[]>([]);
  const [favourites, setFavourites] = createSignal<readonly number[]>([]);
  const [unreadCount, setUnreadCount] = createSignal(0);

  const stop = hub.listen((message) => {
    if (message.type === 'models') setModels(message.models);
    // Before the first whole list there is nothing that it could change.
    if (message.type === 'models.changed') setModels((known) => known && withChanges(known, message));
    if (message.type === 'tellMe') setTellMe(message.modelIds);
    if (message.type === 'favourites') setFavourites(message.modelIds);
    if (message.type === 'unread') setUnreadCount(message.unreadCount);
    if (message.type === 'model.free') tellFree(message.displayName);
    if (message.type === 'balance') session.update({ balanceMinor: message.balanceMinor });
    if (message.type === 'availability') session.update({ availableUntil: message.availableUntil });
  });
  // Other news of the person, such as a balance, do not touch the socket.
  onChange(
    () => session.me()?.personId ?? null,
    (personId) => {
      hub.close();
      forgetDrafts();
      setModels(null);
      setTellMe([]);
      setFavourites([]);
      setUnreadCount(0);
      call.forget();
      if (personId !== null) hub.open();
    },
  );
  onCleanup(() => {
    stop();
    hub.close();
  });
  void session.load();

  const money = (minor: number) => {
    const appliance = session.appliance();
    return appliance ? formatMinor(minor, appliance.currency, locale) : '';
  };
  return { session, hub, call, models, tellMe, favourites, unreadCount, money, locale };
}

/** What the client waited for: heard on whatever page, and in whatever tab. */
function tellFree(name: string) {
  const words = t('client.isFree', { name });
  toast(words);
  chime();
  notify(words, t('client.isFreeWhy'), 'free');
}

export function ServicesProvider(props: { children: JSX.Element }) {
  return <Context.Provider value={createServices()}>{props.children}</Context.Provider>;
}
