// Two legs of WebTransport and the pipe between them, with a headless page at the other end of each.

import { Broadcast, Connection, Path, Time } from '@moq/net';
import t, { type Test } from 'tap';
import { monotonicMs } from '../../server/clock/index.ts';
import { MOQ_PROTOCOL, type Side, TRACK_TIMESCALE } from '../../server/contract/index.ts';
import { CallPipe } from '../../server/media/process/call-pipe.ts';
import { SessionLeg } from '../../server/media/webtransport/leg.ts';
import { QuicTransport } from '../support/quic-transport.ts';
import { startEngine } from '../support/webtransport-engine.ts';

// The library says what it does on the console; nobody reads it here.
console.debug = console.info = console.warn = console.error = () => {};

const LEASE_MS = 60_000;
const WAIT_MS_MAX = 15_000;

const pipe = new CallPipe<SessionLeg>(1);
const legOf = (legId: number, side: Side) => {
  const leg = new SessionLeg(legId, side, pipe, { token: '', notify: () => {} });
  pipe.place(leg);
  return leg;
};
const legs = { client: legOf(1, 'client'), model: legOf(2, 'model') };
const server = await startEngine({
  admit: () => ({ verdict: 'accept', protocol: MOQ_PROTOCOL }),
  onSession: (session) => legs[session.path === '/client' ? 'client' : 'model'].take(session),
});

async function page(side: Side): Promise<Broadcast.Producer> {
  const transport = await QuicTransport.open(server.port, `/${side}`);
  const connection = await Connection.connect(new URL('https://localhost/'), { transport });
  const broadcast = new Broadcast.Producer();
  connection.publish(Path.from(side), broadcast);
  t.teardown(() => connection.close());
  return broadcast;
}

const broadcast = await page('model');
const timescale = Time.Timescale(TRACK_TIMESCALE);
const sound = broadcast.createTrack('audio', { timescale });
const picture = broadcast.createTrack('video', { timescale });
await page('client');
t.teardown(async () => {
  legs.client.close();
  legs.model.close();
  await server.engine.close();
});

async function until(t: Test, isSo: () => boolean, what: string): Promise<void> {
  const giveUpAtMs = performance.now() + WAIT_MS_MAX;
  while (!isSo() && performance.now() < giveUpAtMs) await new Promise((resolve) => setTimeout(resolve, 5));
  t.ok(isSo(), what);
}

const open = () => pipe.lease(monotonicMs() + LEASE_MS, monotonicMs());
const shut = () => pipe.lease(0, monotonicMs());
const { model } = legs;

t.test('sound that is too large to be passed on, or empty, is no media', async (t) => {
  open();
  /** One after another, until so many have come: the first go nowhere before the appliance has subscribed. */
  const hear = (bytes: number, count: number) => {
    const untilPackets = model.counters.audio.packets + count;
    let looks = 0;
    const isHeard = () => {
      if (looks++ % 10 === 0) sound.appendDatagram(Time.Timestamp.now(), new Uint8Array(bytes));
      return model.counters.audio.packets >= untilPackets;
    };
    return until(t, isHeard, `${bytes} bytes of sound come`);
  };
  await hear(100, 1);
  const { forwarded } = model.counters;
  const { lastMediaMs } = model.flow;
  t.equal(forwarded, 1);
  await hear(1_050, 3);
  await hear(0, 3);
  t.equal(model.counters.forwarded, forwarded);
  t.equal(model.flow.lastMediaMs, lastMediaMs);
});

t.test('a group of the picture that was held back once is no media from when the lease runs', async (t) => {
  shut();
  const group = picture.appendGroup();
  const frame = () => group.writeFrame({ payload: new Uint8Array(100), timestamp: Time.Timestamp.now() });
  const seen = () => model.counters.video.packets;
  const before = { seen: seen(), mediaMs: model.flow.lastMediaMs ?? 0 };
  frame();
  await until(t, () => seen() > before.seen, 'a frame has come');
  t.ok((model.flow.lastMediaMs ?? 0) > before.mediaMs, 'she sends, and it is held back');
  const { forwarded } = model.counters;
  open();
  const held = { seen: seen(), mediaMs: model.flow.lastMediaMs };
  for (let n = 0; n < 10; n++) frame();
  await until(t, () => seen() >= held.seen + 10, 'the rest of the group has come');
  t.equal(model.counters.forwarded, forwarded, 'nothing of it is passed on');
  t.equal(model.flow.lastMediaMs, held.mediaMs);
  group.close();
  picture.writeFrame({ payload: new Uint8Array(100), timestamp: Time.Timestamp.now() });
  await until(t, () => model.counters.forwarded > forwarded, 'the next group is');
  t.ok((model.flow.lastMediaMs ?? 0) > (held.mediaMs ?? 0));
});

t.test('a group whose stream was cut by a lease that ended is no media when it runs again', async (t) => {
  open();
  const group = picture.appendGroup();
  const frame = () => group.writeFrame({ payload: new Uint8Array(100), timestamp: Time.Timestamp.now() });
  const { forwarded } = model.counters;
  frame();
  await until(t, () => model.counters.forwarded > forwarded, 'it passes');
  shut();
  legs.client.watch(monotonicMs());
  open();
  const before = { seen: model.counters.video.packets, mediaMs: model.flow.lastMediaMs };
  for (let n = 0; n < 10; n++) frame();
  await until(t, () => model.counters.video.packets >= before.seen + 10, 'the rest of the group has come');
  t.equal(model.counters.forwarded, forwarded + 1);
  t.equal(model.flow.lastMediaMs, before.mediaMs);
});
