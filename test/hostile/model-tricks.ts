// A modified model: what she is paid against what reaches the client.
import { setTimeout as sleep } from 'node:timers/promises';
import t, { type Test } from 'tap';
import { PROVEN_ON_MS } from '../../server/calls/switches-off.ts';
import type { MediaTransport } from '../../server/contract/index.ts';
import {
  CALLS_AT_A_TIME,
  type CallResult,
  charging,
  type HostileCall,
  type HostileParty,
  HostileStudio,
  holdsBudget,
} from './support.ts';

/** Each trick of a model over one transport. */
export async function modelTricks(transport: MediaTransport): Promise<void> {
  t.jobs = CALLS_AT_A_TIME[transport];
  const bySecond = await HostileStudio.open(t, { tariff: 'per_second', transport });
  const byMinute = await HostileStudio.open(t, { tariff: 'per_minute', transport });

  /** Between what the meter counts and what the client sees: one packet's gap at each end, and a busy machine. */
  const SLACK_MS = 700;
  /** A model with both switches off is charged for so long (charging rules: switches). */
  const OFF_MS = 10_000;

  const unseenMs = ({ billableMs, receivedMs }: CallResult): number => billableMs - receivedMs;

  /** A call that runs for two seconds, then the trick, then its end. */
  async function after(t: Test, trick: (call: HostileCall) => Promise<unknown>): Promise<CallResult> {
    const call = await bySecond.call(t);
    await charging(call);
    await sleep(2_000);
    await trick(call);
    const result = await call.hangUp();
    holdsBudget(t, result);
    return result;
  }

  /** The trick's part that she is paid for and the client does not see is no longer than that. */
  async function isUnseen(t: Test, mostMs: number, trick: (call: HostileCall) => Promise<unknown>): Promise<void> {
    const ms = unseenMs(await after(t, trick));
    t.ok(ms < mostMs, `${ms} ms paid and not seen`);
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
        await sleep(2_000);
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

  /** What she sends who would be paid without being seen, for so long, and how much of it may be paid. */
  const THIN: { readonly [what: string]: readonly [ms: number, paidMs: number, trick: (model: HostileParty) => void] } =
    {
      'a header each 1.8 s': [8_000, 4_000, (model) => model.send(1_800, { bytes: 12 })],
      'a packet each 1.8 s': [8_000, 4_000, (model) => model.send(1_800, { bytes: 200 })],
      'nine packets in two seconds': [8_000, 4_500, (model) => model.send(2_000, { packets: 9 })],
      'packets that carry nothing': [6_000, 4_000, (model) => model.send(20, { what: 'nothing' })],
    };

  for (const [what, [ms, paidMs, trick]] of Object.entries(THIN)) {
    t.test(`${what}: the meter stops`, async (t) => {
      const { billableMs } = await after(t, async ({ model }) => {
        trick(model);
        await sleep(ms);
      });
      t.ok(billableMs < paidMs, `${billableMs} ms paid`);
    });
  }

  t.test('who hovers about the threshold is paid for no more than is seen', (t) =>
    isUnseen(t, SLACK_MS, async ({ model }) => {
      model.send(2_000 / 9);
      await sleep(10_000);
    }),
  );

  t.test('both switches off stop the meter after ten seconds', (t) =>
    isUnseen(t, OFF_MS + SLACK_MS, async ({ model }) => {
      model.silence();
      model.repeatSwitches(true);
      await sleep(OFF_MS + 5_000);
    }),
  );

  t.test('switches that are on for a moment every few seconds stop it all the same', (t) =>
    isUnseen(t, OFF_MS + SLACK_MS, async ({ model }) => {
      model.silence();
      for (let round = 0; round < 5; round++) {
        model.repeatSwitches(true);
        await sleep(3_000);
        model.stopSwitches();
        model.switches(false);
        await sleep(250);
      }
    }),
  );

  t.test('so does a flood of switches', (t) =>
    isUnseen(t, OFF_MS + SLACK_MS, async ({ model }) => {
      model.silence();
      for (let n = 0; n < 150; n++) {
        model.switches(n % 2 === 0);
        await sleep(100);
      }
    }),
  );

  t.test('switches that are on for ten packets every nine seconds stop it, too', (t) =>
    isUnseen(t, OFF_MS + SLACK_MS, async ({ model }) => {
      model.silence();
      for (let round = 0; round < 3; round++) {
        model.repeatSwitches(true);
        await sleep(8_500);
        model.stopSwitches();
        model.switches(false);
        model.send(20);
        await sleep(300);
        model.silence();
      }
    }),
  );

  t.test('who attaches anew again and again is paid for no more than is seen', (t) =>
    isUnseen(t, SLACK_MS, async ({ model, callId }) => {
      for (let round = 0; round < 5; round++) {
        await model.say({ type: 'call.attach', callId });
        await sleep(2_000);
      }
    }),
  );

  t.test('both switches off, and attached anew for each ten seconds, is ten seconds once', (t) =>
    isUnseen(t, OFF_MS + SLACK_MS, async ({ model, callId }) => {
      model.silence();
      model.repeatSwitches(true);
      for (let round = 0; round < 2; round++) {
        await sleep(OFF_MS + 1_000);
        await model.say({ type: 'call.attach', callId });
      }
      await sleep(OFF_MS);
    }),
  );

  t.test('on for a moment of media before each new leg with both off is ten seconds once', (t) =>
    isUnseen(t, OFF_MS + SLACK_MS, async ({ model, callId }) => {
      model.silence();
      for (let round = 0; round < 3; round++) {
        model.repeatSwitches(true);
        await sleep(OFF_MS);
        model.stopSwitches();
        model.switches(false);
        model.send(20);
        await sleep(300);
        model.silence();
        await sleep(PROVEN_ON_MS);
        await model.say({ type: 'call.attach', callId });
      }
      model.repeatSwitches(true);
      await sleep(OFF_MS);
    }),
  );

  t.test('who always says that her picture stands is paid for no more than is seen', (t) =>
    isUnseen(t, SLACK_MS, async ({ model }) => {
      for (let round = 0; round < 20; round++) {
        await model.say({ type: 'media.stalled', legId: model.legId });
        await sleep(400);
      }
    }),
  );
}
