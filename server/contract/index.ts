// Module: contract. Every message and shape that crosses a wire, as schemas, and the limits and error
// codes that go with them. In: nothing of ours. Out: types and schemas for the server, the pages and
// the benches. Pages import types and constants only, so that no validator is shipped to a phone.
export * from './account.ts';
export * from './api.ts';
export * from './calls.ts';
export * from './catalog-feedback.ts';
export * from './connection.ts';
export * from './decimal.ts';
export * from './errors.ts';
export * from './hub.ts';
export * from './limits.ts';
export * from './media.ts';
export * from './media-tracks.ts';
export * from './meter-log.ts';
export * from './model-cards.ts';
export * from './money.ts';
export * from './money-api.ts';
export * from './people.ts';
export * from './problem.ts';
export * from './push.ts';
export * from './receipt.ts';
export * from './studio.ts';
export * from './threads.ts';
export * from './trust.ts';
