import Type, { type Static, type TProperties } from 'typebox';
import { CallId, CallView } from './calls.ts';
import { CONNECTION_FROM_PAGE, CONNECTION_TO_PAGE, IceServers } from './connection.ts';
import { ErrorBody } from './errors.ts';
import { CANDIDATE_LENGTH_MAX, REASON_LENGTH_MAX, SDP_LENGTH_MAX, TIP_MINOR_MAX } from './limits.ts';
import { MinorSchema } from './money.ts';
import { RequestKey } from './money-api.ts';
import { ModelCard, PersonId } from './people.ts';
import { MessageText, ThreadMessage } from './threads.ts';

// A page speaks to the appliance over one WebSocket at /hub: JSON texts, one message each. Every
// message of a page carries an `id` that it chooses; the answer is `ok` or `error` with that id.

const request = <P extends TProperties>(properties: P) =>
  Type.Object(
    { id: Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER }), ...properties },
    { additionalProperties: false },
  );

/** Messages that a page sends, by type. */
export const FROM_PAGE = {
  /** The client rings a model. The answer's `callId` names the call. */
  'call.ring': request({ type: Type.Literal('call.ring'), modelId: PersonId }),
  'call.accept': request({ type: Type.Literal('call.accept'), callId: CallId }),
  'call.reject': request({
    type: Type.Literal('call.reject'),
    callId: CallId,
    /** The client reads it. */
    reason: Type.Optional(Type.String({ minLength: 1, maxLength: REASON_LENGTH_MAX, pattern: '\\S' })),
  }),
  /** Presses Connect on the confirmation screen. */
  'call.connect': request({ type: Type.Literal('call.connect'), callId: CallId }),
  /** Withdraws a ring, leaves the confirmation, or ends the call, whichever it is by then. */
  'call.hangUp': request({ type: Type.Literal('call.hangUp'), callId: CallId }),
  /** The client goes on after adding credit in the grace. */
  'call.restart': request({ type: Type.Literal('call.restart'), callId: CallId }),
  /** The model stops the meter for good (charging rule 8). */
  'call.waive': request({ type: Type.Literal('call.waive'), callId: CallId }),
  /** This page takes part in the call from now on; media is made anew for it. */
  'call.attach': request({ type: Type.Literal('call.attach'), callId: CallId }),
  'call.mute': request({
    type: Type.Literal('call.mute'),
    callId: CallId,
    isMuted: Type.Boolean(),
    isCameraOff: Type.Boolean(),
  }),
  /** The client gives a tip while the call is live. The key makes a repeated request harmless. */
  'call.tip': request({
    type: Type.Literal('call.tip'),
    callId: CallId,
    amountMinor: Type.Integer({ minimum: 1, maximum: TIP_MINOR_MAX }),
    key: RequestKey,
  }),
  /** A client asks to be told once when a model is free, or no longer. */
  'model.notifyMe': request({ type: Type.Literal('model.notifyMe'), modelId: PersonId, on: Type.Boolean() }),
  /** A text to the other side of a thread. The key makes a repeated request harmless. */
  'message.send': request({
    type: Type.Literal('message.send'),
    personId: PersonId,
    text: MessageText,
    key: RequestKey,
  }),
  /** Everything in the thread with this person is read up to this message. */
  'message.read': request({
    type: Type.Literal('message.read'),
    personId: PersonId,
    messageId: Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER }),
  }),
  'media.answer': request({
    type: Type.Literal('media.answer'),
    legId: Type.Integer({ minimum: 1 }),
    sdp: Type.String({ minLength: 1, maxLength: SDP_LENGTH_MAX }),
  }),
  'media.candidate': request({
    type: Type.Literal('media.candidate'),
    legId: Type.Integer({ minimum: 1 }),
    candidate: Type.String({ minLength: 1, maxLength: CANDIDATE_LENGTH_MAX }),
  }),
  ...CONNECTION_FROM_PAGE,
} as const;

export type PageMessageType = keyof typeof FROM_PAGE;
export type PageMessage = { [T in PageMessageType]: Static<(typeof FROM_PAGE)[T]> }[PageMessageType];
/** A message as the page's code writes it: its socket adds the id. */
export type PageRequest = PageMessage extends infer M ? (M extends PageMessage ? Omit<M, 'id'> : never) : never;

/** Messages that the appliance sends, by type. */
export const TO_PAGE = {
  /** First message on every socket; what follows builds on it. */
  hello: Type.Object({ type: Type.Literal('hello'), personId: PersonId }),
  ok: Type.Object({ type: Type.Literal('ok'), id: Type.Integer(), callId: Type.Optional(CallId) }),
  /** `id` is null when the message had none that could be read. */
  error: Type.Object({
    type: Type.Literal('error'),
    id: Type.Union([Type.Integer(), Type.Null()]),
    error: ErrorBody,
  }),
  /** To a client: every model, when its page comes, and when a block has changed whom they see. */
  models: Type.Object({ type: Type.Literal('models'), models: Type.Array(ModelCard) }),
  /** To clients: the cards that have changed or are new, in no order, and who is no longer there. */
  'models.changed': Type.Object({
    type: Type.Literal('models.changed'),
    models: Type.Array(ModelCard),
    goneIds: Type.Array(PersonId),
  }),
  /** To a model: until when her calls are on. */
  availability: Type.Object({
    type: Type.Literal('availability'),
    availableUntil: Type.Union([Type.String(), Type.Null()]),
  }),
  /** The person's balance has changed. */
  balance: Type.Object({ type: Type.Literal('balance'), balanceMinor: MinorSchema }),
  /**
   * To a person: a payment or payout of theirs is at another step. To operators: money has moved, a call is settled, or a
   * payment, payout or voucher has changed. What is shown of them is read again.
   */
  money: Type.Object({ type: Type.Literal('money') }),
  call: Type.Object({ type: Type.Literal('call'), call: CallView }),
  /** To a client: the models of whom they asked to be told, whole at every change. */
  notifyMe: Type.Object({ type: Type.Literal('notifyMe'), modelIds: Type.Array(PersonId) }),
  /** To a client: their favourites, whole at every change. */
  favourites: Type.Object({ type: Type.Literal('favourites'), modelIds: Type.Array(PersonId) }),
  /** To a client who asked: she is free now. */
  'model.free': Type.Object({ type: Type.Literal('model.free'), modelId: PersonId, displayName: Type.String() }),
  /** A new line in a thread of this person. */
  message: Type.Object({ type: Type.Literal('message'), message: ThreadMessage }),
  /** One of the two has read the thread up to this message. */
  'message.read': Type.Object({
    type: Type.Literal('message.read'),
    readerId: PersonId,
    peerId: PersonId,
    messageId: Type.Integer(),
  }),
  /** Unread lines in all threads of this person. */
  unread: Type.Object({ type: Type.Literal('unread'), unreadCount: Type.Integer() }),
  /** To a reporter: the operator has answered. To operators: there is a new report. */
  'report.changed': Type.Object({ type: Type.Literal('report.changed'), reportId: Type.Integer() }),
  /** This page is no longer the one in the call: another page of the same person is. */
  'call.detached': Type.Object({ type: Type.Literal('call.detached'), callId: CallId }),
  /** Calls with this page may take WebTransport: what that needs is better there when one begins. */
  'media.prepare': Type.Object({ type: Type.Literal('media.prepare') }),
  /** The appliance's SDP offer for a new leg; any older leg of the call is gone. */
  'media.offer': Type.Object({
    type: Type.Literal('media.offer'),
    callId: CallId,
    legId: Type.Integer(),
    sdp: Type.String(),
    iceServers: IceServers,
  }),
  /** The appliance's candidates; sent after the answer was applied. */
  'media.candidates': Type.Object({
    type: Type.Literal('media.candidates'),
    legId: Type.Integer(),
    candidates: Type.Array(Type.String()),
  }),
  /** Both legs are up: attach camera and microphone now. */
  'media.start': Type.Object({ type: Type.Literal('media.start'), legId: Type.Integer() }),
  /** The leg is gone; an offer for a new one follows if the call goes on. */
  'media.closed': Type.Object({ type: Type.Literal('media.closed'), legId: Type.Integer() }),
  ...CONNECTION_TO_PAGE,
} as const;

export type HubMessageType = keyof typeof TO_PAGE;
export type HubMessage = { [T in HubMessageType]: Static<(typeof TO_PAGE)[T]> }[HubMessageType];
