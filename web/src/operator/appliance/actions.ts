import type { AuditAction } from '@contract/studio.ts';

/** What the audit log can be narrowed to. A record, so that an action that is missing here does not compile. */
const ALL: Record<AuditAction, true> = {
  set_up: true,
  person_made: true,
  link_made: true,
  person_reset: true,
  person_suspended: true,
  suspension_lifted: true,
  marks_set: true,
  share_set: true,
  account_deleted: true,
  credit_given: true,
  balance_corrected: true,
  call_refunded: true,
  tip_refunded: true,
  call_ended: true,
  vouchers_made: true,
  batch_voided: true,
  voucher_voided: true,
  payout_approved: true,
  payout_rejected: true,
  payout_paid: true,
  payout_failed: true,
  trouble_settled: true,
  report_answered: true,
  ledger_checked: true,
  signed_in: true,
  sign_in_refused: true,
  access_refused: true,
  data_exported: true,
  report_exported: true,
  audit_exported: true,
};

export const ACTIONS = Object.keys(ALL) as AuditAction[];
