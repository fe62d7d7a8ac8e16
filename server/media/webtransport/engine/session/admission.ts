// What a request for a session is answered.
import type { Admission, SessionRequest } from '../engine.ts';
import type { RequestHead } from '../h3/fields.ts';
import { parseStringList, serializeString } from '../h3/structured-fields.ts';
import type { Field } from '../qpack/field.ts';

/** `webtransport` of draft-02, `webtransport-h3` of later ones. */
const PROTOCOLS: ReadonlySet<string | null> = new Set(['webtransport', 'webtransport-h3']);
/** draft-ietf-webtrans-http3-02 section 3.3: what a client of that draft looks for. */
const DRAFT: Field = { name: 'sec-webtransport-http3-draft', value: 'draft02' };
const REFUSAL_MIN = 400;
const REFUSAL_MAX = 599;

/** @returns null for a request for a session; else the status that answers any other request */
export function statusOfOther(head: RequestHead): number | null {
  if (head.method !== 'CONNECT') return 404;
  // RFC 9220 section 3: a protocol that we do not speak.
  return PROTOCOLS.has(head.protocol) ? null : 501;
}

export const sessionRequestOf = (head: RequestHead, remoteAddress: string): SessionRequest => ({
  path: head.path,
  authority: head.authority,
  origin: head.fields.get('origin') ?? null,
  remoteAddress,
  protocols: parseStringList(head.fields.get('wt-available-protocols') ?? ''),
});

/** Fields of a 200. @param protocol '' for none */
export const acceptanceFields = (protocol: string): Field[] =>
  protocol ? [DRAFT, { name: 'wt-protocol', value: serializeString(protocol) }] : [DRAFT];

export const refusalStatus = (admission: Admission & { readonly verdict: 'refuse' }): number =>
  admission.status >= REFUSAL_MIN && admission.status <= REFUSAL_MAX ? admission.status : 500;
