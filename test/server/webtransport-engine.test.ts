import { randomBytes } from 'node:crypto';
import t, { type Test } from 'tap';
import { H3 } from '../../server/media/webtransport/engine/h3/errors.ts';
import { FRAME } from '../../server/media/webtransport/engine/h3/frames.ts';
import { varint } from '../../server/media/webtransport/engine/varint.ts';
import { Random } from '../sim/core/random.ts';
import { framesOf, QuicClient, type QuicClientOptions } from '../support/quic-client.ts';
import { echo, startEngine, type TestEngine, type TestEngineOptions } from '../support/webtransport-engine.ts';

const WT_STREAM = 0x41;
const WT_UNI = 0x54;
const KIB = 1_024;

/** An engine that ends with the test. */
async function engineFor(t: Test, options: TestEngineOptions = {}): Promise<TestEngine> {
  const server = await startEngine(options);
  t.teardown(() => server.engine.close());
  return server;
}

async function sessionFor(t: Test, server: TestEngine, options: Partial<QuicClientOptions> = {}, path = '/') {
  const { client, id } = await QuicClient.session({ port: server.port, ...options }, path);
  t.teardown(() => client.close());
  const session = await client.until(() => server.sessions.at(-1), 'the session');
  return { client, id, session };
}

async function echoes(client: QuicClient, sessionId: number, text = 'alive?'): Promise<void> {
  const id = client.openBidi();
  client.send(id, Buffer.concat([varint(WT_STREAM), varint(sessionId), Buffer.from(text)]), true);
  await client.until(() => client.received(id).isEnded, `${text} to come back`);
  if (client.received(id).bytes.toString() !== text) throw new Error(`${client.received(id).bytes} came back`);
}

t.test('a port that another has is refused with the system’s code', async (t) => {
  const server = await engineFor(t);
  const { loadEngine } = await import('../../server/media/webtransport/engine/load-engine.ts');
  const { makePem } = await import('../support/webtransport-engine.ts');
  const factory = await loadEngine();
  if ('problem' in factory) throw new Error(factory.problem);
  const options = { ...(await makePem()), admit: () => ({ verdict: 'accept' as const }), onSession() {}, log() {} };
  await t.rejects(factory.listen({ ...options, udpPort: server.port }), { code: 'EADDRINUSE' });
  await t.rejects(factory.listen({ ...options, udpPort: 0, bindAddress: '192.0.2.1' }), { code: 'EADDRNOTAVAIL' });
  await t.rejects(factory.listen({ ...options, udpPort: 0, keyPem: 'none' }));
});

t.test('who asks is answered before a session is there', async (t) => {
  const server = await engineFor(t, {
    limits: { sessionsPerConnectionMax: 1 },
    admit: ({ path }) => {
      if (path === '/no') return { verdict: 'refuse', status: 403 };
      if (path === '/why') return { verdict: 'close', code: 4_001, reason: 'too late' };
      if (path === '/odd') return { verdict: 'refuse', status: 200 };
      if (path === '/throws') throw new Error('a fault of ours');
      return { verdict: 'accept', protocol: 'moq-lite-04' };
    },
    onSession: ({ path }) => {
      if (path === '/fails') throw new Error('another fault of ours');
    },
  });
  const client = await QuicClient.connect({ port: server.port });
  t.teardown(() => client.close());
  client.sendSettings();
  t.equal(await client.status(client.requestSession('/no')), '403');
  t.equal(await client.status(client.requestSession('/odd')), '500');
  t.equal(await client.status(client.requestSession('/throws')), '500');
  const closed = client.requestSession('/why');
  t.equal(await client.status(closed), '200');
  await client.until(() => client.received(closed).isEnded, 'the end of the stream');
  const capsule = framesOf(client.received(closed).bytes).find(({ type }) => type === FRAME.DATA)?.payload;
  t.strictSame(capsule, Buffer.from([0x68, 0x43, 12, 0, 0, 0x0f, 0xa1, ...Buffer.from('too late')]));
  t.equal(server.sessions.length, 0);
  t.equal(server.engine.counters().sessionsRefused, 4);

  const offer = { name: 'wt-available-protocols', value: '"moq-lite-05", "moq-lite-04"' };
  const open = client.requestSession('/yes', [offer]);
  const answer = await client.answer(open);
  t.match(answer, [{ value: '200' }, { value: 'draft02' }, { name: 'wt-protocol', value: '"moq-lite-04"' }]);
  t.equal(server.sessions[0]?.webTransport.protocol, 'moq-lite-04');
  const second = client.requestSession('/yes');
  await client.until(() => client.received(second).resetCode === H3.REQUEST_REJECTED, 'the second to be rejected');

  const other = await QuicClient.session({ port: server.port }, '/fails');
  t.teardown(() => other.client.close());
  await client.until(() => server.engine.counters().sessions === 1, 'the failing session to be closed');
  t.equal(server.sessions[1]?.webTransport.protocol, '', 'a protocol that was not offered is not agreed on');
  t.equal(
    server.logs.filter((line) => line.startsWith('error')).length,
    2,
    'each fault of ours is one line in the log',
  );
});

t.test('more sessions than the limit are answered with 503', async (t) => {
  const server = await engineFor(t, { limits: { sessionsMax: 2 } });
  await sessionFor(t, server);
  await sessionFor(t, server);
  const client = await QuicClient.connect({ port: server.port });
  t.teardown(() => client.close());
  client.sendSettings();
  t.equal(await client.status(client.requestSession()), '503');
});

t.test('what comes out of order waits: a request for SETTINGS, streams for their session', async (t) => {
  const server = await engineFor(t, { limits: { earlyStreamsMax: 3 }, onSession: echo });
  const client = await QuicClient.connect({ port: server.port });
  t.teardown(() => client.close());
  const early = [4, 8, 12, 16].map((id) => {
    client.send(id, Buffer.concat([varint(WT_STREAM), varint(0), Buffer.from(`early ${id}`)]), true);
    return id;
  });
  await client.until(
    () => client.received(16).resetCode === H3.WT_BUFFERED_STREAM_REJECTED,
    'the fourth to be refused',
  );
  client.requestSession();
  const before = server.requests.length;
  client.sendSettings();
  t.equal(before, 0, 'nobody is asked before the SETTINGS are there');
  t.equal(await client.status(0), '200');
  for (const id of early.slice(0, 3)) {
    await client.until(() => client.received(id).isEnded, `the echo on ${id}`);
    t.equal(client.received(id).bytes.toString(), `early ${id}`);
  }
  server.sessions[0]?.close(1, 'enough');
  client.send(20, Buffer.concat([varint(WT_STREAM), varint(0), Buffer.from('late')]));
  await client.until(() => client.received(20).resetCode === H3.WT_SESSION_GONE, 'a late stream to be refused');
});

t.test(
  'with many half-open connections a newcomer has to prove its address; above the cap nobody is answered',
  async (t) => {
    const server = await engineFor(t, {
      limits: { retryFromHalfOpen: 5, halfOpenMax: 8, handshakeMs: 700 },
      onSession: echo,
    });
    const { engine, port } = server;
    const silent: QuicClient[] = [];
    const open = async () => {
      const client = await QuicClient.start({ port, loses: (direction) => direction === 'in' });
      silent.push(client);
      return client;
    };
    t.teardown(() => {
      for (const client of silent) client.close();
    });
    for (let n = 1; n <= 5; n++) {
      const client = await open();
      await client.until(() => engine.counters().halfOpen === n, `${n} half-open`);
    }
    t.equal(engine.counters().retriesSent, 0);
    const { client, id } = await sessionFor(t, server);
    t.equal(engine.counters().retriesSent, 1, 'it got in by a Retry');
    await echoes(client, id);
    const before = engine.counters().halfOpen;
    await open();
    await client.until(() => engine.counters().retriesSent >= 2, 'a Retry for one that does not read it');
    t.equal(engine.counters().halfOpen, before, 'and nothing is kept for it');

    await client.until(() => engine.counters().halfOpen === 0, 'the handshakes to be given up');
    await echoes(client, id);
    t.equal(engine.counters().connections, 1);
  },
);

t.test('connections above the cap are not answered, and their place can be had again', async (t) => {
  const server = await engineFor(t, { limits: { connectionsMax: 1 } });
  const { client, session } = await sessionFor(t, server);
  const other = await QuicClient.start({ port: server.port });
  t.teardown(() => other.close());
  await other.until(() => server.engine.counters().connectionsRefused > 0, 'a refusal');
  session.close(0, '');
  client.close();
  await other.until(() => other.native.isEstablished(), 'the place to be free');
  t.equal(server.engine.counters().connections, 1);
});

t.test('who opens no session, says nothing, or vanishes is let go of', async (t) => {
  const server = await engineFor(t, { limits: { sessionMs: 200, idleMs: 400 } });
  const idle = await QuicClient.connect({ port: server.port });
  t.teardown(() => idle.close());
  t.match(await idle.end(), { isApp: true, code: H3.NO_ERROR, reason: 'no session was asked for' });

  const { client, session } = await sessionFor(t, server);
  const packets = client.packetsIn;
  await client.until(() => client.packetsIn > packets + 8, 'pings that keep an idle session alive');
  t.equal(server.engine.counters().sessions, 1);
  client.isSilent = true;
  t.match(await session.closed, { by: 'lost', code: 0, reason: 'nothing was heard for too long' });
  await client.until(() => server.engine.counters().connections === 0, 'the connection to be gone');
});

t.test('a session goes on when its packets come from another address', async (t) => {
  const server = await engineFor(t, { onSession: echo });
  const { client, id, session } = await sessionFor(t, server);
  for (let n = 0; n < 8; n++) {
    await client.rebind();
    await echoes(client, id, `after ${n}`);
    // quiche ends the connection when a path changes again before the change before it was validated.
    await echoes(client, id, `validated ${n}`);
    await echoes(client, id, `settled ${n}`);
  }
  t.equal(server.engine.counters().connections, 1);
  t.equal(session.remoteAddress, '127.0.0.1');
  t.ok(session.stats().bytesReceived > 8 * 6);
});

t.test('a writer waits for a slow reader, and what waits is bounded', async (t) => {
  const server = await engineFor(t, {
    limits: { streamQueueBytes: 32 * KIB, sessionQueueBytesMax: 128 * KIB },
  });
  const { client, session } = await sessionFor(t, server, { streamWindowBytes: 4 * KIB });
  const write = async () => {
    const writer = (await session.webTransport.createUnidirectionalStream()).getWriter();
    writer.closed.catch(() => {});
    return writer;
  };
  const writer = await write();
  // The peer reads, and so opens its window again: each is done in the end.
  for (let n = 0; n < 20; n++) await writer.write(Buffer.alloc(10 * KIB, n));
  await writer.close();
  await client.until(() => client.received(7).isEnded, 'all of it');
  t.equal(client.received(7).bytes.length, 200 * KIB + 3);

  client.isSilent = true;
  let written = 0;
  const stuck = [];
  for (let n = 0; n < 4; n++) {
    const next = await write();
    await next.write(Buffer.alloc(30 * KIB)).then(() => (written += 1));
    stuck.push(next);
  }
  t.equal(written, 4, 'each stream may have its own queue');
  const waiting = stuck[0]?.write(Buffer.alloc(6 * KIB));
  const isWaiting = await Promise.race([
    waiting?.then(() => false),
    new Promise((resolve) => setImmediate(resolve, true)),
  ]);
  t.ok(isWaiting, 'above its queue a stream waits');
  t.ok(session.stats().queuedBytes <= 128 * KIB);
  await t.rejects(stuck[1]?.write(Buffer.alloc(20 * KIB)) as Promise<void>, { name: 'QuotaExceededError' });
  t.ok(session.stats().queuedBytes <= 100 * KIB, 'and what it had queued is dropped');

  const reset = stuck[0]?.abort(new Error('old'));
  await waiting?.catch(() => {});
  await reset;
  await stuck[2]?.abort({ streamErrorCode: 3 });
  await stuck[3]?.abort();
  t.equal(session.stats().queuedBytes, 0, 'a reset drops what is queued, also while a write waits');
  t.equal(server.engine.counters().queuedBytes, 0);
});

t.test('all sessions together may queue no more than the limit', async (t) => {
  const server = await engineFor(t, { limits: { totalQueueBytesMax: 100 * KIB } });
  const first = await sessionFor(t, server);
  const second = await sessionFor(t, server);
  first.client.isSilent = true;
  second.client.isSilent = true;
  const writer = (await first.session.webTransport.createUnidirectionalStream()).getWriter();
  void writer.write(Buffer.alloc(90 * KIB)).catch(() => {});
  const other = (await second.session.webTransport.createUnidirectionalStream()).getWriter();
  other.closed.catch(() => {});
  await t.rejects(other.write(Buffer.alloc(20 * KIB)), { name: 'QuotaExceededError' });
});

t.test('a higher send order overtakes what waits, and equals keep their order', async (t) => {
  const server = await engineFor(t);
  const { client, session } = await sessionFor(t, server);
  const send = async (sendOrder: number, bytes: number) => {
    const stream = await session.webTransport.createUnidirectionalStream({ sendOrder });
    const writer = stream.getWriter();
    void writer.write(Buffer.alloc(bytes));
    void writer.close();
    return stream;
  };
  const ended: number[] = [];
  const watch = () => {
    for (const received of client.streams.values()) {
      if (received.isEnded && !ended.includes(received.bytes.length)) ended.push(received.bytes.length);
    }
    return ended.length >= 5;
  };
  // More than the first window, and in all less than a socket's buffer: what is lost comes out of its order.
  await send(-2, 60_000);
  await send(-2, 50_000);
  const promoted = await send(-3, 40_000);
  await send(-1, 10_000);
  await send(0, 1_000);
  promoted.sendOrder = -1.5;
  await client.until(watch, 'all five');
  t.strictSame(ended, [1_003, 10_003, 40_003, 60_003, 50_003]);
});

t.test('without stream credit an opener waits for it, or is told at once', async (t) => {
  const server = await engineFor(t, { limits: { streamWaitersMax: 3 } });
  const { client, session } = await sessionFor(t, server, { streamsUni: 4 });
  const { webTransport } = session;
  const writers = [];
  for (let n = 0; n < 3; n++) writers.push((await webTransport.createUnidirectionalStream()).getWriter());
  const now = { waitUntilAvailable: false };
  await t.rejects(webTransport.createUnidirectionalStream(now), { name: 'QuotaExceededError' });
  const order: string[] = [];
  const wait = async (name: string, sendOrder: number) => {
    const stream = await webTransport.createUnidirectionalStream({ sendOrder });
    order.push(name);
    void stream.getWriter().close();
  };
  const waiting = [wait('low', 1), wait('high', 9), wait('low too', 1)];
  await t.rejects(webTransport.createUnidirectionalStream(), { name: 'QuotaExceededError' });
  for (const writer of writers) void writer.close();
  await Promise.all(waiting);
  t.strictSame(order, ['high', 'low', 'low too']);
  await client.until(() => [7, 11, 15, 19, 23, 27].every((id) => client.received(id).isEnded), 'six streams');
});

t.test('a stream that is given up before it is sent leaves no gap', async (t) => {
  const server = await engineFor(t);
  const { client, session } = await sessionFor(t, server, { streamsUni: 4 });
  for (let n = 0; n < 20; n++) await (await session.webTransport.createUnidirectionalStream()).abort();
  const writer = (await session.webTransport.createUnidirectionalStream()).getWriter();
  void writer.write(Buffer.from('kept'));
  void writer.close();
  await client.until(() => client.received(7).isEnded, 'the first that was sent');
  t.equal(client.received(7).bytes.subarray(3).toString(), 'kept');
});

t.test('every stream ends at the peer, though packets are lost', async (t) => {
  const seed = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 31));
  t.comment(`SEED=${seed}`);
  const random = new Random(seed);
  const server = await engineFor(t);
  let isLossy = false;
  const loses = (direction: 'in' | 'out') => isLossy && direction === 'in' && random.chance(0.2);
  const { client, session } = await sessionFor(t, server, { loses, streamsUni: 400 });
  isLossy = true;
  const count = 300;
  for (let n = 0; n < count; n++) {
    const writer = (await session.webTransport.createUnidirectionalStream()).getWriter();
    await writer.write(Buffer.alloc(300));
    // An end that follows within a moment rides on the last byte.
    setTimeout(() => void writer.close(), random.whole(0, 1));
  }
  const isEnded = (n: number) => client.received(7 + 4 * n).isEnded;
  await client.until(() => Array.from({ length: count }, (_, n) => n).every(isEnded), 'every end');
  t.pass();
});

t.test('an end that comes late is not forgotten when the packet that carries it is lost', async (t) => {
  const server = await engineFor(t);
  let toLose = 0;
  const loses = (direction: 'in' | 'out') => direction === 'in' && toLose-- > 0;
  const { client, session } = await sessionFor(t, server, { loses });
  for (let n = 0; n < 10; n++) {
    const writer = (await session.webTransport.createUnidirectionalStream()).getWriter();
    await writer.write(Buffer.alloc(100));
    const id = 7 + 4 * n;
    await client.until(() => client.received(id).bytes.length === 103, 'all bytes');
    // The peer has them and has not acknowledged them yet: quiche alone would lose an end that is sent now.
    toLose = 1;
    await writer.close();
    await client.until(() => client.received(id).isEnded, `the end of stream ${id}`);
    t.ok(toLose < 1, 'a packet was lost');
  }
});

t.test('500 sessions come and go, and 100 stay at once, in bounded memory', async (t) => {
  // A goodbye that gets lost costs the idle time.
  const server = await engineFor(t, { limits: { idleMs: 5_000 }, onSession: echo });
  const batch = async (count: number) => {
    const all = await Promise.all(Array.from({ length: count }, () => QuicClient.session({ port: server.port })));
    for (const { client, id } of all) await echoes(client, id);
    return all;
  };
  const leave = async (all: Awaited<ReturnType<typeof batch>>) => {
    for (const { client } of all) client.close();
    await new Promise<void>((resolve) => setImmediate(resolve));
  };
  const stay = await batch(100);
  t.equal(server.engine.counters().sessions, 100);
  t.equal(server.engine.counters().queuedBytes, 0);
  const rss: number[] = [];
  for (let n = 0; n < 20; n++) {
    await leave(await batch(25));
    rss.push(process.memoryUsage().rss);
  }
  const [{ client, id }] = stay as [(typeof stay)[number], ...typeof stay];
  await client.until(() => server.engine.counters().connections === 100, 'the 500 to be gone');
  t.equal(server.engine.counters().sessionsOpened, 600);
  await echoes(client, id);
  // The clients live in this process too.
  const grownMib = ((rss.at(-1) as number) - (rss[9] as number)) / KIB / KIB;
  t.ok(grownMib < 60, `the last 250 took ${Math.round(grownMib)} MiB`);
  await leave(stay);
  await client.until(() => server.engine.counters().connections === 0, 'all to be gone');
  t.strictSame(server.logs, []);
});

t.test('garbage on the port changes nothing', async (t) => {
  const seed = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 31));
  t.comment(`SEED=${seed}`);
  const random = new Random(seed);
  const server = await engineFor(t, { limits: { handshakeMs: 300 }, onSession: echo });
  const { client, id } = await sessionFor(t, server);
  const real: Buffer[] = [];
  const donor = await QuicClient.start({
    port: server.port,
    loses: (direction, packet) => {
      if (direction === 'out') real.push(Buffer.from(packet));
      return true;
    },
  });
  t.teardown(() => donor.close());
  for (let n = 0; n < 4_000; n++) {
    const kind = random.whole(0, 3);
    let packet = randomBytes(random.whole(0, 1_500));
    if (kind === 1) packet = Buffer.concat([Buffer.from([0xc0, 0, 0, 0, random.whole(0, 3)]), randomBytes(1_300)]);
    if (kind >= 2) {
      packet = Buffer.from(random.pick(...real));
      for (let change = 0; change < 3; change++) packet[random.whole(0, packet.length - 1)] = random.whole(0, 255);
      if (kind === 3) packet = packet.subarray(0, random.whole(1, packet.length));
    }
    client.raw(packet);
    if (n % 100 === 0) await echoes(client, id);
  }
  await echoes(client, id, 'still here');
  await client.until(() => server.engine.counters().halfOpen === 0, 'what it opened to be given up');
  t.equal(server.engine.counters().sessions, 1);
  t.strictSame(server.logs, []);
});

t.test('random bytes on the streams of real sessions end the connection at most, and never the process', async (t) => {
  const seed = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 31));
  t.comment(`SEED=${seed}`);
  const random = new Random(seed);
  const server = await engineFor(t, { onSession: echo });
  for (let n = 0; n < 60; n++) {
    const { client, id } = await QuicClient.session({ port: server.port });
    for (let step = 0; step < 40 && !client.native.isDraining(); step++) {
      const bytes = randomBytes(random.whole(0, 80));
      const header = random.chance(0.5) ? Buffer.concat([varint(WT_UNI), varint(id)]) : Buffer.alloc(0);
      const streamId = random.pick(2, id, client.openUni(), client.openBidi());
      try {
        const what = random.whole(0, 9);
        if (what < 2) client.sendDatagram(bytes);
        else if (what === 2) client.reset(streamId, random.whole(0, 1_000));
        else if (what === 3) client.stop(random.pick(id, 3, streamId), random.whole(0, 1_000));
        else client.send(streamId, Buffer.concat([header, bytes]), random.chance(0.3));
      } catch {
        // quiche lets the client do nothing on a stream that is over.
      }
    }
    client.close();
  }
  const { client, id } = await sessionFor(t, server);
  await echoes(client, id, 'still here');
  t.strictSame(
    server.logs.filter((line) => line.startsWith('error')),
    [],
  );
});
