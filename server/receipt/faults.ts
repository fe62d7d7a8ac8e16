export type FaultCode =
  | 'line_missing'
  | 'line_doubled'
  | 'line_out_of_order'
  | 'line_malformed'
  | 'clock_backwards'
  | 'started_twice'
  | 'billable_backwards'
  | 'billable_too_low'
  | 'billable_faster_than_clock'
  | 'billable_ran_while_paused'
  | 'recovered_elsewhere'
  | 'paused_twice'
  | 'paused_in_future'
  | 'cut_back_too_far'
  | 'resumed_without_pause'
  | 'slow_link_without_evidence'
  | 'resumed_without_evidence'
  | 'suspended_without_refusal'
  | 'suspended_before_used_up'
  | 'restarted_without_suspension'
  | 'grace_without_suspension'
  | 'charged_twice'
  | 'unit_skipped'
  | 'unit_out_of_order'
  | 'wrong_amount'
  | 'charged_before_due'
  | 'charged_while_paused'
  | 'charged_while_suspended'
  | 'charged_after_waiver'
  | 'used_and_not_charged'
  | 'released_and_charged'
  | 'released_twice'
  | 'posted_and_forgotten'
  | 'minimum_not_due'
  | 'minimum_too_high'
  | 'minimum_twice'
  | 'minimum_why_wrong'
  | 'minimum_due_wrong'
  | 'closed_missing'
  | 'closed_twice'
  | 'closed_contradicts'
  | 'line_after_closed'
  | 'media_contradicts'
  // Log against core.
  | 'core_differs'
  // Receipt against log.
  | 'receipt_differs'
  // Log against ledger.
  | 'not_in_ledger'
  | 'not_in_log'
  | 'doubled_in_ledger'
  | 'booked_amount_differs'
  | 'transfer_differs'
  | 'share_differs'
  | 'release_not_in_ledger'
  | 'release_not_in_log'
  | 'release_differs';

/** One thing that is wrong, for programs (`code`) and people (`sentence`). */
export interface Fault {
  readonly code: FaultCode;
  readonly sentence: string;
  /** The line of the log, or null where it is none in particular. */
  readonly seq: number | null;
}
