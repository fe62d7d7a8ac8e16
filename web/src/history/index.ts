// Module: history. A person's calls and the movements of their money, as lists. Its page is loaded by the router.
export { CallList } from './call-list.tsx';
export { createCalls } from './calls.ts';
