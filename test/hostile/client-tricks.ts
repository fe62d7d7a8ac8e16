// A modified client: what it gets against what it pays.
import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import type { MediaTransport } from '../../server/contract/index.ts';
import { CALLS_AT_A_TIME, charging, type HostileParty, HostileStudio, holdsBudget, paysForAll } from './support.ts';

/** Each trick of a client over one transport. */
export async function clientTricks(transport: MediaTransport): Promise<void> {
  t.jobs = CALLS_AT_A_TIME[transport];
  const GRACE_MS = 4_000;
  const studio = await HostileStudio.open(
    t,
    { tariff: 'per_second', transport },
    { PARLOUR_METER_GRACE_MS: String(GRACE_MS) },
  );

  /** What a client sends who would see without paying. */
  const SILENT: { readonly [what: string]: readonly [ms: number, trick: (client: HostileParty) => void] } = {
    'who answers and never sends': [8_000, () => {}],
    'a packet now and then': [10_000, (client) => client.send(2_150)],
    'nine packets in two seconds': [10_000, (client) => client.send(2_000, { packets: 9 })],
    'packets that carry nothing': [6_000, (client) => client.send(20, { what: 'nothing' })],
  };

  for (const [what, [ms, trick]] of Object.entries(SILENT)) {
    t.test(`${what}: nothing passes, and nothing is paid`, async (t) => {
      const call = await studio.call(t);
      call.model.sendHonestly();
      trick(call.client);
      await call.goLive();
      await sleep(ms);
      const result = await call.hangUp();
      holdsBudget(t, result);
      t.equal(result.receivedPackets, 0);
      t.equal(result.chargedMinor, 0);
    });
  }

  t.test('who thins out to just below the threshold in a call that runs gets no more than is noticed', async (t) => {
    const call = await studio.call(t);
    await charging(call);
    call.client.send(2_000 / 9);
    await sleep(10_000);
    const result = await call.hangUp();
    holdsBudget(t, result);
    t.ok(result.receivedMs < 3_500);
    paysForAll(t, result);
  });

  t.test('who falls silent pays for the time in which it is noticed', async (t) => {
    const call = await studio.call(t);
    await charging(call);
    call.client.silence();
    await sleep(6_000);
    const result = await call.hangUp();
    holdsBudget(t, result);
    t.ok(result.receivedMs < 3_500);
    paysForAll(t, result);
  });

  t.test('media that comes and goes pays for each time that it is noticed', async (t) => {
    const call = await studio.call(t);
    call.model.sendHonestly();
    await call.goLive();
    const rounds = 6;
    for (let round = 0; round < rounds; round++) {
      call.client.sendHonestly();
      await sleep(1_250);
      call.client.silence();
      await sleep(2_400);
    }
    const result = await call.hangUp();
    holdsBudget(t, result);
    t.ok(result.receivedMs > rounds * 1_000, 'it got something each time');
    t.ok(result.receivedMs - result.billableMs < rounds * 30, 'and no round gave more than it cost');
  });

  t.test('switches that are said to be off once are believed no longer than two seconds', async (t) => {
    const call = await studio.call(t);
    await charging(call);
    call.client.silence();
    call.client.switches(true);
    await sleep(9_000);
    const result = await call.hangUp();
    holdsBudget(t, result);
    t.ok(result.receivedMs < 5_000);
    paysForAll(t, result);
  });

  t.test('who only says that its switches are off pays for all that it gets', async (t) => {
    const call = await studio.call(t);
    call.model.sendHonestly();
    await call.goLive();
    call.client.repeatSwitches(true);
    await sleep(7_000);
    const result = await call.hangUp();
    holdsBudget(t, result);
    t.ok(result.receivedMs > 4_000);
    paysForAll(t, result);
  });

  t.test('switches that are on for a moment every few seconds pay for all that they get', async (t) => {
    const call = await studio.call(t);
    call.model.sendHonestly();
    await call.goLive();
    for (let round = 0; round < 4; round++) {
      call.client.repeatSwitches(true);
      await sleep(2_500);
      call.client.stopSwitches();
      call.client.switches(false);
      await sleep(250);
    }
    const result = await call.hangUp();
    holdsBudget(t, result);
    paysForAll(t, result);
  });

  t.test('a flood of switches pays for all that it gets', async (t) => {
    const call = await studio.call(t);
    call.model.sendHonestly();
    await call.goLive();
    for (let n = 0; n < 160; n++) {
      call.client.switches(n % 2 === 0);
      await sleep(50);
    }
    const result = await call.hangUp();
    holdsBudget(t, result);
    paysForAll(t, result);
  });

  t.test('who shows nothing in the confirmation sees nothing, however often it looks', async (t) => {
    const call = await studio.call(t);
    call.model.sendHonestly();
    for (let round = 0; round < 3; round++) {
      await call.confirm();
      await call.model.socket.seen((message) => message.type === 'media.start' && message.legId === call.model.legId);
      await sleep(2_000);
      await call.client.say({ type: 'call.hangUp', callId: call.callId });
    }
    t.equal(call.client.receivedPackets, 0);
  });

  t.test('who attaches anew and answers nothing is lost for a minute and no longer', async (t) => {
    const call = await studio.call(t);
    await charging(call);
    call.client.isAnswering = false;
    const again = setInterval(() => call.client.sendToHub({ type: 'call.attach', callId: call.callId }), 2_000);
    t.teardown(() => clearInterval(again));
    const fromMs = performance.now();
    const result = await call.isOver(75_000);
    holdsBudget(t, result);
    t.ok(performance.now() - fromMs < 64_000);
    t.match(result, { outcome: 'network_lost', endedBy: 'client' });
    t.ok(result.receivedMs < 3_000);
  });

  t.test('who attaches anew again and again gets no media beyond', async (t) => {
    const call = await studio.call(t);
    await charging(call);
    for (let round = 0; round < 5; round++) {
      await call.client.say({ type: 'call.attach', callId: call.callId });
      await sleep(2_500);
    }
    const result = await call.hangUp();
    holdsBudget(t, result);
    paysForAll(t, result);
  });

  t.test('who always says that its picture stands gets no media beyond', async (t) => {
    const call = await studio.call(t);
    await charging(call);
    for (let round = 0; round < 30; round++) {
      await call.client.say({ type: 'media.stalled', legId: call.client.legId });
      await sleep(250);
    }
    const result = await call.hangUp();
    holdsBudget(t, result);
    paysForAll(t, result);
  });

  t.test('packets that are numbered strangely are media, and are paid', async (t) => {
    const call = await studio.call(t);
    call.model.sendHonestly();
    call.client.send(40, { what: 'strange' });
    await call.goLive();
    await sleep(6_000);
    const result = await call.hangUp();
    holdsBudget(t, result);
    t.ok(result.receivedMs > 2_000);
    paysForAll(t, result);
  });

  t.test("a stranger does not answer for a leg, and the client's page before gets nothing more", async (t) => {
    const call = await studio.call(t);
    const stranger = await studio.party('client');
    const second = await call.client.again();
    t.teardown(() => [stranger, second].map((party) => party.close()));
    await charging(call);
    const theirs =
      transport === 'webrtc'
        ? ({ type: 'media.answer', legId: call.client.legId, sdp: 'v=0' } as const)
        : ({ type: 'media.failed', legId: call.client.legId, why: 'none' } as const);
    t.match(await stranger.say(theirs), { error: { code: 'not_allowed' } });
    t.match(await stranger.say({ type: 'call.attach', callId: call.callId }), { error: { code: 'call_not_found' } });
    second.sendHonestly();
    await second.say({ type: 'call.attach', callId: call.callId });
    await call.client.socket.seen(({ type }) => type === 'call.detached');
    await second.socket.seen(({ type }) => type === 'media.candidates' || type === 'media.session');
    const before = call.client.receivedPackets;
    t.match(await call.client.say({ ...theirs, legId: second.legId }), { error: { code: 'not_allowed' } });
    await sleep(4_000);
    t.equal(call.client.receivedPackets, before);
    t.ok(second.receivedPackets > 0);
    const result = await call.hangUp();
    t.ok(result.agrees);
    t.equal(result.beyondMs, 0);
    t.ok(result.receivedMs + second.liveMs <= result.paidMs);
  });

  t.test('asking to go on without credit neither opens media nor makes the grace longer', async (t) => {
    const call = await studio.call(t);
    await charging(call);
    await studio.leaveCredit(call.client, 4);
    await call.client.socket.call((view) => view.state === 'suspended');
    const fromMs = performance.now();
    const before = call.client.receivedPackets;
    const asking = setInterval(() => call.client.sendToHub({ type: 'call.restart', callId: call.callId }), 60);
    t.teardown(() => clearInterval(asking));
    const result = await call.isOver(20_000);
    holdsBudget(t, result);
    t.ok(performance.now() - fromMs < GRACE_MS + 1_000);
    t.equal(call.client.receivedPackets, before);
    t.match(result, { outcome: 'out_of_funds' });
  });
}
