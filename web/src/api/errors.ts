import type { ErrorCode } from '@contract/errors.ts';

/** Error codes that arise in the page itself. */
type PageErrorCode = 'no_connection' | 'no_answer';

/** An error to show. `message` is the appliance's sentence; the catalogue's words for `code` come first. */
export class UserFacing extends Error {
  override readonly name = 'UserFacing';
  readonly code: ErrorCode | PageErrorCode;

  constructor(code: ErrorCode | PageErrorCode, message = '') {
    super(message);
    this.code = code;
  }
}

/** Whatever was thrown, as something to show; a bug becomes `internal` and is logged. */
export function toUserFacing(thrown: unknown): UserFacing {
  if (thrown instanceof UserFacing) return thrown;
  console.error(thrown);
  return new UserFacing('internal');
}
