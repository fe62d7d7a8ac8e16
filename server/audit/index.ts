// Module: audit. Who of the studio did what, to whom, and when; written once and never edited. In: an action that was
// carried out. Out: its entries, newest first. It decides nothing and lets nothing happen.
export { Audit, type AuditNote, detailOf } from './audit.ts';
