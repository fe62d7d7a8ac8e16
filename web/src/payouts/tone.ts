import type { PayoutState } from '@contract/money-api.ts';
import type { Tone } from '~/ui';

const TONES: Record<PayoutState, Tone> = {
  requested: 'warn',
  approved: 'warn',
  paid: 'good',
  rejected: 'bad',
  failed: 'bad',
  withdrawn: 'quiet',
};
export const payoutTone = (state: PayoutState): Tone => TONES[state];
