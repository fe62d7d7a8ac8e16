// Module: audit. Who did what, to whom, when, and how it ended; written before the deed, bound to what was written
// before, and never edited. In: an action that is about to be carried out, and its end. Out: its entries, newest first,
// and whether they are as they were written. It decides nothing; where it cannot write, nothing is done.
export { Audit, type AuditNote, type AuditState, detailOf } from './audit.ts';
