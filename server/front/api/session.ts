import type { FastifyReply, FastifyRequest } from 'fastify';
import { type Accounts, type Person, type Pictures, SESSION_MS, type SignIn } from '../../accounts/index.ts';
import type { Audit } from '../../audit/index.ts';
import type { CallHistory, CallRecords, Calls } from '../../calls/index.ts';
import { type Role, type SignInLink, UserError } from '../../contract/index.ts';
import type { Hub } from '../../hub/index.ts';
import type { Ledger } from '../../ledger/index.ts';
import type { MediaControl } from '../../media/index.ts';
import type { Threads } from '../../messages/index.ts';
import type { Bookkeeper, Payments, Payouts, Vouchers } from '../../payments/index.ts';
import type { Presence } from '../../presence/index.ts';
import type { Push } from '../../push/index.ts';
import type { Settings } from '../../settings/index.ts';
import type { Store } from '../../store/index.ts';
import type { Metrics } from '../../telemetry/index.ts';
import type { Blocks, Favourites, IssueReports, Ratings } from '../../trust/index.ts';
import { isLoopback } from '../addresses.ts';

/** What the API's routes work with. */
export interface ApiDeps {
  readonly settings: Settings;
  readonly version: string;
  readonly accounts: Accounts;
  readonly signIn: SignIn;
  readonly pictures: Pictures;
  readonly blocks: Blocks;
  readonly favourites: Favourites;
  readonly audit: Audit;
  readonly ratings: Ratings;
  readonly issueReports: IssueReports;
  readonly threads: Threads;
  readonly hub: Hub;
  readonly ledger: Ledger;
  readonly vouchers: Vouchers;
  readonly payments: Payments;
  readonly payouts: Payouts;
  readonly bookkeeper: Bookkeeper;
  readonly calls: Calls;
  readonly history: CallHistory;
  readonly records: CallRecords;
  readonly presence: Presence;
  readonly push: Push;
  readonly media: MediaControl;
  readonly store: Store;
  readonly metrics: Metrics;
  /** The address that links are made with, as the operator's browser sees it. */
  readonly linkBase: (request: { host: string }) => string;
  /** The addresses by which other devices of the network reach the pages. */
  readonly networkUrls: () => string[];
}

/** With this prefix a browser takes it over TLS alone, for this very host and the whole of it (RFC 6265bis, 4.1.3.2). */
const COOKIE = '__Host-parlour_session';
const TOKEN = /^[A-Za-z0-9_-]{43}$/;

export function setSessionCookie(reply: FastifyReply, token: string): void {
  reply.setCookie(COOKIE, token, {
    path: '/',
    httpOnly: true,
    secure: true,
    sameSite: 'strict',
    maxAge: SESSION_MS / 1_000,
  });
}

export function clearSessionCookie(reply: FastifyReply): void {
  reply.clearCookie(COOKIE, { path: '/', httpOnly: true, secure: true, sameSite: 'strict' });
}

/** The session's token in a Cookie header, or null when there is none of the right form. */
export function sessionToken(cookieHeader: string | undefined): string | null {
  for (const part of (cookieHeader ?? '').split(';')) {
    const [name, value] = part.trim().split('=');
    if (name === COOKIE && value && TOKEN.test(value)) return value;
  }
  return null;
}

/** @throws UserError `not_signed_in`, or `not_allowed` when the person has none of the roles */
export async function personOf(
  request: FastifyRequest,
  signIn: SignIn,
  ...roles: Role[]
): Promise<Person & { token: string }> {
  const token = sessionToken(request.headers.cookie);
  const person = token ? await signIn.personOfSession(token) : null;
  if (!person || !token) throw new UserError('not_signed_in');
  if (roles.length > 0 && !roles.includes(person.role)) throw new UserError('not_allowed');
  return { ...person, token };
}

/** A one-time link to hand over. */
export async function linkFor(deps: ApiDeps, personId: number, host: string): Promise<SignInLink> {
  const { token, expiresAt } = await deps.signIn.newLink(personId);
  const urlAt = (base: string) => `${base}/sign-in#${token}`;
  return {
    url: urlAt(deps.linkBase({ host })),
    otherUrls: isLoopback(host) ? deps.networkUrls().map(urlAt) : [],
    expiresAt: expiresAt.toISOString(),
  };
}
