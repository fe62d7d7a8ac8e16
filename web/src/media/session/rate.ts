// How many bits a second the picture may have, from what its receiver says of how it gets there. Delay that
// grows is a queue: less is sent until it is gone. Without one a little more is tried, soon more.

export const PICTURE_BPS_MIN = 150_000;
export const PICTURE_BPS_START = 1_500_000;
/** What 720p at 30 frames a second gains something from. */
export const PICTURE_BPS_MAX = 2_500_000;

/** A wait that comes and goes with the size of frames is none of the link's. */
const QUEUE_MS_FINE = 40;
const QUEUE_MS_BAD = 120;
/** Nobody likes to talk with more: what waits is given up, and a fresh small picture sent. */
export const QUEUE_MS_LOST = 500;
const UP = 1.08;
const UP_SOON = 1.25;
const DOWN = 0.75;
/** After going down the queue takes so long to empty: nothing is concluded meanwhile. */
const SETTLE_MS = 700;
/** So long without a queue, and bigger steps are taken. */
const SOON_MS = 3_000;
/** What came through, beside what is tried next after a queue. */
const CAME_RATIO = 0.9;

export type RateState = { readonly bps: number; readonly downAtMs: number; readonly badAtMs: number };

export const startRate = (nowMs: number): RateState => ({ bps: PICTURE_BPS_START, downAtMs: 0, badAtMs: nowMs });

/** @param word what the receiver says: `queueMs` (null: no frames came) and `kbps` that came */
export function nextRate(
  state: RateState,
  word: { readonly queueMs: number | null; readonly kbps: number },
  nowMs: number,
): RateState {
  if (word.queueMs === null) return state;
  if (word.queueMs > QUEUE_MS_BAD) {
    if (nowMs - state.downAtMs < SETTLE_MS) return { ...state, badAtMs: nowMs };
    const came = word.kbps * 1_000 * CAME_RATIO;
    const bps = within(Math.min(state.bps * DOWN, came > 0 ? Math.max(came, state.bps / 2) : state.bps / 2));
    return { bps, downAtMs: nowMs, badAtMs: nowMs };
  }
  if (word.queueMs > QUEUE_MS_FINE) return { ...state, badAtMs: nowMs };
  return { ...state, bps: within(state.bps * (nowMs - state.badAtMs > SOON_MS ? UP_SOON : UP)) };
}

const within = (bps: number): number => Math.round(Math.min(PICTURE_BPS_MAX, Math.max(PICTURE_BPS_MIN, bps)));
