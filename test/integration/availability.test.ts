import t from 'tap';
import { TestAppliance } from '../support/appliance.ts';
import { TestSocket } from '../support/page-socket.ts';

const appliance = new TestAppliance();
await appliance.start();
t.teardown(() => appliance.end());
const operator = await appliance.becomeOperator();
const mia = await appliance.signIn((await appliance.makePerson(operator, 'model', 'Mia')).linkUrl);
const alex = await appliance.signIn((await appliance.makePerson(operator, 'client', 'Alex')).linkUrl);
const set = (hours: unknown) => appliance.request('PUT', '/api/availability', { cookie: mia, body: { hours } });
const until = (answer: { body: Record<string, unknown> }) => Date.parse(String(answer.body.availableUntil));

t.test('calls are on for 1 to 12 whole hours from now; anything else changes nothing', async (t) => {
  for (const hours of [1, 5, 12]) {
    const answer = await set(hours);
    t.ok(Math.abs(until(answer) - Date.now() - hours * 3_600_000) < 60_000, `${hours} hours`);
  }
  const before = (await appliance.request('GET', '/api/session', { cookie: mia })).body.availableUntil;
  for (const hours of [13, -1, 1.5, '2', null]) t.match(await set(hours), { status: 400, body: { code: 'malformed' } });
  t.equal((await appliance.request('GET', '/api/session', { cookie: mia })).body.availableUntil, before);
});

t.test('seen by clients at once, extended, turned off early', async (t) => {
  const [model, client] = [await TestSocket.open(appliance, mia), await TestSocket.open(appliance, alex)];
  t.teardown(() => [model, client].map((socket) => socket.close()));
  const sees = (presence: string) => client.models(([card]) => card?.presence === presence);
  await set(1);
  await sees('available');
  const first = until(await set(1));
  t.ok(until(await set(3)) > first + 3_600_000, 'extended');
  await model.next((message) => message.type === 'availability' && message.availableUntil !== null);
  t.equal((await set(0)).body.availableUntil, null);
  await sees('off');
});
