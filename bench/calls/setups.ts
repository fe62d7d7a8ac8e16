// Call set-ups over sockets, without a browser and without media: what the hub, the life of a call and
// its rows cost.
import fs from 'node:fs';
import path from 'node:path';
import { Accounts, SignIn } from '../../server/accounts/index.ts';
import type { TestAppliance } from '../../test/support/appliance.ts';
import { TestSocket } from '../../test/support/page-socket.ts';
import { joinTestStore } from '../../test/support/store.ts';

export interface SetUps {
  readonly pairs: number;
  /** From the ring to the acceptance, seen by both, and the end: whole lives a second. */
  readonly perSecond: number;
  /** From sending the ring to the model's page hearing it. */
  readonly ringToHeardMs: { readonly p50: number; readonly p99: number };
  /** What each open call adds, its legs in the media process included, the sockets of its pages not. */
  readonly mainKbPerCall: number;
  readonly mediaKbPerCall: number;
}

interface Pair {
  readonly client: TestSocket;
  readonly model: TestSocket;
  readonly modelId: number;
}

export async function benchSetUps(appliance: TestAppliance, pairCount: number, seconds: number): Promise<SetUps> {
  const pairs = await makePairs(appliance, pairCount);
  const heardMs: number[] = [];
  let lives = 0;
  const endAtMs = performance.now() + seconds * 1_000;
  const startedAtMs = performance.now();
  await Promise.all(
    pairs.map(async (pair) => {
      while (performance.now() < endAtMs) {
        const { callId, ms } = await ring(pair);
        heardMs.push(ms);
        await pair.model.ask({ type: 'call.accept', callId });
        await pair.client.call((view) => view.callId === callId && view.state === 'confirming');
        await pair.client.ask({ type: 'call.hangUp', callId });
        await pair.model.call((view) => view.callId === callId && view.state === 'ended');
        for (const socket of [pair.client, pair.model]) socket.heard.length = 0;
        lives += 1;
      }
    }),
  );
  const perSecond = lives / ((performance.now() - startedAtMs) / 1_000);
  const before = memoryKb(appliance);
  for (const pair of pairs) {
    const { callId } = await ring(pair);
    await pair.model.ask({ type: 'call.accept', callId });
  }
  const open = memoryKb(appliance);
  for (const { client, model } of pairs) for (const socket of [client, model]) socket.close();
  heardMs.sort((a, b) => a - b);
  const at = (share: number) => Math.round((heardMs[Math.floor(heardMs.length * share)] ?? 0) * 10) / 10;
  return {
    pairs: pairCount,
    perSecond: Math.round(perSecond),
    ringToHeardMs: { p50: at(0.5), p99: at(0.99) },
    mainKbPerCall: Math.round((open.main - before.main) / pairCount),
    mediaKbPerCall: Math.round((open.media - before.media) / pairCount),
  };
}

async function ring({ client, model, modelId }: Pair): Promise<{ callId: number; ms: number }> {
  const sentAtMs = performance.now();
  const answer = client.ask({ type: 'call.ring', modelId });
  await model.call((view) => view.state === 'ringing');
  const ms = performance.now() - sentAtMs;
  const { callId } = (await answer) as { callId?: number };
  if (callId === undefined) throw new Error(`a ring was refused: ${JSON.stringify(await answer)}`);
  return { callId, ms };
}

/** People and their sessions, made in the database: over the API they would be too many for one address. */
async function makePairs(appliance: TestAppliance, count: number): Promise<Pair[]> {
  const store = await joinTestStore(appliance);
  try {
    const accounts = new Accounts(store.main);
    const signIn = new SignIn(store.main);
    const open = async (personId: number) =>
      TestSocket.open(appliance, `parlour_session=${await signIn.openSession(personId)}`);
    const pairs: Pair[] = [];
    for (let index = 0; index < count; index++) {
      const model = await accounts.makePerson('model', `bench-model-${index}`, `Model ${index}`);
      await accounts.setAvailability(model.personId, 1);
      const client = await accounts.makePerson('client', `bench-client-${index}`, `Client ${index}`);
      pairs.push({
        model: await open(model.personId),
        client: await open(client.personId),
        modelId: model.personId,
      });
    }
    return pairs;
  } finally {
    await store.close();
  }
}

function memoryKb(appliance: TestAppliance): { main: number; media: number } {
  const mediaPid = Number(fs.readFileSync(path.join(appliance.data, 'media-webrtc.pid'), 'utf8'));
  const of = (pid: number) =>
    Number(/VmRSS:\s+(\d+)/.exec(fs.readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? Number.NaN);
  return { main: of(appliance.pid), media: of(mediaPid) };
}
