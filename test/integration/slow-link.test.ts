// Slow links, from the first burst to the receipt, by peers without a browser behind a link that is a model of one.
import t from 'tap';
import type { HubMessage } from '../../server/contract/index.ts';
import { charging, HostileStudio } from '../hostile/support.ts';

const FAST_KBPS = 30_000;
const SLOW_KBPS = 11_000;
/** A machine that is busy makes bursts inconclusive: each is one more to wait for. */
const NOTICED_MS_MAX = 90_000;
const UNANSWERED = 5;
/** A burst and a pause are written with the wall clock of the moment in which each is written. */
const SAME_MOMENT_MS = 50;

const isSameMoment = (one = '', other = ''): boolean => Math.abs(Date.parse(one) - Date.parse(other)) < SAME_MOMENT_MS;

const studio = await HostileStudio.open(
  t,
  { tariff: 'per_second', transport: 'webrtc' },
  { PARLOUR_METER_SLOW_LINK_KBPS: '12000' },
);

t.test('a test of the connection tells 6, 11, 14 and 30 Mbps apart', async (t) => {
  const model = await studio.party('model');
  t.teardown(() => model.close());
  for (const [kbps, verdict] of [
    [6_000, 'fail'],
    [11_000, 'fail'],
    [14_000, 'pass'],
    [30_000, 'pass'],
  ] as const) {
    model.uplink.kbps = kbps;
    await model.say({ type: 'connection.test' });
    const isResult = (message: HubMessage) => message.type === 'connection.result';
    const result = (await model.socket.next(isResult, NOTICED_MS_MAX)) as Extract<
      HubMessage,
      { type: 'connection.result' }
    >;
    const numbers = JSON.stringify(result);
    t.equal(result.verdict, verdict, `${kbps} kbps: ${numbers}`);
    if (verdict === 'fail') t.ok(Math.abs(result.kbps - kbps) < kbps * 0.15, `${result.kbps} of ${kbps} kbps`);
  }
});

t.test('a slow link costs nothing, from the first of two slow bursts to the second of two fast ones', async (t) => {
  const call = await studio.call(t);
  call.model.uplink.kbps = SLOW_KBPS;
  await charging(call);
  await call.isPaused(NOTICED_MS_MAX);
  const noticedAt = Date.now();
  const view = await call.client.socket.call(({ meter }) => meter?.reasons.includes('slow_link') ?? false);
  const units = view.meter?.unitsCharged ?? 0;
  call.model.uplink.kbps = FAST_KBPS;
  await call.isCharging(NOTICED_MS_MAX);
  await call.client.socket.call(({ meter }) => (meter?.unitsCharged ?? 0) >= units + 2);
  t.match(await call.hangUp(), { outcome: 'client_ended', agrees: true });

  const receipt = await studio.receipt(call.callId);
  const pause = receipt.pauses.find(({ reason }) => reason === 'slow_link');
  const verdicts = pause?.evidence.map(({ verdict }) => verdict) ?? [];
  t.ok(verdicts.filter((one) => one === 'fail').length >= 2, 'two slow bursts began it');
  t.ok(verdicts.filter((one) => one === 'pass').length >= 2, 'two fast ones ended it');
  const firstSlow = pause?.evidence.find(({ verdict }) => verdict === 'fail');
  t.ok(isSameMoment(pause?.from, firstSlow?.at), 'it stood from the first of them');
  const endedAt = Date.parse(pause?.to ?? '');
  t.same(
    receipt.units.filter(({ at }) => Date.parse(at) > noticedAt && Date.parse(at) < endedAt),
    [],
    'and nothing was charged since it was known',
  );
});

t.test('a page in the foreground that answers no burst counts as slow at the fifth', async (t) => {
  const call = await studio.call(t);
  call.model.uplink.isAnswering = false;
  await charging(call);
  await call.isPaused(NOTICED_MS_MAX);
  t.equal(call.model.uplink.asked, UNANSWERED);
  const result = await call.hangUp();
  t.match(result, { outcome: 'client_ended', agrees: true });
  const { probes, pauses } = await studio.receipt(call.callId);
  t.same(
    probes.map(({ doubt }) => doubt),
    Array.from({ length: UNANSWERED }, () => 'no_report'),
  );
  t.ok(result.billableMs < 10_000, `${result.billableMs} ms paid, back to the first of them`);
  t.equal(pauses.at(-1)?.reason, 'slow_link');
  t.ok(isSameMoment(pauses.at(-1)?.from, probes[0]?.at), 'it stood from the first of them');
});
