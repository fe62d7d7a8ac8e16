import t from 'tap';
import { H3 } from '../../server/media/webtransport/engine/h3/errors.ts';
import { FRAME } from '../../server/media/webtransport/engine/h3/frames.ts';
import { tlv } from '../../server/media/webtransport/engine/h3/tlv-reader.ts';
import type { Field } from '../../server/media/webtransport/engine/qpack/field.ts';
import { varint } from '../../server/media/webtransport/engine/varint.ts';
import { headers, QuicClient, sessionFields } from '../support/quic-client.ts';
import { echo, startEngine } from '../support/webtransport-engine.ts';

const server = await startEngine({ onSession: echo });
t.teardown(() => server.engine.close());

const WT_STREAM = 0x41;
const WT_UNI = 0x54;
const CLOSE_CAPSULE = 0x2843;
const NOTHING = Buffer.alloc(0);

/** What the server has to do with it. */
type Answer =
  /** Close the connection with this code. */
  | { readonly connection: number }
  /** Reset the stream with this code; the connection lives. */
  | { readonly stream: number }
  /** Answer the request with this status; the connection lives. */
  | { readonly status: string }
  /** Go on as if nothing had been there. */
  | 'goes on';

interface Row {
  readonly what: string;
  readonly rule: string;
  /** Sends it. @returns the stream that `answer` speaks of */
  readonly send: (client: QuicClient, sessionId: number) => unknown;
  readonly answer: Answer;
  /** No SETTINGS have been sent and no session is open. */
  readonly isRaw?: boolean;
}

const control = (client: QuicClient, bytes: Buffer): number => {
  const id = client.openUni();
  client.send(id, Buffer.concat([varint(0), bytes]));
  return id;
};
/** More bytes on the control stream of a client that has sent its SETTINGS. */
const onControl = (client: QuicClient, bytes: Buffer): number => client.send(2, bytes);
const uni = (client: QuicClient, bytes: Buffer, isLast = false): number => {
  const id = client.openUni();
  client.send(id, bytes, isLast);
  return id;
};
const request = (client: QuicClient, bytes: Buffer, isLast = false): number => {
  const id = client.openBidi();
  client.send(id, bytes, isLast);
  return id;
};
const settings = (...pairs: [number, number][]): Buffer =>
  tlv(FRAME.SETTINGS, Buffer.concat(pairs.flatMap(([id, value]) => [varint(id), varint(value)])));
const section = (...bytes: number[]): Buffer => tlv(FRAME.HEADERS, Buffer.from(bytes));
const without = (name: string): Field[] => sessionFields('/').filter((field) => field.name !== name);
const plus = (name: string, value: string): Field[] => [...sessionFields('/'), { name, value }];
const data = (...parts: Buffer[]): Buffer => tlv(FRAME.DATA, Buffer.concat(parts));
const closing = (reason: Buffer): Buffer => tlv(CLOSE_CAPSULE, Buffer.concat([Buffer.from([0, 0, 0, 7]), reason]));
const get: Field[] = [
  { name: ':method', value: 'GET' },
  { name: ':scheme', value: 'https' },
  { name: ':authority', value: 'localhost' },
  { name: ':path', value: '/' },
];

const ROWS: readonly Row[] = [
  // The control stream.
  {
    what: 'a control stream that begins with GOAWAY',
    rule: 'RFC 9114 6.2.1',
    isRaw: true,
    send: (client) => control(client, tlv(FRAME.GOAWAY, varint(0))),
    answer: { connection: H3.MISSING_SETTINGS },
  },
  {
    what: 'a control stream that begins with an unknown frame',
    rule: 'RFC 9114 6.2.1',
    isRaw: true,
    send: (client) => control(client, tlv(0x21, NOTHING)),
    answer: { connection: H3.MISSING_SETTINGS },
  },
  {
    what: 'a second control stream',
    rule: 'RFC 9114 6.2.1',
    send: (client) => control(client, settings()),
    answer: { connection: H3.STREAM_CREATION_ERROR },
  },
  {
    what: 'the end of the control stream',
    rule: 'RFC 9114 6.2.1',
    send: (client) => client.send(2, NOTHING, true),
    answer: { connection: H3.CLOSED_CRITICAL_STREAM },
  },
  {
    what: 'a reset of the control stream',
    rule: 'RFC 9114 6.2.1',
    send: (client) => client.reset(2, 0),
    answer: { connection: H3.CLOSED_CRITICAL_STREAM },
  },
  {
    what: 'a stop of our control stream',
    rule: 'RFC 9114 6.2.1',
    send: (client) => client.stop(3, 0),
    answer: { connection: H3.CLOSED_CRITICAL_STREAM },
  },
  {
    what: 'SETTINGS twice',
    rule: 'RFC 9114 7.2.4',
    send: (client) => onControl(client, settings()),
    answer: { connection: H3.FRAME_UNEXPECTED },
  },
  {
    what: 'DATA on the control stream',
    rule: 'RFC 9114 7.2.1',
    send: (client) => onControl(client, data(Buffer.from('x'))),
    answer: { connection: H3.FRAME_UNEXPECTED },
  },
  {
    what: 'HEADERS on the control stream',
    rule: 'RFC 9114 7.2.2',
    send: (client) => onControl(client, headers(get)),
    answer: { connection: H3.FRAME_UNEXPECTED },
  },
  {
    what: 'PUSH_PROMISE from a client',
    rule: 'RFC 9114 7.2.5',
    send: (client) => onControl(client, tlv(FRAME.PUSH_PROMISE, varint(0))),
    answer: { connection: H3.FRAME_UNEXPECTED },
  },
  {
    what: 'CANCEL_PUSH of a push that was never promised',
    rule: 'RFC 9114 7.2.3',
    send: (client) => onControl(client, tlv(FRAME.CANCEL_PUSH, varint(0))),
    answer: { connection: H3.ID_ERROR },
  },
  {
    what: 'MAX_PUSH_ID that goes down',
    rule: 'RFC 9114 7.2.7',
    send: (client) => onControl(client, Buffer.concat([5, 4].map((id) => tlv(FRAME.MAX_PUSH_ID, varint(id))))),
    answer: { connection: H3.ID_ERROR },
  },
  {
    what: 'GOAWAY whose id goes up',
    rule: 'RFC 9114 5.2',
    send: (client) => onControl(client, Buffer.concat([4, 5].map((id) => tlv(FRAME.GOAWAY, varint(id))))),
    answer: { connection: H3.ID_ERROR },
  },
  {
    what: 'GOAWAY without an id',
    rule: 'RFC 9114 7.1',
    send: (client) => onControl(client, tlv(FRAME.GOAWAY, NOTHING)),
    answer: { connection: H3.FRAME_ERROR },
  },
  {
    what: 'GOAWAY with something after its id',
    rule: 'RFC 9114 7.1',
    send: (client) => onControl(client, tlv(FRAME.GOAWAY, Buffer.from([0, 0]))),
    answer: { connection: H3.FRAME_ERROR },
  },
  ...[0x2, 0x6, 0x8, 0x9].map((type) => ({
    what: `frame 0x${type.toString(16)} of HTTP/2`,
    rule: 'RFC 9114 7.2.8',
    send: (client: QuicClient) => onControl(client, tlv(type, NOTHING)),
    answer: { connection: H3.FRAME_UNEXPECTED },
  })),
  {
    what: 'a control frame over the limit',
    rule: 'RFC 9114 10.5',
    send: (client) => onControl(client, Buffer.concat([varint(FRAME.GOAWAY), varint(40_000)])),
    answer: { connection: H3.EXCESSIVE_LOAD },
  },
  {
    what: 'a frame of 2^62 - 1 bytes',
    rule: 'RFC 9114 10.5',
    send: (client) => onControl(client, Buffer.from([0x21, ...Array(8).fill(0xff)])),
    answer: { connection: H3.EXCESSIVE_LOAD },
  },
  {
    what: 'an unknown frame on the control stream',
    rule: 'RFC 9114 9',
    send: (client) => onControl(client, tlv(0x21 + 0x1f * 40, Buffer.alloc(700))),
    answer: 'goes on',
  },
  // SETTINGS.
  {
    what: 'the same setting twice',
    rule: 'RFC 9114 7.2.4',
    isRaw: true,
    send: (client) => control(client, settings([0x1, 0], [0x1, 0])),
    answer: { connection: H3.SETTINGS_ERROR },
  },
  ...[0x0, 0x2, 0x3, 0x4, 0x5].map((id) => ({
    what: `setting 0x${id} of HTTP/2`,
    rule: 'RFC 9114 7.2.4.1',
    isRaw: true,
    send: (client: QuicClient) => control(client, settings([id, 1])),
    answer: { connection: H3.SETTINGS_ERROR },
  })),
  {
    what: 'H3_DATAGRAM of 2',
    rule: 'RFC 9297 2.1.1',
    isRaw: true,
    send: (client) => control(client, settings([0x33, 2])),
    answer: { connection: H3.SETTINGS_ERROR },
  },
  {
    what: 'ENABLE_CONNECT_PROTOCOL of 2',
    rule: 'RFC 8441 3',
    isRaw: true,
    send: (client) => control(client, settings([0x8, 2])),
    answer: { connection: H3.SETTINGS_ERROR },
  },
  {
    what: 'SETTINGS that end in a setting',
    rule: 'RFC 9114 7.1',
    isRaw: true,
    send: (client) => control(client, tlv(FRAME.SETTINGS, Buffer.from([0x40]))),
    answer: { connection: H3.FRAME_ERROR },
  },
  {
    what: 'an unknown setting',
    rule: 'RFC 9114 7.2.4.1',
    isRaw: true,
    send: (client) => {
      control(client, settings([0x21, 9], [0x33, 1]));
      return client.requestSession();
    },
    answer: { status: '200' },
  },
  // Unidirectional streams.
  {
    what: 'a push stream from a client',
    rule: 'RFC 9114 6.2.2',
    send: (client) => uni(client, varint(0x1)),
    answer: { connection: H3.STREAM_CREATION_ERROR },
  },
  {
    what: 'a stream of an unknown type',
    rule: 'RFC 9114 6.2.3',
    send: (client) => uni(client, Buffer.concat([varint(0x21), Buffer.alloc(5_000)])),
    answer: 'goes on',
  },
  {
    what: 'a stream that ends before its type',
    rule: 'RFC 9114 6.2',
    send: (client) => uni(client, Buffer.from([0x40]), true),
    answer: 'goes on',
  },
  {
    what: 'a second QPACK encoder stream',
    rule: 'RFC 9204 4.2',
    send: (client) => [uni(client, varint(0x2)), uni(client, varint(0x2))],
    answer: { connection: H3.STREAM_CREATION_ERROR },
  },
  {
    what: 'the end of a QPACK stream',
    rule: 'RFC 9204 4.2',
    send: (client) => uni(client, varint(0x3), true),
    answer: { connection: H3.CLOSED_CRITICAL_STREAM },
  },
  {
    what: 'an insertion into a table of capacity 0',
    rule: 'RFC 9204 3.2.2',
    send: (client) => uni(client, Buffer.from([0x2, 0xc0, 0x1, 0x61])),
    answer: { connection: H3.QPACK_ENCODER_STREAM_ERROR },
  },
  {
    what: 'a capacity over ours',
    rule: 'RFC 9204 4.3.1',
    send: (client) => uni(client, Buffer.from([0x2, 0x3f, 0x10])),
    answer: { connection: H3.QPACK_ENCODER_STREAM_ERROR },
  },
  {
    what: 'a capacity of 0',
    rule: 'RFC 9204 4.3.1',
    send: (client) => uni(client, Buffer.from([0x2, 0x20])),
    answer: 'goes on',
  },
  {
    what: 'an acknowledgment of a section that refers to nothing',
    rule: 'RFC 9204 4.4.1',
    send: (client) => uni(client, Buffer.from([0x3, 0x80])),
    answer: { connection: H3.QPACK_DECODER_STREAM_ERROR },
  },
  {
    what: 'an increment of the insert count',
    rule: 'RFC 9204 4.4.3',
    send: (client) => uni(client, Buffer.from([0x3, 0x01])),
    answer: { connection: H3.QPACK_DECODER_STREAM_ERROR },
  },
  {
    what: 'a cancellation of a stream',
    rule: 'RFC 9204 4.4.2',
    send: (client) => uni(client, Buffer.from([0x3, 0x44, 0x7f, 0x81, 0x01])),
    answer: 'goes on',
  },
  // Requests.
  {
    what: 'DATA before HEADERS',
    rule: 'RFC 9114 4.1',
    send: (client) => request(client, data(Buffer.from('x'))),
    answer: { connection: H3.FRAME_UNEXPECTED },
  },
  ...[FRAME.SETTINGS, FRAME.GOAWAY, FRAME.MAX_PUSH_ID, FRAME.CANCEL_PUSH, FRAME.PUSH_PROMISE, 0x2, 0x6, 0x8, 0x9].map(
    (type) => ({
      what: `frame 0x${type.toString(16)} on a request`,
      rule: 'RFC 9114 7.2',
      send: (client: QuicClient) => request(client, tlv(type, varint(0))),
      answer: { connection: H3.FRAME_UNEXPECTED },
    }),
  ),
  {
    what: 'WEBTRANSPORT_STREAM after something else',
    rule: 'draft-ietf-webtrans-http3 4.2',
    send: (client) => request(client, Buffer.concat([tlv(0x21, NOTHING), varint(WT_STREAM), varint(0)])),
    answer: { connection: H3.FRAME_ERROR },
  },
  {
    what: 'a request that ends in a frame',
    rule: 'RFC 9114 7.1',
    send: (client) => request(client, headers(get).subarray(0, -1), true),
    answer: { connection: H3.FRAME_ERROR },
  },
  {
    what: 'a request that ends without HEADERS',
    rule: 'RFC 9114 4.1',
    send: (client) => request(client, tlv(0x21, NOTHING), true),
    answer: { stream: H3.REQUEST_INCOMPLETE },
  },
  {
    what: 'a bidirectional stream that ends in its first byte',
    rule: 'RFC 9114 4.1',
    send: (client) => request(client, Buffer.from([0x40]), true),
    answer: { stream: H3.REQUEST_INCOMPLETE },
  },
  {
    what: 'HEADERS over the limit of a frame',
    rule: 'RFC 9114 10.5',
    send: (client) => request(client, Buffer.concat([varint(FRAME.HEADERS), varint(40_000)])),
    answer: { connection: H3.EXCESSIVE_LOAD },
  },
  {
    what: 'a field section over the limit',
    rule: 'RFC 9114 4.2.2',
    send: (client) => request(client, headers(plus('cookie', 'x'.repeat(17_000)))),
    answer: { status: '431' },
  },
  {
    what: 'a field section of which Huffman makes more than the limit',
    rule: 'RFC 9114 4.2.2',
    // 'a' has five bits: 24,000 of them.
    send: (client) => {
      const text = Buffer.alloc(15_000, 0b00011000);
      for (let at = 0; at < text.length; at++) text[at] = [0x18, 0xc6, 0x31, 0x8c, 0x63][at % 5] as number;
      return request(client, tlv(FRAME.HEADERS, Buffer.concat([Buffer.from([0, 0, 0x55, 0xff, 0x99, 0x74]), text])));
    },
    answer: { status: '431' },
  },
  {
    what: 'GET',
    rule: 'RFC 9110 15.5.5',
    send: (client) => request(client, headers(get), true),
    answer: { status: '404' },
  },
  {
    what: 'CONNECT for a protocol that we do not speak',
    rule: 'RFC 9220 3',
    send: (client) =>
      request(client, headers([...without(':protocol'), { name: ':protocol', value: 'x' }].sort(pseudoFirst))),
    answer: { status: '501' },
  },
  {
    what: 'CONNECT as of a proxy',
    rule: 'RFC 9114 4.4',
    send: (client) =>
      request(
        client,
        headers([
          { name: ':method', value: 'CONNECT' },
          { name: ':authority', value: 'example.org:25' },
        ]),
      ),
    answer: { status: '501' },
  },
  {
    what: 'a trailer of a GET',
    rule: 'RFC 9114 4.1',
    send: (client) => request(client, Buffer.concat([headers(get), headers([{ name: 'x', value: 'y' }])]), true),
    answer: { status: '404' },
  },
  // Field sections.
  {
    what: 'a section that needs the dynamic table',
    rule: 'RFC 9204 4.5.1',
    send: (client) => request(client, section(1, 0, 0x80)),
    answer: { connection: H3.QPACK_DECOMPRESSION_FAILED },
  },
  {
    what: 'a reference to the dynamic table',
    rule: 'RFC 9204 4.5.2',
    send: (client) => request(client, section(0, 0, 0x80)),
    answer: { connection: H3.QPACK_DECOMPRESSION_FAILED },
  },
  {
    what: 'a post-base reference',
    rule: 'RFC 9204 4.5.3',
    send: (client) => request(client, section(0, 0, 0x10)),
    answer: { connection: H3.QPACK_DECOMPRESSION_FAILED },
  },
  {
    what: 'entry 99 of the static table',
    rule: 'RFC 9204 3.1',
    send: (client) => request(client, section(0, 0, 0xff, 0x24)),
    answer: { connection: H3.QPACK_DECOMPRESSION_FAILED },
  },
  {
    what: 'a string that is cut short',
    rule: 'RFC 9204 4.1.2',
    send: (client) => request(client, section(0, 0, 0x51, 0x7e, 0x61)),
    answer: { connection: H3.QPACK_DECOMPRESSION_FAILED },
  },
  {
    what: 'an integer of too many bytes',
    rule: 'RFC 9204 4.1.1',
    send: (client) => request(client, section(0, 0, 0xff, ...Array(12).fill(0xff), 0)),
    answer: { connection: H3.QPACK_DECOMPRESSION_FAILED },
  },
  {
    what: 'wrong Huffman padding',
    rule: 'RFC 7541 5.2',
    send: (client) => request(client, section(0, 0, 0x51, 0x81, 0x00)),
    answer: { connection: H3.QPACK_DECOMPRESSION_FAILED },
  },
  {
    what: 'EOS in a Huffman string',
    rule: 'RFC 7541 5.2',
    send: (client) => request(client, section(0, 0, 0x51, 0x84, 0xff, 0xff, 0xff, 0xff)),
    answer: { connection: H3.QPACK_DECOMPRESSION_FAILED },
  },
  // Messages that are malformed.
  ...(
    [
      ['a field name in capitals', 'RFC 9114 4.2', plus('X-Upper', '1')],
      ['an empty field name', 'RFC 9114 4.2', plus('', '1')],
      ['a line end in a value', 'RFC 9114 10.3', plus('x', 'a\r\nb')],
      ['a value that begins with a space', 'RFC 9114 10.3', plus('x', ' a')],
      ['connection: close', 'RFC 9114 4.2', plus('connection', 'close')],
      ['transfer-encoding', 'RFC 9114 4.2', plus('transfer-encoding', 'chunked')],
      ['te: gzip', 'RFC 9114 4.2', plus('te', 'gzip')],
      ['an unknown pseudo-field', 'RFC 9114 4.3', [{ name: ':x', value: '1' }, ...sessionFields('/')]],
      ['a pseudo-field twice', 'RFC 9114 4.3', [{ name: ':path', value: '/' }, ...sessionFields('/')]],
      ['a pseudo-field after others', 'RFC 9114 4.3', [...without(':path'), { name: ':path', value: '/' }]],
      [':status in a request', 'RFC 9114 4.3', [{ name: ':status', value: '200' }, ...sessionFields('/')]],
      ['no :method', 'RFC 9114 4.3.1', without(':method')],
      ['no :scheme', 'RFC 9220 3', without(':scheme')],
      ['no :path', 'RFC 9220 3', without(':path')],
      ['no :authority', 'RFC 9220 3', without(':authority')],
      ['an empty :path', 'RFC 9114 4.3.1', sessionFields('')],
      [':protocol with GET', 'RFC 8441 4', [{ name: ':protocol', value: 'webtransport' }, ...get]],
      ['a proxy CONNECT with a path', 'RFC 9114 4.4', without(':protocol')],
    ] as const
  ).map(([what, rule, fields]) => ({
    what,
    rule,
    send: (client: QuicClient) => request(client, headers(fields)),
    answer: { stream: H3.MESSAGE_ERROR },
  })),
  // Sessions.
  {
    what: 'HEADERS after CONNECT',
    rule: 'RFC 9114 4.4',
    send: (client, id) => client.send(id, headers(get)),
    answer: { connection: H3.FRAME_UNEXPECTED },
  },
  {
    what: 'a stream of a session that cannot be',
    rule: 'draft-ietf-webtrans-http3 4',
    send: (client) => uni(client, Buffer.concat([varint(WT_UNI), varint(3)])),
    answer: { connection: H3.ID_ERROR },
  },
  {
    what: 'a bidirectional stream of a session that cannot be',
    rule: 'draft-ietf-webtrans-http3 4',
    send: (client) => request(client, Buffer.concat([varint(WT_STREAM), varint(2)])),
    answer: { connection: H3.ID_ERROR },
  },
  {
    what: 'a stream that ends in its session id',
    rule: 'RFC 9114 6.2',
    send: (client) => uni(client, Buffer.concat([varint(WT_UNI), Buffer.from([0x40])]), true),
    answer: 'goes on',
  },
  {
    what: 'a close capsule that is too short',
    rule: 'draft-ietf-webtrans-http3 5',
    send: (client, id) => client.send(id, data(tlv(CLOSE_CAPSULE, Buffer.alloc(3)))),
    answer: { stream: H3.MESSAGE_ERROR },
  },
  {
    what: 'a close capsule with a reason over 1,024 bytes',
    rule: 'draft-ietf-webtrans-http3 5',
    send: (client, id) => client.send(id, data(closing(Buffer.alloc(1_025, 0x61)))),
    answer: { stream: H3.MESSAGE_ERROR },
  },
  {
    what: 'data after the close capsule',
    rule: 'draft-ietf-webtrans-http3 5',
    send: (client, id) => client.send(id, data(closing(NOTHING), Buffer.from([1]))),
    answer: { stream: H3.MESSAGE_ERROR },
  },
  {
    what: 'a session that ends in a capsule',
    rule: 'RFC 9297 3.3',
    send: (client, id) => client.send(id, data(closing(NOTHING).subarray(0, -2)), true),
    answer: { stream: H3.MESSAGE_ERROR },
  },
  {
    what: 'a capsule over the limit',
    rule: 'RFC 9114 10.5',
    send: (client, id) => client.send(id, data(varint(0x1234), varint(70_000))),
    answer: { connection: H3.EXCESSIVE_LOAD },
  },
  {
    what: 'an unknown capsule',
    rule: 'RFC 9297 3.2',
    send: (client, id) => client.send(id, data(tlv(0x1234, Buffer.alloc(60_000)))),
    answer: 'goes on',
  },
  {
    what: 'a datagram without a quarter stream id',
    rule: 'RFC 9297 2.1',
    send: (client) => client.sendDatagram(Buffer.from([0xc0])),
    answer: { connection: H3.DATAGRAM_ERROR },
  },
  {
    what: 'a datagram with a quarter stream id over 2^60',
    rule: 'RFC 9297 2.1',
    send: (client) => client.sendDatagram(Buffer.from([0xd0, ...Array(7).fill(0)])),
    answer: { connection: H3.DATAGRAM_ERROR },
  },
  {
    what: 'a datagram of a stream that cannot be',
    rule: 'RFC 9297 2.1',
    send: (client) => client.sendDatagram(varint(100_000)),
    answer: { connection: H3.ID_ERROR },
  },
  {
    what: 'a datagram of a session that is not there yet',
    rule: 'RFC 9297 2.1',
    send: (client) => client.sendDatagram(varint(5)),
    answer: 'goes on',
  },
];

function pseudoFirst(a: Field, b: Field): number {
  return Number(b.name.startsWith(':')) - Number(a.name.startsWith(':'));
}

/** The session still echoes. */
async function isAlive(client: QuicClient, sessionId: number): Promise<void> {
  const id = client.openBidi();
  client.send(id, Buffer.concat([varint(WT_STREAM), varint(sessionId), Buffer.from('alive?')]), true);
  await client.until(
    () => client.received(id).isEnded && client.received(id).bytes.equals(Buffer.from('alive?')),
    'echo',
  );
}

for (const { what, rule, send, answer, isRaw } of ROWS) {
  t.test(`${what} (${rule})`, async (t) => {
    const raw = async () => ({ client: await QuicClient.connect({ port: server.port }), id: -1 });
    const { client, id } = await (isRaw ? raw() : QuicClient.session({ port: server.port }));
    const streamId = send(client, id) as number;
    if (answer === 'goes on') {
      await isAlive(client, id);
      t.equal(client.native.peerError(), null);
    } else if ('connection' in answer) {
      t.match(await client.end(), { isApp: true, code: answer.connection });
    } else if ('status' in answer) {
      t.equal(await client.status(streamId), answer.status);
    } else {
      await client.until(() => client.received(streamId).resetCode !== null, 'a reset');
      t.equal(client.received(streamId).resetCode, answer.stream);
      if (streamId !== id) await isAlive(client, id);
    }
    client.close();
  });
}
