// Module: model. Her dashboard (calls on and off, latest calls), her earnings and payouts, her profile. Its pages
// are loaded by the router.
export { AwayWarning } from './away-warning.tsx';
