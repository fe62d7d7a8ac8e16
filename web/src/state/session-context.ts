import { defineContext } from '~/context';
import type { Session } from './session.ts';

/** Who is signed in, and at which appliance. */
export const [SessionProvider, useSession] = defineContext<Session>('useSession');
