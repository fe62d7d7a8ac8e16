// Real calls with real media, by peers without a browser: what the ledger, the log and the row make of them.
import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import { charging, type HostileParty, HostileStudio, type LogLine, RATE_MINOR } from '../hostile/support.ts';

const MINIMUM_MIN = 2;
const POLL_MS = 50;

const studio = await HostileStudio.open(t, { tariff: 'per_second', transport: 'webrtc', minimumMin: MINIMUM_MIN });

const kindsOf = (lines: readonly LogLine[]): string[] => lines.map(({ kind }) => kind);
const unitsOf = (lines: readonly LogLine[]): unknown[] =>
  lines.filter(({ kind }) => kind === 'charged').map(({ detail }) => detail.unit);

/** The log, once it is as wanted. */
async function logWhen(callId: number, isSo: (lines: readonly LogLine[]) => boolean): Promise<LogLine[]> {
  for (;;) {
    const lines = await studio.logOf(callId);
    if (isSo(lines)) return lines;
    await sleep(POLL_MS);
  }
}

const charged = (callId: number, units: number) => logWhen(callId, (lines) => unitsOf(lines).length >= units);

t.test('rule 5: the client hangs up early and pays the rest of the minimum, once', async (t) => {
  const call = await studio.call(t);
  const before = await studio.creditOf(call.client);
  await charging(call);
  await charged(call.callId, 2);
  const result = await call.hangUp('client');
  t.match(result, { outcome: 'client_ended', agrees: true });
  t.equal(await studio.creditOf(call.client), before - RATE_MINOR * MINIMUM_MIN);
  const lines = await studio.logOf(call.callId);
  t.match(lines.find(({ kind }) => kind === 'closed')?.detail, { endedBy: 'client', minimum: 'due' });
  const units = lines
    .filter(({ kind }) => kind === 'charged')
    .reduce((sum, one) => sum + Number(one.detail.amountMinor), 0);
  t.same(
    lines.filter(({ kind }) => kind === 'minimum').map(({ detail }) => detail.amountMinor),
    [RATE_MINOR * MINIMUM_MIN - units],
  );
});

t.test('rule 5: the model hangs up early, and only the seconds are paid', async (t) => {
  const call = await studio.call(t);
  const before = await studio.creditOf(call.client);
  await charging(call);
  await charged(call.callId, 2);
  const result = await call.hangUp('model');
  t.match(result, { outcome: 'model_ended', agrees: true });
  t.equal(await studio.creditOf(call.client), before - result.chargedMinor);
  t.ok(result.chargedMinor < RATE_MINOR, `${result.chargedMinor} charged`);
  t.notOk(kindsOf(await studio.logOf(call.callId)).includes('minimum'));
});

/** The same person on a new page: takes part again, and sends. */
async function comesBack(party: HostileParty, callId: number): Promise<HostileParty> {
  const again = await party.again();
  again.sendHonestly();
  await again.say({ type: 'call.attach', callId });
  return again;
}

t.test('everything is killed in a call: its log goes on where it stood, line by line', async (t) => {
  const call = await studio.call(t);
  await charging(call);
  await charged(call.callId, 3);
  await studio.appliance.killTree();
  await studio.startAgain();
  const before = await logWhen(call.callId, (lines) => kindsOf(lines).includes('recovered'));
  const durable = before.slice(0, kindsOf(before).indexOf('recovered'));
  const parties = [await comesBack(call.client, call.callId), await comesBack(call.model, call.callId)];
  t.teardown(() => parties.forEach((party) => party.close()));
  const known = unitsOf(durable).length;
  await charged(call.callId, known + 2);
  await parties[0]?.say({ type: 'call.hangUp', callId: call.callId });
  const result = await studio.result(call.callId, call.client);
  t.match(result, { outcome: 'client_ended', agrees: true });

  const lines = await studio.logOf(call.callId);
  t.same(lines.slice(0, durable.length), durable, 'what was durable stands as it was');
  t.same(
    lines.map(({ seq }) => seq),
    lines.map((_, index) => index + 1),
    'no line is missing, none is twice',
  );
  const recovered = lines[durable.length];
  t.match(recovered, { kind: 'recovered', detail: { unitsCharged: known } });
  const left = durable.at(-1) as LogLine;
  t.ok((recovered?.billableMs ?? 0) >= left.billableMs, 'nothing that ran is lost');
  t.ok((recovered?.billableMs ?? 0) - left.billableMs <= 1_000, 'and nothing of the time down is billable');
  t.same(
    unitsOf(lines),
    unitsOf(lines).map((_, index) => index + 1),
    'each second is charged once',
  );
});
