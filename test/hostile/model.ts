// A modified model: what she is paid against what reaches the client.
import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import { type CallResult, type HostileCall, HostileStudio, holdsBudget } from './support.ts';

t.jobs = 30;
const bySecond = await HostileStudio.open(t, 'per_second');
const byMinute = await HostileStudio.open(t, 'per_minute');

/** Between what the meter counts and what the client sees: one packet's gap at each end, and a busy machine. */
const SLACK_MS = 700;
/** A model with both switches off is charged for so long (charging rules: switches). */
const OFF_MS = 10_000;

const unseenMs = ({ billableMs, receivedMs }: CallResult): number => billableMs - receivedMs;

/** Both send as they should, and the meter runs. */
async function charging(call: HostileCall): Promise<void> {
  call.model.sendHonestly();
  call.client.sendHonestly();
  await call.goLive();
  await call.isCharging();
  await sleep(2_000);
}

t.test('who sends nothing from the beginning is paid nothing, by the second and by the minute', async (t) => {
  const calls = [await bySecond.call(t), await byMinute.call(t)];
  const results = await Promise.all(
    calls.map(async (call) => {
      call.client.sendHonestly();
      await call.goLive();
      await sleep(5_000);
      return call.hangUp();
    }),
  );
  for (const result of results) {
    holdsBudget(t, result);
    t.equal(result.chargedMinor, 0);
  }
});

t.test('who stops sending is paid to her last packet, and by the minute no second one', async (t) => {
  const calls = [await bySecond.call(t), await byMinute.call(t)];
  const results = await Promise.all(
    calls.map(async (call) => {
      await charging(call);
      call.model.silence();
      await sleep(5_000);
      return call.hangUp();
    }),
  );
  for (const result of results) {
    holdsBudget(t, result);
    t.ok(unseenMs(result) < SLACK_MS, `${unseenMs(result)} ms paid and not seen`);
  }
  t.equal(results[1]?.chargedMinor, 200);
});

for (const [what, bytes] of [
  ['a header', 12],
  ['a packet', 200],
] as const) {
  t.test(`${what} each 1.8 s keeps no meter running`, async (t) => {
    const call = await bySecond.call(t);
    await charging(call);
    call.model.send(1_800, { bytes });
    await sleep(8_000);
    const result = await call.hangUp();
    holdsBudget(t, result);
    t.ok(result.billableMs < 4_000, `${result.billableMs} ms paid`);
  });
}

t.test('nine packets in two seconds keep no meter running', async (t) => {
  const call = await bySecond.call(t);
  await charging(call);
  call.model.send(2_000, { packets: 9 });
  await sleep(8_000);
  const result = await call.hangUp();
  holdsBudget(t, result);
  t.ok(result.billableMs < 4_500, `${result.billableMs} ms paid`);
});

t.test('padding keeps no meter running', async (t) => {
  const call = await bySecond.call(t);
  await charging(call);
  call.model.send(20, {
    write(packet) {
      packet[0] = 0xa0;
      packet[packet.length - 1] = packet.length - 12;
    },
  });
  await sleep(6_000);
  const result = await call.hangUp();
  t.ok(result.agrees);
  t.ok(result.billableMs < 4_000, `${result.billableMs} ms paid`);
});

t.test('who hovers about the threshold is paid for no more than is seen', async (t) => {
  const call = await bySecond.call(t);
  await charging(call);
  call.model.send(2_000 / 9);
  await sleep(10_000);
  const result = await call.hangUp();
  holdsBudget(t, result);
  t.ok(unseenMs(result) < SLACK_MS, `${unseenMs(result)} ms paid and not seen`);
});

t.test('both switches off stop the meter after ten seconds', async (t) => {
  const call = await bySecond.call(t);
  await charging(call);
  call.model.silence();
  call.model.repeatSwitches(true);
  await sleep(OFF_MS + 5_000);
  const result = await call.hangUp();
  holdsBudget(t, result);
  t.ok(unseenMs(result) <= OFF_MS + SLACK_MS, `${unseenMs(result)} ms paid and not seen`);
});

t.test('switches that are on for a moment every few seconds stop it all the same', async (t) => {
  const call = await bySecond.call(t);
  await charging(call);
  call.model.silence();
  for (let round = 0; round < 5; round++) {
    call.model.repeatSwitches(true);
    await sleep(3_000);
    call.model.stopSwitches();
    call.model.switches(false);
    await sleep(250);
  }
  const result = await call.hangUp();
  holdsBudget(t, result);
  t.ok(unseenMs(result) <= OFF_MS + SLACK_MS, `${unseenMs(result)} ms paid and not seen`);
});

t.test('so does a flood of switches', async (t) => {
  const call = await bySecond.call(t);
  await charging(call);
  call.model.silence();
  for (let n = 0; n < 150; n++) {
    call.model.switches(n % 2 === 0);
    await sleep(100);
  }
  const result = await call.hangUp();
  holdsBudget(t, result);
  t.ok(unseenMs(result) <= OFF_MS + SLACK_MS, `${unseenMs(result)} ms paid and not seen`);
});

t.test('switches that are on for ten packets every nine seconds', async (t) => {
  const call = await bySecond.call(t);
  await charging(call);
  call.model.silence();
  for (let round = 0; round < 3; round++) {
    call.model.repeatSwitches(true);
    await sleep(8_500);
    call.model.stopSwitches();
    call.model.switches(false);
    call.model.send(20);
    await sleep(300);
    call.model.silence();
  }
  const result = await call.hangUp();
  holdsBudget(t, result);
  t.ok(unseenMs(result) <= OFF_MS + SLACK_MS, `${unseenMs(result)} ms paid and not seen`);
});

t.test('who attaches anew again and again is paid for no more than is seen', async (t) => {
  const call = await bySecond.call(t);
  await charging(call);
  for (let round = 0; round < 5; round++) {
    await call.model.say({ type: 'call.attach', callId: call.callId });
    await sleep(2_000);
  }
  const result = await call.hangUp();
  holdsBudget(t, result);
  t.ok(unseenMs(result) < SLACK_MS, `${unseenMs(result)} ms paid and not seen`);
});

t.test('who always says that her picture stands is paid for no more than is seen', async (t) => {
  const call = await bySecond.call(t);
  await charging(call);
  for (let round = 0; round < 20; round++) {
    await call.model.say({ type: 'media.stalled', legId: call.model.legId });
    await sleep(400);
  }
  const result = await call.hangUp();
  holdsBudget(t, result);
  t.ok(unseenMs(result) < SLACK_MS, `${unseenMs(result)} ms paid and not seen`);
});
