import { defineContext } from '~/context';
import type { Call } from './types.ts';

/** The call that this person is in, or that they are offered. */
export const [CallProvider, useCall] = defineContext<Call>('useCall');
