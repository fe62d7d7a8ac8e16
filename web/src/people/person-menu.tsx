import type { Peer } from '@contract/people.ts';
import EllipsisVertical from 'lucide-solid/icons/ellipsis-vertical';
import { createSignal, lazy, Show, Suspense } from 'solid-js';
import { t } from '~/i18n';

const PersonMenuOpen = lazy(() => import('./person-menu-open.tsx'));

type PersonMenuProps = {
  peer: Pick<Peer, 'personId' | 'displayName'>;
  /** Of a call that goes on, or that the report is about. */
  callId?: number | undefined;
  isInCall?: boolean;
  onStage?: boolean;
  onBlocked?: () => void;
};

/** Block and report, wherever a person is met. The menu is loaded with the first press. */
export function PersonMenu(props: PersonMenuProps) {
  const [isWanted, setWanted] = createSignal(false);
  return (
    <Show when={isWanted()} fallback={<Closed {...props} onPress={() => setWanted(true)} />}>
      <Suspense fallback={<Closed {...props} isBusy onPress={() => undefined} />}>
        <PersonMenuOpen {...props} />
      </Suspense>
    </Show>
  );
}

function Closed(props: PersonMenuProps & { isBusy?: boolean; onPress: () => void }) {
  return (
    <button
      type="button"
      aria-haspopup="menu"
      aria-expanded="false"
      aria-busy={props.isBusy ? 'true' : undefined}
      aria-label={t('people.menu', { name: props.peer.displayName })}
      onClick={() => props.onPress()}
      class={`flex size-11 shrink-0 items-center justify-center rounded-full ${props.onStage ? 'bg-panel text-on-stage hover:bg-[#3a322b]' : 'text-ink-soft hover:bg-sunken'}`}
    >
      <EllipsisVertical size={20} aria-hidden="true" />
    </button>
  );
}
