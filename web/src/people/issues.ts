import type { IssueKind } from '@contract/trust.ts';

/** What can be wrong with a call, and what with a person, in the order in which it is offered. */
export const CALL_ISSUES: IssueKind[] = [
  'no_picture',
  'no_sound',
  'poor_quality',
  'disconnected',
  'wrong_charge',
  'harassment',
  'other',
];
export const PERSON_ISSUES: IssueKind[] = ['harassment', 'underage', 'fraud', 'impersonation', 'other'];
