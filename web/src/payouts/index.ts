// Module: payouts. How a payout looks, for the model who asked for it and for the operators.
export { PayoutSteps } from './payout-steps.tsx';
export { payoutTone } from './tone.ts';
