// What the ledger's answer means, and what happens while it is awaited.
import { billableAt, stopAtBillable } from './billable';
import { Call, CLOSING, SUSPENDED } from './call';
import { releaseAhead } from './charges';
import { closeWhenKnown } from './ending';
import { begin, end, endQuiet, waitQuietly } from './pauses';
import { isWaived, LEDGER_WAIT } from './reasons';
import { restarted, suspend } from './suspension';
import { askFromMs, nextAmountMinor, paidUntilMs } from './tariff';

/** What is paid is used up and the ledger has not answered: the meter stands, and no time is given away. */
export function waitForLedger(call: Call, at: i32): void {
  if (!call.isStarted && call.reasons == 0) waitQuietly(call, at);
  else begin(call, LEDGER_WAIT, at, at);
}

/** The ledger has posted the pending unit. */
export function posted(call: Call, balanceMinor: i64, at: i32): void {
  call.pending = false;
  call.unitsPosted++;
  call.balanceMinor = balanceMinor;
  if (call.state == CLOSING) closeWhenKnown(call, at);
  else if (call.state == SUSPENDED) restarted(call, at);
  else if (isWaived(call)) releaseAhead(call, at);
  else end(call, LEDGER_WAIT, at);
}

/** The ledger has refused the pending unit for want of funds. */
export function refused(call: Call, balanceMinor: i64, at: i32): void {
  call.pending = false;
  call.balanceMinor = balanceMinor;
  // A restart that is refused changes nothing: the grace goes on as it was.
  if (call.state == SUSPENDED) return;
  if (call.state == CLOSING) return closeWhenKnown(call, at);
  if (isWaived(call)) return;
  endQuiet(call);
  const usedMs = billableAt(call, at);
  if (usedMs >= paidUntilMs(call)) suspend(call, stopAtBillable(call, paidUntilMs(call)), at);
  else {
    // Paid time is left, since the unit was asked for ahead or a pause was dated back: media does not stop before
    // its end. Where that is far off, the ledger is asked once more.
    call.isRefused = usedMs >= askFromMs(call);
    end(call, LEDGER_WAIT, at);
  }
}

/** A unit that was refused ahead of its time and is covered by now is asked for again. */
export function askAgainIfCovered(call: Call): void {
  if (call.isRefused && call.balanceMinor >= nextAmountMinor(call)) call.isRefused = false;
}

/** The paid time is used up and the next unit was refused before (charging rules, "When the money runs out"). */
export function fundsAreUsedUp(call: Call, at: i32): void {
  suspend(call, stopAtBillable(call, paidUntilMs(call)), at);
}
