// The reasons for which a meter stands: bits, so that several in force at once count once.
import { Call } from './call';

export const SLOW_LINK: u8 = 1;
/** The model's. */
export const NO_MEDIA: u8 = 2;
export const RECONNECTING: u8 = 4;
export const MODEL_WAIVED: u8 = 8;
export const LEDGER_WAIT: u8 = 16;
export const CLIENT_NO_MEDIA: u8 = 32;
export const CLIENT_RECONNECTING: u8 = 64;
/** Neither side's: the appliance itself has lost their media. */
export const APPLIANCE_RECONNECTING: u8 = 128;

/** Causes that keep the rest of the minimum from a client who leaves (charging rule 5). */
export const MODEL_FAULTS: u8 = SLOW_LINK | NO_MEDIA | RECONNECTING | APPLIANCE_RECONNECTING;

export function isWaived(call: Call): bool {
  return (call.reasons & MODEL_WAIVED) != 0;
}

/** How long a cause on the model's side has kept the meter from running at `at`; 0 when there is none. */
export function modelFaultMs(call: Call, at: i32): i64 {
  return call.reasons & MODEL_FAULTS ? <i64>at - <i64>call.modelFaultSince : 0;
}
