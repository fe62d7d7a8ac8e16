import type {
  AddCredit,
  Appliance,
  CallLines,
  CreditAdded,
  MakePerson,
  People,
  PersonMade,
  SetAvailability,
  SetPassword,
  SetUp,
  SignIn,
  SignInByLink,
  SignInLink,
  Studio,
} from '@contract/api.ts';
import type { Receipt } from '@contract/calls.ts';
import type { ErrorBody } from '@contract/errors.ts';
import type { HistoryLines } from '@contract/money-api.ts';
import type { Me, Profile } from '@contract/people.ts';
import { UserFacing } from './errors.ts';

const ANSWER_MS_MAX = 15_000;

/** The error in an answer, in either of the shapes it may have. */
function errorIn(body: unknown): ErrorBody | null {
  const outer = body as { error?: unknown; code?: unknown } | null;
  const inner = (typeof outer?.error === 'object' ? outer.error : outer) as ErrorBody | null;
  return typeof inner?.code === 'string' ? inner : null;
}

async function ask<T>(method: string, path: string, body?: unknown): Promise<T> {
  let response: Response;
  try {
    response = await fetch(`/api${path}`, {
      method,
      credentials: 'same-origin',
      signal: AbortSignal.timeout(ANSWER_MS_MAX),
      ...(body === undefined ? {} : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
    });
  } catch (thrown) {
    throw new UserFacing((thrown as Error).name === 'TimeoutError' ? 'no_answer' : 'no_connection');
  }
  if (response.status === 204) return undefined as T;
  const answer: unknown = await response.json().catch(() => null);
  if (response.ok) return answer as T;
  const error = errorIn(answer);
  if (error) throw new UserFacing(error.code, error.message);
  throw new UserFacing(response.status >= 500 ? 'unavailable' : 'internal');
}

type Page = { before?: number; limit?: number };
const query = (page: Page) => {
  const params = new URLSearchParams();
  for (const [key, value] of Object.entries(page)) if (value !== undefined) params.set(key, String(value));
  return params.size === 0 ? '' : `?${params}`;
};

export const api = {
  appliance: () => ask<Appliance>('GET', '/appliance'),
  setUp: (body: SetUp) => ask<Me>('POST', '/set-up', body),
  me: () => ask<Me>('GET', '/session'),
  signIn: (body: SignIn) => ask<Me>('POST', '/session', body),
  signInByLink: (body: SignInByLink) => ask<Me>('POST', '/session/link', body),
  signOut: () => ask<void>('DELETE', '/session'),
  setPassword: (body: SetPassword) => ask<void>('PUT', '/password', body),
  setProfile: (body: Profile) => ask<Me>('PUT', '/profile', body),
  setAvailability: (body: SetAvailability) => ask<Me>('PUT', '/availability', body),
  calls: (page: Page = {}) => ask<CallLines>('GET', `/calls${query(page)}`),
  receipt: (callId: number) => ask<Receipt>('GET', `/calls/${callId}/receipt`),
  history: (page: Page = {}) => ask<HistoryLines>('GET', `/history${query(page)}`),
  people: () => ask<People>('GET', '/people'),
  makePerson: (body: MakePerson) => ask<PersonMade>('POST', '/people', body),
  makeSignInLink: (personId: number) => ask<SignInLink>('POST', `/people/${personId}/sign-in-link`),
  addCredit: (personId: number, body: AddCredit) => ask<CreditAdded>('POST', `/people/${personId}/credit`, body),
  endCall: (callId: number) => ask<void>('POST', `/calls/${callId}/end`),
  studio: () => ask<Studio>('GET', '/studio'),
};
