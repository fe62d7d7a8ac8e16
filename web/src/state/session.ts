import type { Appliance } from '@contract/api.ts';
import type { Me, Role } from '@contract/people.ts';
import { type Accessor, createSignal } from 'solid-js';
import { api, toUserFacing, UserFacing } from '~/api';

/** `unknown` until the appliance has answered; `unreachable` when it has not. */
type SessionState = 'unknown' | 'unreachable' | 'out' | 'in';
export type Session = {
  state: Accessor<SessionState>;
  appliance: Accessor<Appliance | null>;
  me: Accessor<Me | null>;
  /** Asks who is here; what does not answer is asked again until it does. */
  load(): Promise<void>;
  enter(me: Me): void;
  /** Takes over what changed about the person signed in. */
  update(change: Partial<Me>): void;
  leave(): void;
  signOut(): Promise<void>;
};

const ROLE_KEY = 'parlour.role';
/** An appliance that starts again is there after a few seconds. */
const AGAIN_MS = 3_000;

/** The role of whoever was signed in last in this browser: a hint of what to load, nothing more. */
export function roleBefore(): string | null {
  try {
    return localStorage.getItem(ROLE_KEY);
  } catch {
    return null; // a browser that keeps nothing
  }
}

function rememberRole(role: Role): void {
  try {
    localStorage.setItem(ROLE_KEY, role);
  } catch {
    // Then it is asked for each time.
  }
}

/** A role's first page. */
export const HOME: Record<Role, string> = { client: '/', model: '/', operator: '/operator' };

export function createSession(): Session {
  const [state, setState] = createSignal<SessionState>('unknown');
  const [appliance, setAppliance] = createSignal<Appliance | null>(null);
  const [me, setMe] = createSignal<Me | null>(null);

  const enter = (person: Me) => {
    setMe(person);
    rememberRole(person.role);
    setAppliance((before) => before && { ...before, needsSetUp: false });
    setState('in');
  };
  const leave = () => {
    setMe(null);
    setState('out');
  };

  let again = 0;

  async function look() {
    clearTimeout(again);
    try {
      const [found, person] = await Promise.all([
        api.appliance(),
        api.me().catch((thrown: unknown) => {
          if (thrown instanceof UserFacing && thrown.code === 'not_signed_in') return null;
          throw thrown;
        }),
      ]);
      setAppliance(found);
      if (person) enter(person);
      else leave();
    } catch (thrown) {
      toUserFacing(thrown);
      setState('unreachable');
      again = window.setTimeout(look, AGAIN_MS);
    }
  }

  return {
    state,
    appliance,
    me,
    enter,
    leave,
    update: (change) => setMe((before) => before && { ...before, ...change }),
    async load() {
      setState('unknown');
      await look();
    },
    async signOut() {
      // Signed out here even when the appliance cannot be told.
      await api.signOut().catch(toUserFacing);
      leave();
    },
  };
}
