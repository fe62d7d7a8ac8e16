import { MOQ_PROTOCOL, SESSION_CLOSE } from '../../contract/index.ts';
import type { Admission, SessionRequest } from './engine/engine.ts';

export interface AdmissionKeys {
  /** Whether the token opens the leg; true once only. */
  use(legId: number, token: string): boolean;
}

/** Who comes with the token of a leg, from a page of this appliance, is let in; the leg's number is in the path. */
export function admit(request: SessionRequest, keys: AdmissionKeys): Admission {
  const asked = readPath(request.path);
  if (!asked) return { verdict: 'refuse', status: 404 };
  if (!isOwnOrigin(request))
    return { verdict: 'close', code: SESSION_CLOSE.badOrigin, reason: 'This page is not of this appliance.' };
  if (!request.protocols.includes(MOQ_PROTOCOL)) return { verdict: 'refuse', status: 400 };
  if (!keys.use(asked.legId, asked.token))
    return { verdict: 'close', code: SESSION_CLOSE.badToken, reason: 'The token of this leg is used or too old.' };
  return { verdict: 'accept', protocol: MOQ_PROTOCOL };
}

/** @returns null for every path that contract's `sessionPath` would not make */
export function readPath(path: string): { legId: number; token: string } | null {
  const match = /^\/media\?leg=([1-9][0-9]{0,15})&token=([A-Za-z0-9_-]{43})$/.exec(path);
  return match ? { legId: Number(match[1]), token: match[2] as string } : null;
}

const isLoopback = (host: string) => host === '127.0.0.1' || host === '[::1]';

/** A page of ours: https, and the host name under which it asks for the session. Ports differ. */
function isOwnOrigin({ origin, authority }: SessionRequest): boolean {
  try {
    const page = new URL(origin ?? '');
    const asked = new URL(`https://${authority}`).hostname;
    return (
      page.protocol === 'https:' && (page.hostname === asked || (page.hostname === 'localhost' && isLoopback(asked)))
    );
  } catch {
    return false;
  }
}
