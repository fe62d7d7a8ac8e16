// Room: payouts. How a payout looks, for the model who asked for it and for the operators.
export { PayoutSteps } from './PayoutSteps.tsx';
export { payoutTone } from './tone.ts';
