import type { DeleteAccount, Sessions } from '@contract/account.ts';
import type { People, SignInLink } from '@contract/api.ts';
import type {
  AuditEntries,
  AuditQuery,
  CheckSettings,
  PeopleQuery,
  SelfTest,
  SettingLines,
  SettingsChecked,
  Suspend,
} from '@contract/studio.ts';
import { ask, query } from './ask.ts';

/** One's own account over HTTP, as the contract's account.ts has it. */
export const accountApi = {
  sessions: () => ask<Sessions>('GET', '/sessions'),
  endSession: (sessionId: number) => ask<Sessions>('DELETE', `/sessions/${sessionId}`),
  endOtherSessions: () => ask<Sessions>('DELETE', '/sessions'),
  addFavourite: (personId: number) => ask<void>('PUT', `/people/${personId}/favourite`),
  removeFavourite: (personId: number) => ask<void>('DELETE', `/people/${personId}/favourite`),
  deleteAccount: (body: DeleteAccount) => ask<void>('POST', '/account/deletion', body),
};

/** What operators do with the appliance, as the contract's studio.ts has it. */
export const applianceApi = {
  people: (filter: PeopleQuery = {}) => ask<People>('GET', `/people${query(filter)}`),
  suspend: (personId: number, body: Suspend) => ask<void>('PUT', `/people/${personId}/suspension`, body),
  liftSuspension: (personId: number) => ask<void>('DELETE', `/people/${personId}/suspension`),
  resetSignIn: (personId: number) => ask<SignInLink>('POST', `/people/${personId}/reset`),
  audit: (filter: AuditQuery = {}) => ask<AuditEntries>('GET', `/audit${query(filter)}`),
  settings: () => ask<SettingLines>('GET', '/settings'),
  checkSettings: (body: CheckSettings) => ask<SettingsChecked>('POST', '/settings/check', body),
  selfTest: () => ask<SelfTest>('GET', '/self-test'),
};

/** Everything that the appliance keeps of the person, as a file. */
export const EXPORT_PATH = '/api/export';

/** The receipt of a call, or its meter log, as a file. */
export const callFilePath = (callId: number, file: 'receipt' | 'log'): string => `/api/calls/${callId}/${file}.json`;
/** The program that checks these two. */
export const VERIFY_PROGRAM_PATH = '/parlour-verify.mjs';
