// Module: rates. How often something may happen: at once and in the long run, or so many tries in a window of time. In: a
// name, a time. Out: yes or no. It knows nothing of what is counted.
export { AttemptLimit } from './attempt-limit.ts';
export { TokenBucket } from './token-bucket.ts';
