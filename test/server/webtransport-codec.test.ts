import { randomBytes } from 'node:crypto';
import t from 'tap';
import { CapsuleReader, closeCapsule, cutReason } from '../../server/media/webtransport/engine/h3/capsules.ts';
import { ControlStream } from '../../server/media/webtransport/engine/h3/control-stream.ts';
import {
  H3ConnectionError,
  H3StreamError,
  toApplicationCode,
  toHttpCode,
} from '../../server/media/webtransport/engine/h3/errors.ts';
import { RequestStream } from '../../server/media/webtransport/engine/h3/request-stream.ts';
import { encodeSettings, ourSettings, parseSettings } from '../../server/media/webtransport/engine/h3/settings.ts';
import { parseStringList, serializeString } from '../../server/media/webtransport/engine/h3/structured-fields.ts';
import { tlv } from '../../server/media/webtransport/engine/h3/tlv-reader.ts';
import { ENGINE_LIMITS } from '../../server/media/webtransport/engine/limits.ts';
import { decodeFieldSection } from '../../server/media/webtransport/engine/qpack/decode.ts';
import { encodeFieldSection } from '../../server/media/webtransport/engine/qpack/encode.ts';
import { huffmanDecode } from '../../server/media/webtransport/engine/qpack/huffman.ts';
import { DecoderInstructions } from '../../server/media/webtransport/engine/qpack/instructions.ts';
import { judgeInitial } from '../../server/media/webtransport/engine/quic/gate.ts';
import { RetryTokens } from '../../server/media/webtransport/engine/quic/retry-token.ts';
import { plainAddress } from '../../server/media/webtransport/engine/quic/udp-socket.ts';
import { readVarint, varint } from '../../server/media/webtransport/engine/varint.ts';
import { Random } from '../sim/core/random.ts';
import { headers, sessionFields } from '../support/quic-client.ts';

t.test('variable-length integers are those of RFC 9000 appendix A.1, and read back what was written', async (t) => {
  const examples: [string, number][] = [
    ['c2197c5eff14e88c', Number(151_288_809_941_952_652n)],
    ['9d7f3e7d', 494_878_333],
    ['7bbd', 15_293],
    ['25', 37],
    ['4025', 37],
  ];
  for (const [hex, value] of examples) t.equal(readVarint(Buffer.from(hex, 'hex'), 0)?.value, value, hex);
  for (const value of [0, 63, 64, 16_383, 16_384, 2 ** 30 - 1, 2 ** 30, 2 ** 32 + 5, Number.MAX_SAFE_INTEGER]) {
    const bytes = varint(value);
    t.strictSame(readVarint(bytes, 0), { value, end: bytes.length }, String(value));
    t.equal(readVarint(bytes.subarray(0, -1), 0), null, `${value} cut short`);
  }
});

t.test('field sections: what RFC 9204 and RFC 7541 give as examples, and what we write ourselves', async (t) => {
  t.equal(huffmanDecode(Buffer.from('f1e3c2e5f23a6ba0ab90f4ff', 'hex')), 'www.example.com');
  t.equal(huffmanDecode(Buffer.from('9d29ad171863c78f0b97c8e9ae82ae43d3', 'hex')), 'https://www.example.com');
  // RFC 9204 appendix B.1.
  t.strictSame(decodeFieldSection(Buffer.from('0000510b2f696e6465782e68746d6c', 'hex'), 1_000), {
    fields: [{ name: ':path', value: '/index.html' }],
  });
  const fields = [...sessionFields(`/${'long'.repeat(100)}`), { name: 'x-own', value: 'täst'.normalize() }];
  t.strictSame(decodeFieldSection(encodeFieldSection(fields), 10_000), { fields });
});

t.test('codes of applications leave out the reserved ones of HTTP/3', async (t) => {
  for (const code of [0, 1, 29, 30, 31, 255, 65_535, 4_294_967_295]) t.equal(toApplicationCode(toHttpCode(code)), code);
  t.equal(toHttpCode(0), 0x52e4a40fa8db);
  t.equal(toHttpCode(4_294_967_295), 0x52e5ac983162);
  t.equal(toApplicationCode(0x52e4a40fa8db + 30), null, 'a reserved code');
  t.equal(toApplicationCode(0x10c), null, 'none of an application');
});

t.test('the list of protocols is a structured field', async (t) => {
  t.strictSame(parseStringList('"moq-lite-05", "moq-lite-04"'), ['moq-lite-05', 'moq-lite-04']);
  t.strictSame(parseStringList('"a\\"b\\\\c";q=1;x="y,z" ,"d"'), ['a"b\\c', 'd']);
  for (const wrong of ['', 'token', '"a" "b"', '"a",', '"a', '"ä"', '"a\\n"', '1', '("a")']) {
    t.strictSame(parseStringList(wrong), [], wrong);
  }
  t.equal(serializeString('a"b\\c'), '"a\\"b\\\\c"');
});

t.test('a reason is cut where a character ends', async (t) => {
  t.equal(cutReason('kurz'), 'kurz');
  t.equal(Buffer.byteLength(cutReason('x'.repeat(2_000))), 1_024);
  t.equal(cutReason(`${'x'.repeat(1_022)}€€`), 'x'.repeat(1_022));
  t.equal(cutReason(`${'x'.repeat(1_021)}€€`), `${'x'.repeat(1_021)}€`);
});

t.test('a Retry token is good for its address, its connection and its time', async (t) => {
  const tokens = new RetryTokens();
  const first = randomBytes(8);
  const ours = randomBytes(16);
  const token = tokens.mint(first, ours, '192.0.2.1 5000', 1_000_000);
  t.strictSame(tokens.open(token, ours, '192.0.2.1 5000', 1_000_001), first);
  t.equal(tokens.open(token, ours, '192.0.2.1 5001', 1_000_001), null, 'another port');
  t.equal(tokens.open(token, ours, '192.0.2.2 5000', 1_000_001), null, 'another address');
  t.equal(tokens.open(token, randomBytes(16), '192.0.2.1 5000', 1_000_001), null, 'another connection id');
  t.equal(tokens.open(token, ours, '192.0.2.1 5000', 1_011_000), null, 'too late');
  t.equal(new RetryTokens().open(token, ours, '192.0.2.1 5000', 1_000_001), null, 'of another process');
  for (let length = 0; length < token.length; length++) {
    t.equal(tokens.open(token.subarray(0, length), ours, '192.0.2.1 5000', 1_000_001), null, `${length} bytes of it`);
  }
});

t.test('who asks for a connection is let in, sent for a proof of its address, or not answered', async (t) => {
  const limits = { ...ENGINE_LIMITS, connectionsMax: 100, halfOpenMax: 20, retryFromHalfOpen: 10 };
  const judge = (connections: number, halfOpen: number, isAddressProven: boolean) =>
    judgeInitial({ connections, halfOpen, isAddressProven }, limits);
  t.equal(judge(0, 0, false), 'accept');
  t.equal(judge(50, 9, false), 'accept');
  t.equal(judge(50, 10, false), 'retry');
  t.equal(judge(50, 10, true), 'accept');
  t.equal(judge(50, 20, true), 'drop');
  t.equal(judge(100, 0, true), 'drop');
});

t.test('an IPv4 address on a socket for both is shown as such', async (t) => {
  t.equal(plainAddress('::ffff:192.0.2.7'), '192.0.2.7');
  t.equal(plainAddress('2001:db8::1'), '2001:db8::1');
});

// Fuzzing: whatever arrives, in whatever pieces, ends in an error of the protocol or in nothing.
const SEED = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 31));
const CASES = 30_000;

t.test(`${CASES} random inputs to every reader (SEED=${SEED})`, async (t) => {
  const source = new Random(SEED);
  const random = (below: number) => source.whole(0, below - 1);
  const bytes = (length: number) => Buffer.from(Array.from({ length }, () => random(256)));
  const good = [
    tlv(0x4, encodeSettings(ourSettings(16_384))),
    headers(sessionFields('/x')),
    tlv(0x0, closeCapsule(7, 'bye')),
    tlv(0x0, tlv(0x78ae, Buffer.alloc(0))),
    tlv(0x7, varint(4)),
    tlv(0x21, bytes(9)),
  ];
  /** Something whole with a few bytes changed, added or taken away. */
  const damaged = () => {
    const parts = Array.from({ length: 1 + random(4) }, () => good[random(good.length)] as Buffer);
    const all = Buffer.concat(parts);
    for (let n = random(4); n > 0; n--) all[random(all.length)] = random(256);
    return random(3) === 0 ? all.subarray(0, random(all.length)) : all;
  };
  const body = new CapsuleReader(ENGINE_LIMITS, { onClose: () => {}, onDrain: () => {}, onDatagram: () => {} });
  const readers: (() => { push(bytes: Buffer, isLast: boolean): unknown })[] = [
    () => new ControlStream(ENGINE_LIMITS, () => {}),
    () =>
      new RequestStream(ENGINE_LIMITS, {
        onRequest: () => ({ onData: (part) => body.push(part), onEnd: () => body.end() }),
        onTooLarge: () => {},
      }),
    () => new CapsuleReader(ENGINE_LIMITS, { onClose: () => {}, onDrain: () => {}, onDatagram: () => {} }),
    () => ({ push: (part) => parseSettings(part) }),
    () => ({ push: (part) => decodeFieldSection(part, 1_000) }),
    () => ({ push: (part) => new DecoderInstructions().push(part) }),
    () => ({ push: (part) => parseStringList(part.toString('latin1')) }),
  ];
  let errors = 0;
  let slowestMs = 0;
  for (let n = 0; n < CASES; n++) {
    const reader = (readers[n % readers.length] as (typeof readers)[number])();
    const input = random(3) === 0 ? bytes(random(60)) : damaged();
    const startedMs = performance.now();
    try {
      for (let at = 0; at < input.length; ) {
        const end = Math.min(input.length, at + 1 + random(40));
        reader.push(input.subarray(at, end), end === input.length && random(2) === 0);
        at = end;
      }
    } catch (error) {
      errors += 1;
      const isExpected = error instanceof H3ConnectionError || error instanceof H3StreamError;
      if (!isExpected) return t.fail(`case ${n}: ${(error as Error).stack}`);
    }
    slowestMs = Math.max(slowestMs, performance.now() - startedMs);
  }
  t.ok(errors > CASES / 10, `${errors} were refused`);
  t.ok(slowestMs < 1_000, `the slowest took ${slowestMs} ms`);
});
