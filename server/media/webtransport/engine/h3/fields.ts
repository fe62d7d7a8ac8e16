// What a request says (RFC 9114 section 4.3, extended CONNECT of RFC 9220).
import type { Field } from '../qpack/field.ts';
import { H3, H3StreamError } from './errors.ts';

export interface RequestHead {
  readonly method: string;
  /** Of an extended CONNECT; null otherwise. */
  readonly protocol: string | null;
  readonly authority: string;
  readonly path: string;
  /** Regular fields; those that stand several times are joined with commas (RFC 9110 section 5.3). */
  readonly fields: ReadonlyMap<string, string>;
}

const PSEUDO: ReadonlySet<string> = new Set([':method', ':scheme', ':authority', ':path', ':protocol']);
/** Section 4.2: they say something of a connection, and HTTP/3 has its own ways for that. */
const CONNECTION_SPECIFIC: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'transfer-encoding',
  'upgrade',
]);
const NAME = /^:?[a-z0-9!#$%&'*+\-.^_`|~]+$/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what a field value must not hold
const BAD_VALUE = /[\x00-\x08\x0a-\x1f\x7f]|^[ \t]|[ \t]$/;

const malformed = (why: string) => new H3StreamError(H3.MESSAGE_ERROR, why);

/** @throws H3StreamError when the message is malformed (section 4.1.2) */
export function readRequest(section: readonly Field[]): RequestHead {
  const pseudo = new Map<string, string>();
  const fields = new Map<string, string>();
  for (const { name, value } of section) {
    if (!NAME.test(name)) throw malformed('a field name that is none');
    if (BAD_VALUE.test(value)) throw malformed(`a value of ${name} that is none`);
    if (name.startsWith(':')) {
      if (!PSEUDO.has(name) || pseudo.has(name)) throw malformed(`${name} is unknown or stands twice`);
      if (fields.size > 0) throw malformed(`${name} after regular fields`);
      pseudo.set(name, value);
    } else {
      if (CONNECTION_SPECIFIC.has(name) || (name === 'te' && value !== 'trailers'))
        throw malformed(`${name} in HTTP/3`);
      const before = fields.get(name);
      fields.set(name, before === undefined ? value : `${before}, ${value}`);
    }
  }
  return headOf(pseudo, fields);
}

function headOf(pseudo: ReadonlyMap<string, string>, fields: ReadonlyMap<string, string>): RequestHead {
  const method = pseudo.get(':method');
  if (!method) throw malformed('a request without :method');
  const protocol = pseudo.get(':protocol') ?? null;
  const authority = pseudo.get(':authority') ?? fields.get('host') ?? '';
  if (method === 'CONNECT' && protocol === null) {
    // Section 4.4: a plain CONNECT names a host and nothing else.
    if (pseudo.has(':scheme') || pseudo.has(':path') || !authority) throw malformed('a CONNECT with wrong fields');
    return { method, protocol, authority, path: '', fields };
  }
  if (protocol !== null && method !== 'CONNECT') throw malformed(':protocol without CONNECT');
  const path = pseudo.get(':path');
  if (!pseudo.get(':scheme') || !path || !authority) throw malformed('a request without :scheme, :path or :authority');
  return { method, protocol, authority, path, fields };
}
