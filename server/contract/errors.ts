import Type, { type Static } from 'typebox';

/** Every error that crosses the wire: stable code, HTTP status, and a sentence that a person can act on. */
export const ERRORS = {
  // requests
  malformed: [400, 'The message was not understood.'],
  unknown_type: [400, 'There is no message of this type.'],
  bad_origin: [403, 'This page does not belong to the appliance.'],
  not_found: [404, 'There is nothing at this address.'],
  too_large: [413, 'That is too large.'],
  too_many_requests: [429, 'Too many tries. Wait a moment and try again.'],
  internal: [500, 'Something went wrong in the appliance. The operator can find it in the log.'],
  unavailable: [503, 'The appliance cannot do this right now. Try again in a moment.'],
  // accounts
  not_signed_in: [401, 'Sign in first.'],
  wrong_credentials: [401, 'The user name or the password is wrong.'],
  wrong_old_password: [403, 'The old password is wrong.'],
  too_many_guesses: [429, 'Too many wrong passwords. Wait a few minutes, or ask the studio for a sign-in link.'],
  password_too_easy: [
    400,
    'This password is guessed easily. Take a longer one, of several words that do not belong together.',
  ],
  link_used_or_expired: [401, 'This link was used already or has expired. Ask for a new one.'],
  not_allowed: [403, 'This is not open to your account.'],
  username_taken: [409, 'This user name is taken.'],
  already_set_up: [409, 'The appliance has an operator already. Sign in instead.'],
  person_not_found: [404, 'There is no such person.'],
  account_suspended: [403, 'This account is suspended. Ask the studio.'],
  session_not_found: [404, 'There is no such session.'],
  wrong_username: [400, 'This is not the user name of this account.'],
  last_operator: [409, 'This is the last operator. Make another one first.'],
  at_the_machine: [403, 'For an operator this is done at the appliance’s own machine, with the command parlour user.'],
  not_yourself: [409, 'This cannot be done to your own account.'],
  in_call: [409, 'This is not possible during a call. End it first.'],
  money_left: [409, 'There is money on this account. Have it paid out, or give it up in as many words.'],
  payout_open: [409, 'A payout of this account is not finished yet.'],
  payment_open: [409, 'A payment of this account is not certain yet.'],
  too_many_favourites: [409, 'You have as many favourites as there can be. Take one off first.'],
  // calls
  call_not_found: [404, 'There is no such call.'],
  wrong_state: [409, 'This is not possible at this point of the call.'],
  model_unavailable: [409, 'She is not taking calls right now.'],
  model_busy: [409, 'She is in another call.'],
  too_many_rings: [429, 'You have rung too often. Wait a minute and try again.'],
  too_many_looks: [429, 'You have left too many confirmations today without connecting. Try again tomorrow.'],
  looked_too_often: [
    409,
    'You have looked at her several times without connecting. She takes no more such calls; try again tomorrow.',
  ],
  already_in_call: [409, 'You are in a call already.'],
  model_connects_first: [409, 'The model connects first. Then you can connect.'],
  not_reachable: [409, 'This person cannot be reached.'],
  write_first: [409, 'You can write to a client once they have written to you or called you.'],
  cannot_rate: [409, 'This call cannot be rated, or its time for it is over.'],
  report_not_found: [404, 'There is no such report.'],
  report_answered: [409, 'This report was answered already.'],
  bad_picture: [400, 'This is no JPEG, PNG or WebP picture.'],
  no_picture: [404, 'There is no picture.'],
  model_is_free: [409, 'She is free now. Call her.'],
  insufficient_credit: [402, 'The credit does not cover the start of this call. Add credit first.'],
  // notifications
  bad_push_endpoint: [400, 'Notifications are not sent to this address.'],
  push_off: [409, 'Notifications are off in this browser.'],
  push_not_delivered: [503, 'The push service of this browser did not take the notification. Try again later.'],
  // media
  bad_sdp: [400, 'The answer of the page cannot be used.'],
  bad_candidate: [400, 'This candidate cannot be used.'],
  connection_test_busy: [429, 'A test of the connection is running already. Wait until it is over.'],
  // money
  key_reused: [409, 'This request was sent before with other content.'],
  no_wallet: [409, 'This person has no credit account.'],
  balance_too_low: [409, 'The balance does not cover this amount.'],
  vouchers_made_already: [
    409,
    'These vouchers were made already, and their codes cannot be shown again. End that batch if you do not have them, and make another.',
  ],
  voucher_mistyped: [400, 'This code is not complete or has a typing error. Compare it letter by letter.'],
  voucher_unknown: [404, 'There is no voucher with this code.'],
  voucher_used: [409, 'This voucher was used already.'],
  voucher_void: [409, 'This voucher is no longer valid.'],
  refund_too_late: [409, 'The time for this refund is over. The operator can still make it.'],
  refund_nothing: [409, 'There is nothing left to refund here.'],
  refund_not_covered: [409, 'The earnings do not cover this refund any more. Ask the operator.'],
  payment_not_found: [404, 'There is no such payment.'],
  provider_off: [409, 'This way to pay is not open here.'],
  provider_unavailable: [503, 'The payment provider does not answer. Try again in a moment.'],
  bad_signature: [401, 'The signature does not fit these bytes.'],
  payout_not_found: [404, 'There is no such payout.'],
  too_new_to_approve: [409, 'This account is younger than the payout. Another operator has to approve it.'],
  payout_state: [409, 'This payout is at another step by now.'],
  already_approved: [409, 'You have approved this payout. Another operator has to do so, too.'],
  batch_not_found: [404, 'There is no such batch of vouchers.'],
} as const satisfies Record<string, readonly [status: number, sentence: string]>;

export type ErrorCode = keyof typeof ERRORS;

export const ErrorBody = Type.Object({
  code: Type.String(),
  message: Type.String(),
});
export type ErrorBody = Static<typeof ErrorBody> & { code: ErrorCode };

/** What a user can cause. Thrown in the modules, turned into an answer by the front; anything else is a bug. */
export class UserError extends Error {
  override readonly name = 'UserError';
  readonly code: ErrorCode;

  /**
   * @param detail a sentence that replaces the code's own where more can be said
   * @param cause for the log, never for the wire
   */
  constructor(code: ErrorCode, detail?: string, cause?: unknown) {
    super(detail ?? ERRORS[code][1], { cause });
    this.code = code;
  }

  get httpStatus(): number {
    return ERRORS[this.code][0];
  }

  toBody(): ErrorBody {
    return { code: this.code, message: this.message };
  }
}
