// A password of one's own: who may set one, and what it takes.
import t from 'tap';
import { TestAppliance } from '../support/appliance.ts';

const appliance = new TestAppliance();
await appliance.start();
t.teardown(() => appliance.end());
const operator = await appliance.becomeOperator();
const refusal = (status: number, code: string) => ({ status, body: { code } });

t.test('a password is changed with the old one, or within an hour of a one-time link', async (t) => {
  const cat = await appliance.makePerson(operator, 'client', 'Cat');
  const byLink = await appliance.signIn(cat.linkUrl);
  const get = (url: string, cookie: string) => appliance.request('GET', url, { cookie });
  const put = (cookie: string, body: object) => appliance.request('PUT', '/api/password', { cookie, body });
  t.match((await get('/api/session', byLink)).body, { hasPassword: false });
  t.same((await get('/api/password', byLink)).body, { isSet: false, asksOld: false });
  t.equal((await put(byLink, { password: 'the first password' })).status, 200);
  t.match((await get('/api/session', byLink)).body, { hasPassword: true });
  t.same((await get('/api/password', byLink)).body, { isSet: true, asksOld: true });

  t.match(await put(byLink, { password: 'a thief was here' }), refusal(403, 'wrong_old_password'));
  const guess = { password: 'a thief was here', oldPassword: 'the thirst password' };
  t.match(await put(byLink, guess), refusal(403, 'wrong_old_password'));
  const signIn = (password: string) =>
    appliance.request('POST', '/api/session', { body: { username: 'cat', password } });
  t.match(await signIn('a thief was here'), refusal(401, 'wrong_credentials'), 'nothing was changed');
  const next = { password: 'the second password', oldPassword: 'the first password' };
  t.equal((await put(byLink, next)).status, 200);
  t.equal((await signIn('the second password')).status, 200);

  const forgotten = await appliance.signIn(await appliance.newLink(operator, cat.personId));
  t.same((await get('/api/password', forgotten)).body, { isSet: true, asksOld: false }, 'that is what a link is for');
  t.equal((await put(forgotten, { password: 'the third password' })).status, 200);
  t.equal((await signIn('the third password')).status, 200);
});
