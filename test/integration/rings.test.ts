// How often a client may ring and look without connecting, and what the model is asked about it.
import t from 'tap';
import type { HubMessage, PersonRow } from '../../server/contract/index.ts';
import { TestAppliance } from '../support/appliance.ts';
import { lookAt } from '../support/looks.ts';
import { TestSocket } from '../support/page-socket.ts';

const appliance = new TestAppliance({
  PARLOUR_PEOPLE_RINGS_PER_MINUTE_MAX: '9',
  PARLOUR_PEOPLE_RINGS_OF_PAIR_PER_HOUR_MAX: '7',
  PARLOUR_PEOPLE_LOOKS_PER_DAY_MAX: '5',
  PARLOUR_PEOPLE_LOOKS_MAX: '3',
});
await appliance.start();
t.teardown(() => appliance.end());
const operator = await appliance.becomeOperator();

interface Model {
  readonly personId: number;
  readonly cookie: string;
  readonly socket: TestSocket;
}

const cookieOf = async (role: 'model' | 'client', name: string) => {
  const person = await appliance.makePerson(operator, role, name);
  return { personId: person.personId, cookie: await appliance.signIn(person.linkUrl) };
};

async function openModel(name: string): Promise<Model> {
  const { personId, cookie } = await cookieOf('model', name);
  await appliance.request('PUT', '/api/availability', { cookie, body: { hours: 1 } });
  const socket = await TestSocket.open(appliance, cookie);
  t.teardown(() => socket.close());
  return { personId, cookie, socket };
}

// Signing in is limited, too: all tests share the models, and clients where their rings do not add up to a limit.
const mia = await openModel('Mia');
const nina = await openModel('Nina');
const olga = await openModel('Olga');

interface Client {
  readonly socket: TestSocket;
  /** Of the ring, however it is answered. */
  ring(model?: Model): Promise<Extract<HubMessage, { type: 'ok' | 'error' }>>;
  /** Rings and is heard. */
  rings(model?: Model): Promise<number>;
}

async function openClient(name: string): Promise<Client> {
  const { cookie } = await cookieOf('client', name);
  const socket = await TestSocket.open(appliance, cookie);
  t.teardown(() => socket.close());
  const ring = (model = mia) => socket.ask({ type: 'call.ring', modelId: model.personId });
  const rings = async (model = mia) => ((await ring(model)) as { callId: number }).callId;
  return { socket, ring, rings };
}

const look = (client: Client, model = mia) => lookAt(model.personId, client.socket, model.socket);

t.test('after three looks without connecting the model is asked about the next ring', async (t) => {
  const client = await openClient('Alex');
  const asked = async (model = mia) => {
    const callId = await client.rings(model);
    const { caller } = await model.socket.call((view) => view.callId === callId && view.caller !== null);
    await client.socket.ask({ type: 'call.hangUp', callId });
    return caller?.looksWithYou;
  };
  await look(client);
  await look(client);
  t.equal(await asked(), 0, 'a ring that is withdrawn is no look, and two looks are not three');
  await look(client);
  t.equal(await asked(), 3);
  t.equal(await asked(nina), 0, 'looks at one are none at another');
});

t.test('a model who refuses such rings is not rung, and the client hears why', async (t) => {
  const client = await openClient('Bob');
  const put = (body: unknown) => appliance.request('PUT', '/api/ring-terms', { cookie: mia.cookie, body });
  t.match(await put({ refusesLooks: 'yes' }), { status: 400, body: { code: 'malformed' } });
  t.match(await put({ refusesLooks: true }), { status: 200, body: { refusesLooks: true } });
  for (let i = 0; i < 3; i++) await look(client);
  const before = mia.socket.heard.length;
  t.match(await client.ring(), { error: { code: 'looked_too_often', message: /several times/ } });
  const rung = (message: HubMessage) => message.type === 'call' && message.call.state === 'ringing';
  t.notOk(mia.socket.heard.slice(before).some(rung));
  await put({ refusesLooks: false });
  const callId = await client.rings();
  t.type(callId, 'number', 'and is, once she takes them again');
  await client.socket.ask({ type: 'call.hangUp', callId });
});

t.test('closing the page in the confirmation is leaving it, though the model ends the wait', async (t) => {
  const client = await openClient('Carl');
  const callId = await client.rings();
  await mia.socket.ask({ type: 'call.accept', callId });
  client.socket.close();
  await mia.socket.call((view) => view.callId === callId && !view.them.isPresent);
  await mia.socket.ask({ type: 'call.hangUp', callId });
  const ended = await mia.socket.call((view) => view.callId === callId && view.state === 'ended');
  t.match(ended, { outcome: 'canceled', endedBy: 'client' });
});

t.test('rings are limited by the minute, and by the hour at one model', async (t) => {
  const client = await openClient('Dan');
  const ringOff = async (model = mia) => {
    const answer = await client.ring(model);
    if (answer.type === 'ok') await client.socket.ask({ type: 'call.hangUp', callId: answer.callId as number });
    return answer;
  };
  for (let i = 0; i < 7; i++) t.match(await ringOff(), { type: 'ok' });
  t.match(await ringOff(), { error: { code: 'too_many_rings', message: /within an hour/ } });
  for (const model of [nina, olga]) t.match(await ringOff(model), { type: 'ok' });
  t.match(await ringOff(nina), { error: { code: 'too_many_rings', message: /a minute/ } });
});

t.test('who looks at one model after the other rings no more that day', async (t) => {
  const client = await openClient('Eve');
  for (let i = 0; i < 3; i++) await look(client);
  for (let i = 0; i < 2; i++) await look(client, nina);
  t.match(await client.ring(olga), { error: { code: 'too_many_looks' } });
});

const patient = await openClient('Fred');

t.test('a confirmation that the model leaves is no look', async (t) => {
  for (let i = 0; i < 3; i++) {
    const callId = await patient.rings(nina);
    await nina.socket.ask({ type: 'call.accept', callId });
    await nina.socket.ask({ type: 'call.hangUp', callId });
  }
  const callId = await patient.rings(nina);
  const view = await nina.socket.call((one) => one.callId === callId && one.caller !== null);
  t.match(view.caller, { looksWithYou: 0 });
  await patient.socket.ask({ type: 'call.hangUp', callId });
});

t.test('new legs are asked for as often as an honest page has to', async (t) => {
  const callId = await patient.rings(olga);
  await olga.socket.ask({ type: 'call.accept', callId });
  const answers = [];
  for (let i = 0; i < 14; i++) answers.push(await patient.socket.ask({ type: 'call.attach', callId }));
  t.match(answers[0], { type: 'ok' });
  t.match(answers.at(-1), { error: { code: 'too_many_requests' } });
  t.match(await olga.socket.ask({ type: 'call.attach', callId }), { type: 'ok' }, 'each side has its own');
  await olga.socket.ask({ type: 'call.hangUp', callId });
});

t.test("a model's own share is copied into the call, and an operator alone sets it", async (t) => {
  const url = `/api/people/${mia.personId}/share`;
  const set = (body: unknown, cookie = operator) => appliance.request('PUT', url, { cookie, body });
  t.match(await set({ sharePercent: 75 }, mia.cookie), { status: 403 });
  t.match(await set({ sharePercent: 101 }), { status: 400 });
  t.match(await set({ sharePercent: 33.5 }), { status: 400 });
  const share = async () => {
    const me = await appliance.request<{ sharePercent: number }>('GET', '/api/session', { cookie: mia.cookie });
    return me.body.sharePercent;
  };
  t.equal(await share(), 60, 'the setting, until she has one of her own');
  const early = await patient.rings();
  t.match(await set({ sharePercent: 75 }), { status: 200 });
  t.equal(await share(), 75);
  await patient.socket.ask({ type: 'call.hangUp', callId: early });
  const late = await patient.rings();
  await patient.socket.ask({ type: 'call.hangUp', callId: late });
  const percent = async (callId: number) => {
    const path = `/api/calls/${callId}/receipt`;
    return (await appliance.request<{ sharePercent: number }>('GET', path, { cookie: mia.cookie })).body.sharePercent;
  };
  t.same([await percent(early), await percent(late)], [60, 75], 'a call that exists keeps its own');
  const people = await appliance.request<{ people: PersonRow[] }>('GET', '/api/people', { cookie: operator });
  const rows = new Map(people.body.people.map((person) => [person.personId, person.sharePercent]));
  t.same([rows.get(mia.personId), rows.get(nina.personId)], [75, null]);
  t.match(await set({ sharePercent: null }), { status: 200 });
  t.equal(await share(), 60);
  const client = people.body.people.find(({ role }) => role === 'client');
  const wrong = { cookie: operator, body: { sharePercent: 1 } };
  t.match(await appliance.request('PUT', `/api/people/${client?.personId}/share`, wrong), {
    status: 404,
    body: { code: 'person_not_found' },
  });
});
