// What each message of a page does for whom: a row for each type, asked one after another in this order. Alex rings Mia,
// she accepts, both go; what is refused on the way changes nothing.
import type { CallId, ErrorCode, PageMessageType, PageRequest } from '../../server/contract/index.ts';
import type { TestSocket } from '../support/page-socket.ts';
import { type AccessWorld, NOBODY } from './access-world.ts';

export type Name = 'alex' | 'bob' | 'mia' | 'zoe' | 'boss';

/** Pages of everybody, and the call that goes on between Alex and Mia. */
export interface Scene {
  readonly world: AccessWorld;
  readonly pages: Readonly<Record<Name, TestSocket>>;
  callId: CallId;
  /** Legs that were offered to the two. */
  legs: Readonly<Record<'alex' | 'mia', number>>;
}

export interface Said {
  readonly by: Name;
  readonly what: string;
  readonly message: PageRequest;
  readonly answer: 'ok' | ErrorCode;
}

const EVERYBODY = ['alex', 'bob', 'mia', 'zoe', 'boss'] as const;
const OUTSIDERS = ['bob', 'zoe', 'boss'] as const;

const said = (by: Name, what: string, message: PageRequest, answer: 'ok' | ErrorCode): Said => ({
  by,
  what,
  message,
  answer,
});

/** To whom a call is not theirs, and of whom no call is there. */
const byOutsiders = (messageOf: (callId: CallId) => PageRequest, { callId, world }: Scene): Said[] => [
  ...OUTSIDERS.map((by) => said(by, 'a call of others', messageOf(callId), 'call_not_found')),
  said('alex', 'a call that is over', messageOf(world.call.callId), 'call_not_found'),
  said('mia', 'no call', messageOf(NOBODY), 'call_not_found'),
];

/** A message about a leg: other people are refused, and a leg that is gone is no fault of the page. */
const ofLeg = (messageOf: (legId: number) => PageRequest, { legs }: Scene): Said[] => [
  ...OUTSIDERS.map((by) => said(by, 'the leg of others', messageOf(legs.mia), 'not_allowed')),
  said('alex', 'the leg of the other', messageOf(legs.mia), 'not_allowed'),
  said('mia', 'the leg of the other', messageOf(legs.alex), 'not_allowed'),
  said('bob', 'a leg that is gone', messageOf(NOBODY), 'ok'),
];

const key = 'key-of-the-scene';

export const MESSAGES: { readonly [T in PageMessageType]: (scene: Scene) => readonly Said[] } = {
  'call.ring': ({ world }) => {
    const ring = (modelId: number): PageRequest => ({ type: 'call.ring', modelId });
    return [
      ...(['mia', 'zoe', 'boss'] as const).map((by) =>
        said(by, 'is no client', ring(world.mia.personId), 'not_allowed'),
      ),
      said('alex', 'a client', ring(world.bob.personId), 'person_not_found'),
      said('alex', 'nobody', ring(NOBODY), 'person_not_found'),
      said('alex', 'a suspended model', ring(world.suspended.model.personId), 'person_not_found'),
      said('bob', 'a model whose calls are off', ring(world.zoe.personId), 'model_unavailable'),
      said('alex', 'a model who is there', ring(world.mia.personId), 'ok'),
      said('alex', 'in a call', ring(world.mia.personId), 'already_in_call'),
      said('bob', 'a model in a call', ring(world.mia.personId), 'model_busy'),
    ];
  },
  'call.connect': (scene) => [
    ...byOutsiders((callId) => ({ type: 'call.connect', callId }), scene),
    ...(['alex', 'mia'] as const).map((by) =>
      said(by, 'while it rings', { type: 'call.connect', callId: scene.callId }, 'wrong_state'),
    ),
  ],
  'call.accept': (scene) => [
    ...byOutsiders((callId) => ({ type: 'call.accept', callId }), scene),
    said('alex', 'their own ring', { type: 'call.accept', callId: scene.callId }, 'not_allowed'),
    said('mia', 'the ring', { type: 'call.accept', callId: scene.callId }, 'ok'),
    said('mia', 'once more', { type: 'call.accept', callId: scene.callId }, 'wrong_state'),
  ],
  'call.reject': (scene) => [
    ...byOutsiders((callId) => ({ type: 'call.reject', callId }), scene),
    ...(['alex', 'mia'] as const).map((by) =>
      said(by, 'after it was accepted', { type: 'call.reject', callId: scene.callId }, 'wrong_state'),
    ),
  ],
  'call.restart': (scene) => [
    ...byOutsiders((callId) => ({ type: 'call.restart', callId }), scene),
    said('mia', 'is not the client', { type: 'call.restart', callId: scene.callId }, 'not_allowed'),
    said('alex', 'before it was live', { type: 'call.restart', callId: scene.callId }, 'wrong_state'),
  ],
  'call.waive': (scene) => [
    ...byOutsiders((callId) => ({ type: 'call.waive', callId }), scene),
    ...(['alex', 'mia'] as const).map((by) =>
      said(by, 'before it was live', { type: 'call.waive', callId: scene.callId }, 'wrong_state'),
    ),
  ],
  'call.attach': (scene) => [
    ...byOutsiders((callId) => ({ type: 'call.attach', callId }), scene),
    said('alex', 'with the same page', { type: 'call.attach', callId: scene.callId }, 'ok'),
  ],
  'call.mute': (scene) => {
    const mute = (callId: CallId): PageRequest => ({ type: 'call.mute', callId, isMuted: true, isCameraOff: false });
    return [...byOutsiders(mute, scene), said('alex', 'their own sound', mute(scene.callId), 'ok')];
  },
  'call.tip': (scene) => {
    const tip = (callId: CallId): PageRequest => ({ type: 'call.tip', callId, amountMinor: 1, key });
    return [
      ...byOutsiders(tip, scene),
      said('mia', 'to herself', tip(scene.callId), 'not_allowed'),
      said('alex', 'before it was live', tip(scene.callId), 'wrong_state'),
    ];
  },
  'model.notifyMe': ({ world }) => {
    const notifyMe = (modelId: number): PageRequest => ({ type: 'model.notifyMe', modelId, on: true });
    return [
      ...(['mia', 'zoe', 'boss'] as const).map((by) =>
        said(by, 'is no client', notifyMe(world.zoe.personId), 'not_allowed'),
      ),
      said('bob', 'a model in a call', notifyMe(world.mia.personId), 'ok'),
      said('bob', 'a client', notifyMe(world.alex.personId), 'person_not_found'),
    ];
  },
  'message.send': ({ world }) => {
    const send = (personId: number, more = ''): PageRequest => ({
      type: 'message.send',
      personId,
      text: `Hello${more}`,
      key,
    });
    return [
      said('alex', 'to a client', send(world.bob.personId), 'not_reachable'),
      said('alex', 'to an operator', send(world.boss.personId), 'not_reachable'),
      said('mia', 'to a model', send(world.zoe.personId), 'not_reachable'),
      said('boss', 'to a client', send(world.alex.personId), 'not_reachable'),
      said('alex', 'to nobody', send(NOBODY), 'person_not_found'),
      said('zoe', 'to a client who has not written', send(world.alex.personId), 'write_first'),
      said('alex', 'to a model', send(world.mia.personId), 'ok'),
      said('alex', 'the same key, another text', send(world.mia.personId, '!'), 'key_reused'),
      said('mia', 'to a client who has written', send(world.alex.personId), 'ok'),
    ];
  },
  'message.read': ({ world }) => {
    const read = (personId: number): PageRequest => ({ type: 'message.read', personId, messageId: 1 });
    return [
      said('alex', 'of nobody', read(NOBODY), 'person_not_found'),
      said('alex', 'of a model', read(world.mia.personId), 'ok'),
    ];
  },
  'media.answer': (scene) => ofLeg((legId) => ({ type: 'media.answer', legId, sdp: 'v=0' }), scene),
  'media.candidate': (scene) => ofLeg((legId) => ({ type: 'media.candidate', legId, candidate: 'candidate:1' }), scene),
  'media.probed': (scene) =>
    ofLeg(
      (legId) => ({ type: 'media.probed', legId, probeId: 1, sentPackets: 0, offeredKbps: 0, heldMs: 0, rttMs: null }),
      scene,
    ),
  'media.report': (scene) =>
    ofLeg((legId) => ({ type: 'media.report', legId, rttMs: null, sent: null, received: null }), scene),
  'media.failed': (scene) => ofLeg((legId) => ({ type: 'media.failed', legId, why: 'x' }), scene),
  'media.stalled': (scene) => ofLeg((legId) => ({ type: 'media.stalled', legId }), scene),
  'media.able': () =>
    EVERYBODY.map((by) => said(by, 'their own page', { type: 'media.able', webTransport: false }, 'ok')),
  // Four tests at once are the appliance's limit: the fifth waits for its turn.
  'connection.test': () =>
    EVERYBODY.map((by, index) =>
      said(by, 'their own connection', { type: 'connection.test' }, index < 4 ? 'ok' : 'connection_test_busy'),
    ),
  'call.hangUp': (scene) => [
    ...byOutsiders((callId) => ({ type: 'call.hangUp', callId }), scene),
    said('alex', 'leaves the confirmation', { type: 'call.hangUp', callId: scene.callId }, 'ok'),
    said('mia', 'what is over', { type: 'call.hangUp', callId: scene.callId }, 'call_not_found'),
  ],
};
