// Module: state. What all features stand on: who is signed in, the currency, what was read and stays, lists by page,
// forms, drafts, and notifications of the system. Knows no feature.
export { takeToken } from './address-token.ts';
export { draftOf, forgetDrafts } from './drafts.ts';
export { createForm } from './form.ts';
export { keepFresh } from './fresh.ts';
export { kept, keptList } from './kept.ts';
export { useCurrency, useMoney } from './money.ts';
export { askNotify, notify } from './notify.ts';
export { onChange } from './on-change.ts';
export { createPaged, type Paged, type PageOf } from './pagination.ts';
export { createSession, HOME, roleBefore } from './session.ts';
export { SessionProvider, useSession } from './session-context.ts';
