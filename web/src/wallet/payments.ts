import type { Payment, PaymentState } from '@contract/money-api.ts';
import { type Accessor, createResource } from 'solid-js';
import { api, toUserFacing, type UserFacing } from '~/api';
import { keepFresh, kept } from '~/state';
import type { Tone } from '~/ui';

const TONES: Record<PaymentState, Tone> = {
  opening: 'quiet',
  open: 'warn',
  pending: 'warn',
  settled: 'good',
  expired: 'quiet',
  failed: 'bad',
};
export const paymentTone = (state: PaymentState): Tone => TONES[state];

/** A checkout is a page of the web, nothing else. */
export const isCheckoutUrl = (url: string | null): url is string => url !== null && /^https?:\/\//.test(url);

/** One payment, kept up to date. */
export function createPayment(paymentId: Accessor<number>): {
  payment: Accessor<Payment | undefined>;
  error: Accessor<UserFacing | null>;
  retry: () => void;
} {
  const [read, { refetch }] = createResource(paymentId, (id) => api.payment(id));
  const known = kept(read);
  keepFresh(async () => void (await refetch()));
  return { payment: known, error: () => (read.error ? toUserFacing(read.error) : null), retry: () => void refetch() };
}
