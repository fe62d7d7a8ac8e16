import { randomBytes } from 'node:crypto';
import { type PersonId, toMinor } from '../../contract/index.ts';
import type { Appliance } from '../../main.ts';

export interface DemoPerson {
  readonly personId: PersonId;
  readonly displayName: string;
  /** Of a one-time sign-in link. */
  readonly token: string;
}

export interface DemoPeople {
  readonly operator: DemoPerson;
  readonly model: DemoPerson;
  readonly client: DemoPerson;
}

export const RATE_MINOR = 200;
const HOURS = 12;

/** Sample people: an operator, a model who is taking calls, a client with credit. */
export async function makePeople(appliance: Appliance, creditMinutes: number): Promise<DemoPeople> {
  const { accounts, signIn, ledger } = appliance;
  const setUp = await signIn.newSetUpLink();
  const password = randomBytes(16).toString('base64url');
  const operator = await signIn.setUp(setUp.token, 'operator', 'Olga', password);
  const model = await accounts.makePerson('model', 'mia', 'Mia');
  await accounts.setProfile(model.personId, {
    rateMinor: RATE_MINOR,
    minimumMin: 1,
    about: 'Night owl, film lover, good listener. Tell me about your day.',
    languages: ['en', 'es'],
    tags: ['films', 'late night'],
  });
  await accounts.setAvailability(model.personId, HOURS);
  const client = await accounts.makePerson('client', 'alex', 'Alex');
  await ledger.topUp({
    key: 'demo-credit',
    clientId: client.personId,
    amountMinor: toMinor(RATE_MINOR * creditMinutes),
    reason: 'Demo credit',
    actorId: operator.personId,
  });
  const withToken = async ({ personId, displayName }: { personId: PersonId; displayName: string }) => ({
    personId,
    displayName,
    token: (await signIn.newLink(personId)).token,
  });
  return { operator: await withToken(operator), model: await withToken(model), client: await withToken(client) };
}
