// The part of structured fields (RFC 9651) that the negotiation of a protocol needs: a list of strings.

const STRING = /^"((?:[\x20-\x21\x23-\x5b\x5d-\x7e]|\\["\\])*)"/;
/** Parameters of an item, which say nothing to us: `;key`, `;key=token`, `;key="text"`. */
const PARAMETERS = /^(?:;\s*[a-z*][a-z0-9_\-.*]*(?:=(?:"(?:[^"\\]|\\.)*"|[^\s,;"]*))?)*/;

/** @returns an empty list for a field that is none of strings: such a field is ignored as a whole (section 4.2) */
export function parseStringList(field: string): string[] {
  const strings: string[] = [];
  let rest = field.trim();
  while (rest.length > 0) {
    const found = STRING.exec(rest);
    if (!found) return [];
    strings.push((found[1] as string).replace(/\\(.)/g, '$1'));
    rest = rest.slice(found[0].length);
    rest = rest.slice((PARAMETERS.exec(rest)?.[0] ?? '').length).trimStart();
    if (rest.length === 0) return strings;
    if (!rest.startsWith(',')) return [];
    rest = rest.slice(1).trimStart();
    if (rest.length === 0) return [];
  }
  return strings;
}

export const serializeString = (text: string): string => `"${text.replace(/["\\]/g, '\\$&')}"`;
