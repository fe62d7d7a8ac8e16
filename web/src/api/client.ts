import type {
  Appliance,
  CallLines,
  MakePerson,
  PasswordState,
  PersonMade,
  SetAvailability,
  SetPassword,
  SetRingTerms,
  SetUp,
  SignIn,
  SignInByLink,
  SignInLink,
  Studio,
} from '@contract/api.ts';
import type { Me, Profile } from '@contract/people.ts';
import type { Receipt } from '@contract/receipt.ts';
import { accountApi, applianceApi } from './account.ts';
import { ask, type Page, query } from './ask.ts';
import { moneyApi } from './money.ts';
import { peopleApi } from './people.ts';
import { pushApi } from './push.ts';

export const api = {
  appliance: () => ask<Appliance>('GET', '/appliance'),
  setUp: (body: SetUp) => ask<Me>('POST', '/set-up', body),
  me: () => ask<Me>('GET', '/session'),
  signIn: (body: SignIn) => ask<Me>('POST', '/session', body),
  signInByLink: (body: SignInByLink) => ask<Me>('POST', '/session/link', body),
  signOut: () => ask<void>('DELETE', '/session'),
  passwordState: () => ask<PasswordState>('GET', '/password'),
  setPassword: (body: SetPassword) => ask<void>('PUT', '/password', body),
  setProfile: (body: Profile) => ask<Me>('PUT', '/profile', body),
  setRingTerms: (body: SetRingTerms) => ask<Me>('PUT', '/ring-terms', body),
  setAvailability: (body: SetAvailability) => ask<Me>('PUT', '/availability', body),
  calls: (page: Page = {}) => ask<CallLines>('GET', `/calls${query(page)}`),
  receipt: (callId: number) => ask<Receipt>('GET', `/calls/${callId}/receipt`),
  makePerson: (body: MakePerson) => ask<PersonMade>('POST', '/people', body),
  makeSignInLink: (personId: number) => ask<SignInLink>('POST', `/people/${personId}/sign-in-link`),
  endCall: (callId: number) => ask<void>('POST', `/calls/${callId}/end`),
  studio: () => ask<Studio>('GET', '/studio'),
  ...accountApi,
  ...applianceApi,
  ...peopleApi,
  ...pushApi,
  ...moneyApi,
};
