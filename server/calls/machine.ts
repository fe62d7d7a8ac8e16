import {
  type CallState,
  CONFIRM_MS,
  type ErrorCode,
  type Outcome,
  otherSide,
  RECONNECT_MS,
  type Side,
} from '../contract/index.ts';

// A call's life as a table of states and events. It decides and does nothing: the runner carries out
// the effects. Read it beside "How a call can end" in the charging rules.

export interface SideFacts {
  readonly isConnected: boolean;
  readonly isPresent: boolean;
  readonly hasMedia: boolean;
  readonly isMuted: boolean;
  readonly isCameraOff: boolean;
}

export interface CallFacts {
  readonly state: CallState;
  readonly sides: Readonly<Record<Side, SideFacts>>;
  readonly outcome: Outcome | null;
  readonly endedBy: Side | null;
  /** Who has to come back before the call goes on: the side that was lost first, or the appliance. */
  readonly lostBy: LostBy | null;
}

/** Whose connection is lost (charging rules: `reconnecting`). */
export type LostBy = Side | 'appliance';

export type TimerName = 'ring' | 'caller_gone' | 'confirm' | 'lost_client' | 'lost_model' | 'recovery';

export type CallEvent =
  | { readonly type: 'accept' | 'reject' | 'connect' | 'hang_up' | 'restart' | 'waive'; readonly by: Side }
  | { readonly type: 'mute'; readonly by: Side; readonly isMuted: boolean; readonly isCameraOff: boolean }
  /** A page of the side takes part, or the one that did is gone. */
  | { readonly type: 'attached' | 'detached'; readonly by: Side }
  | { readonly type: 'media_up'; readonly by: Side }
  /** Its leg is gone; by the appliance's fault when the media process has ended, which was last heard of then. */
  | { readonly type: 'media_down'; readonly by: Side; readonly applianceLostAtMs?: number }
  /** The side's page decodes nothing although packets reach it: it asks for new legs. */
  | { readonly type: 'stalled'; readonly by: Side }
  | { readonly type: 'timed_out'; readonly timer: TimerName }
  /** From the meter: out of funds, paid again, grace over. */
  | { readonly type: 'suspended' | 'restarted' | 'grace_over' }
  | { readonly type: 'operator_ended' | 'failed' };

export type Effect =
  | { readonly do: 'start_timer'; readonly timer: TimerName; readonly ms: number }
  | { readonly do: 'stop_timer'; readonly timer: TimerName }
  /** New legs for both sides, in place of any they have. */
  | { readonly do: 'open_media' }
  /** Both legs are up: both pages attach camera and microphone. */
  | { readonly do: 'start_media' }
  | { readonly do: 'close_media' }
  | { readonly do: 'start_meter' | 'waive_meter' }
  /** `sinceMs`: when the fault began, if not now. */
  | { readonly do: 'pause_meter'; readonly lostBy: LostBy; readonly sinceMs?: number }
  | { readonly do: 'resume_meter'; readonly lostBy: LostBy }
  /** By whose doing the call ends, for charging rule 5; `isHangUp`: the client pressed. */
  | { readonly do: 'end_meter'; readonly by: 'client' | 'model' | 'appliance'; readonly isHangUp: boolean };

export type Step = { readonly call: CallFacts; readonly effects: readonly Effect[] } | { readonly refusal: ErrorCode };

type EventType = CallEvent['type'];
type Rule = (call: CallFacts, event: never) => Step;
type By<T extends EventType> = Extract<CallEvent, { type: T }>;

/** A caller whose page is gone for so long has given up. */
const CALLER_GONE_MS = 5_000;

const NOBODY: SideFacts = { isConnected: false, isPresent: false, hasMedia: false, isMuted: false, isCameraOff: false };

/** A call that has just begun to ring; the client's page takes part in it. */
export function newCall(): CallFacts {
  return {
    state: 'ringing',
    sides: { client: { ...NOBODY, isPresent: true }, model: NOBODY },
    outcome: null,
    endedBy: null,
    lostBy: null,
  };
}

/** A call found again after a restart: its people have to come back, and have a minute for it. */
export function foundCall(state: CallState): CallFacts {
  const connected = state === 'live' || state === 'suspended';
  const side = { ...NOBODY, isConnected: connected };
  const lostBy = connected ? 'appliance' : null;
  return { state, sides: { client: side, model: side }, outcome: null, endedBy: null, lostBy };
}

/** The timer that ends the wait for whoever is lost. */
export const LOST_TIMERS: Readonly<Record<LostBy, TimerName>> = {
  client: 'lost_client',
  model: 'lost_model',
  appliance: 'recovery',
};
/** Their connection is lost (charging rules: `reconnecting`). */
export const isLost = (side: SideFacts): boolean => !side.isPresent || !side.hasMedia;

const stay = (call: CallFacts, ...effects: Effect[]): Step => ({ call, effects });
const go = (call: CallFacts, state: CallState, ...effects: Effect[]): Step => ({ call: { ...call, state }, effects });

function withSide(call: CallFacts, side: Side, change: Partial<SideFacts>): CallFacts {
  return { ...call, sides: { ...call.sides, [side]: { ...call.sides[side], ...change } } };
}

function ended(call: CallFacts, outcome: Outcome, endedBy: Side | null): Step {
  return {
    call: { ...call, state: 'ended', outcome, endedBy },
    effects: [
      { do: 'close_media' },
      { do: 'end_meter', by: whoseDoing(outcome, endedBy), isHangUp: outcome === 'client_ended' },
    ],
  };
}

/** By whose doing an outcome came, for charging rule 5. */
export function whoseDoing(outcome: Outcome, endedBy: Side | null): 'client' | 'model' | 'appliance' {
  if (outcome === 'out_of_funds') return 'client';
  const isPersons = outcome === 'client_ended' || outcome === 'model_ended' || outcome === 'network_lost';
  return isPersons && endedBy ? endedBy : 'appliance';
}

const only =
  <T extends EventType>(side: Side, rule: (call: CallFacts, event: By<T>) => Step) =>
  (call: CallFacts, event: By<T> & { by: Side }): Step =>
    event.by === side ? rule(call, event) : { refusal: 'not_allowed' };

const mute = (call: CallFacts, event: By<'mute'>): Step =>
  stay(withSide(call, event.by, { isMuted: event.isMuted, isCameraOff: event.isCameraOff }));

/** Legs are made for both sides at once: a page that joins late cannot tell the other's streams apart. */
const openMedia = (call: CallFacts): Step => {
  const without = withSide(withSide(call, 'client', { hasMedia: false }), 'model', { hasMedia: false });
  return without.sides.client.isPresent && without.sides.model.isPresent
    ? stay(without, { do: 'open_media' })
    : stay(without);
};

function legUp(call: CallFacts, by: Side): { call: CallFacts; effects: Effect[] } {
  const next = withSide(call, by, { hasMedia: true });
  return {
    call: next,
    effects: next.sides.client.hasMedia && next.sides.model.hasMedia ? [{ do: 'start_media' }] : [],
  };
}

/** What a rule that changed the sides of a live or suspended call means for its meter and its timers. */
function followSides(before: CallFacts, next: Step, by: LostBy, sinceMs?: number): Step {
  if ('refusal' in next) return next;
  const was = before.lostBy;
  const now = lostBy(before, next.call, by);
  const call = { ...next.call, lostBy: now };
  if (was === now) return { call, effects: next.effects };
  const effects = [...next.effects];
  if (now) {
    effects.push({ do: 'pause_meter', lostBy: now, ...(was === null && sinceMs !== undefined && { sinceMs }) });
    effects.push({ do: 'start_timer', timer: LOST_TIMERS[now], ms: RECONNECT_MS });
  }
  if (was) effects.push({ do: 'resume_meter', lostBy: was }, { do: 'stop_timer', timer: LOST_TIMERS[was] });
  return { call, effects };
}

/**
 * Whom the call waits for. Legs are made for both at once, so both are without media then: the wait is of who was lost,
 * and of the other only once that one is back.
 */
function lostBy(before: CallFacts, next: CallFacts, by: LostBy): LostBy | null {
  const { client, model } = next.sides;
  if (!isLost(client) && !isLost(model)) return null;
  if (before.lostBy === null) return by;
  if (before.lostBy === 'appliance') return by !== 'appliance' && !next.sides[by].isPresent ? by : 'appliance';
  return isLost(next.sides[before.lostBy]) ? before.lostBy : otherSide(before.lostBy);
}

/** Goes live once both have pressed Connect, and both are here with their legs up (charging rule 1). */
function liveWhenReady(call: CallFacts, effects: readonly Effect[] = []): Step {
  const { client, model } = call.sides;
  const isReady = client.isConnected && model.isConnected && !isLost(client) && !isLost(model);
  if (!isReady) return { call, effects };
  return go(call, 'live', ...effects, { do: 'stop_timer', timer: 'confirm' }, { do: 'start_meter' });
}

const operatorEnds = (call: CallFacts): Step => ended(call, 'operator_ended', null);
const fails = (call: CallFacts): Step => ended(call, 'failed', null);
const hangsUp = (call: CallFacts, { by }: By<'hang_up'>): Step =>
  ended(call, by === 'client' ? 'client_ended' : 'model_ended', by);
/** Not back in time. After a restart of the appliance that is nobody's doing (charging rule 5). */
const notBack = (call: CallFacts, { timer }: By<'timed_out'>): Step => {
  if (timer === 'recovery') return ended(call, 'network_lost', null);
  if (timer !== 'lost_client' && timer !== 'lost_model') return stay(call);
  const side = timer === 'lost_client' ? 'client' : 'model';
  return call.lostBy === side ? ended(call, 'network_lost', side) : stay(call);
};

const comesBack = (call: CallFacts, { by }: By<'attached'>): Step =>
  followSides(call, openMedia(withSide(call, by, { isPresent: true })), by);
const isGone = (call: CallFacts, { by }: By<'detached'>): Step =>
  followSides(call, stay(withSide(call, by, { isPresent: false, hasMedia: false })), by);
const mediaUp = (call: CallFacts, { by }: By<'media_up'>): Step => followSides(call, legUp(call, by), by);
const mediaDown = (call: CallFacts, { by, applianceLostAtMs: sinceMs }: By<'media_down'>): Step =>
  followSides(
    call,
    openMedia(withSide(call, by, { hasMedia: false })),
    sinceMs === undefined ? by : 'appliance',
    sinceMs,
  );
const stalls = (call: CallFacts, { by }: By<'stalled'>): Step =>
  followSides(call, openMedia(withSide(call, by, { hasMedia: false })), by);

type Rules = Partial<Record<EventType, Rule>>;

/** What can happen to a call that has been live, whether its credit lasts or not. */
const GOING_ON: Rules = {
  hang_up: hangsUp,
  attached: comesBack,
  detached: isGone,
  media_up: mediaUp,
  media_down: mediaDown,
  stalled: stalls,
  mute,
  timed_out: notBack,
  operator_ended: operatorEnds,
  failed: fails,
};

const TABLE: Readonly<Record<CallState, Rules>> = {
  ringing: {
    accept: only<'accept'>('model', (call) => {
      const answered = withSide(call, 'model', { isPresent: true });
      return go(
        answered,
        'confirming',
        { do: 'stop_timer', timer: 'ring' },
        { do: 'stop_timer', timer: 'caller_gone' },
        { do: 'start_timer', timer: 'confirm', ms: CONFIRM_MS },
        ...(answered.sides.client.isPresent ? [{ do: 'open_media' } as const] : []),
      );
    }),
    reject: only<'reject'>('model', (call) => ended(call, 'rejected', 'model')),
    hang_up: (call, { by }: By<'hang_up'>) => ended(call, by === 'client' ? 'withdrawn' : 'rejected', by),
    attached: only<'attached'>('client', (call) =>
      stay(withSide(call, 'client', { isPresent: true }), { do: 'stop_timer', timer: 'caller_gone' }),
    ),
    detached: (call, { by }: By<'detached'>) =>
      by === 'client'
        ? stay(withSide(call, by, { isPresent: false }), {
            do: 'start_timer',
            timer: 'caller_gone',
            ms: CALLER_GONE_MS,
          })
        : stay(call),
    timed_out: (call, { timer }: By<'timed_out'>) =>
      timer === 'ring'
        ? ended(call, 'missed', null)
        : timer === 'caller_gone'
          ? ended(call, 'withdrawn', 'client')
          : stay(call),
    operator_ended: operatorEnds,
    failed: fails,
  },
  confirming: {
    // The model connects first, then the client (seed A).
    connect: (call, { by }: By<'connect'>) =>
      by === 'client' && !call.sides.model.isConnected
        ? { refusal: 'model_connects_first' }
        : liveWhenReady(withSide(call, by, { isConnected: true })),
    // Whose page has gone has left, whoever ends the wait for it.
    hang_up: (call, { by }: By<'hang_up'>) =>
      ended(call, 'canceled', call.sides[otherSide(by)].isPresent ? by : otherSide(by)),
    attached: (call, { by }: By<'attached'>) => openMedia(withSide(call, by, { isPresent: true })),
    detached: (call, { by }: By<'detached'>) => stay(withSide(call, by, { isPresent: false, hasMedia: false })),
    media_up: (call, { by }: By<'media_up'>) => {
      const { call: next, effects } = legUp(call, by);
      return liveWhenReady(next, effects);
    },
    media_down: (call, { by }: By<'media_down'>) => openMedia(withSide(call, by, { hasMedia: false })),
    mute,
    timed_out: (call, { timer }: By<'timed_out'>) =>
      timer === 'confirm' ? ended(call, 'canceled', notConnected(call)) : stay(call),
    operator_ended: operatorEnds,
    failed: fails,
  },
  live: {
    ...GOING_ON,
    waive: only<'waive'>('model', (call) => stay(call, { do: 'waive_meter' })),
    suspended: (call) => go(call, 'suspended'),
  },
  suspended: {
    ...GOING_ON,
    restart: only<'restart'>('client', (call) =>
      isLost(call.sides.client) || isLost(call.sides.model) ? { refusal: 'wrong_state' } : stay(call),
    ),
    restarted: (call) => go(call, 'live'),
    grace_over: (call) => ended(call, 'out_of_funds', null),
  },
  ended: {
    // Both ended it within a second: the model did (charging rule 5). The meter has judged the second.
    hang_up: (call, { by }: By<'hang_up'>) =>
      by === 'model' && call.outcome === 'client_ended'
        ? stay({ ...call, outcome: 'model_ended', endedBy: 'model' })
        : { refusal: 'wrong_state' },
  },
};

/** Who kept a confirmation from going live: who had not connected, else who was gone; null when both. */
function notConnected({ sides }: CallFacts): Side | null {
  const single = (missing: readonly Side[]) => (missing.length === 1 ? (missing[0] as Side) : null);
  const both = ['model', 'client'] as const;
  const idle = single(both.filter((side) => !sides[side].isConnected));
  return idle ?? single(both.filter((side) => !sides[side].isPresent));
}

/** What an event makes of a call: its new facts and what is to be done, or why it cannot be. */
export function step(call: CallFacts, event: CallEvent): Step {
  const rule = TABLE[call.state][event.type];
  return rule ? rule(call, event as never) : { refusal: 'wrong_state' };
}

/** Every pair of state and event that has a rule; for documents and tests. */
export function pairs(): [CallState, EventType][] {
  return (Object.keys(TABLE) as CallState[]).flatMap((state) =>
    (Object.keys(TABLE[state]) as EventType[]).map((type): [CallState, EventType] => [state, type]),
  );
}
