import { defineContext } from '~/context';
import type { Hub } from './hub.ts';

/** The page's one connection to the appliance. */
export const [HubProvider, useHub] = defineContext<Hub>('useHub');
