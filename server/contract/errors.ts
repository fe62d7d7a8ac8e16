import Type, { type Static } from 'typebox';

/** Every error that crosses the wire: stable code, HTTP status, and a sentence that a person can act on. */
export const ERRORS = {
  // the door
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
  link_used_or_expired: [401, 'This link was used already or has expired. Ask for a new one.'],
  not_allowed: [403, 'This is not open to your account.'],
  username_taken: [409, 'This user name is taken.'],
  already_set_up: [409, 'The appliance has an operator already. Sign in instead.'],
  person_not_found: [404, 'There is no such person.'],
  // calls
  call_not_found: [404, 'There is no such call.'],
  wrong_state: [409, 'This is not possible at this point of the call.'],
  model_unavailable: [409, 'She is not taking calls right now.'],
  model_busy: [409, 'She is in another call.'],
  already_in_call: [409, 'You are in a call already.'],
  model_connects_first: [409, 'The model connects first. Then you can connect.'],
  insufficient_credit: [402, 'The credit does not cover the start of this call. Add credit first.'],
  // money
  key_reused: [409, 'This request was sent before with other content.'],
  no_wallet: [409, 'This person has no credit account.'],
} as const satisfies Record<string, readonly [status: number, sentence: string]>;

export type ErrorCode = keyof typeof ERRORS;

export const ErrorBody = Type.Object({
  code: Type.String(),
  message: Type.String(),
});
export type ErrorBody = Static<typeof ErrorBody> & { code: ErrorCode };

/** What a user can cause. Thrown in the rooms, turned into an answer at the door; anything else is a bug. */
export class UserError extends Error {
  override readonly name = 'UserError';
  readonly code: ErrorCode;

  /** @param detail a sentence that replaces the code's own where more can be said */
  constructor(code: ErrorCode, detail?: string) {
    super(detail ?? ERRORS[code][1]);
    this.code = code;
  }

  get httpStatus(): number {
    return ERRORS[this.code][0];
  }

  toBody(): ErrorBody {
    return { code: this.code, message: this.message };
  }
}
