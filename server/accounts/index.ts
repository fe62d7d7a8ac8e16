// Module: accounts. People, how they prove who they are, what a model offers and when. In: names,
// passwords, tokens. Out: a Person, or a UserError. It knows nothing of calls or money.
export { Accounts, type Person, type PersonTerms, peerOf, pictureUrlOf, SESSION_MS } from './accounts.ts';
export { Pictures } from './pictures.ts';
export { digestOf } from './secrets.ts';
export { SignIn } from './sign-in.ts';
