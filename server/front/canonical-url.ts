/** Letters, digits and marks that mean the same with and without a percent sign (RFC 3986 section 6.2.2.2). */
const UNRESERVED = /[A-Za-z0-9._~-]/;

/** A request's address with its path written in the one usual way; the query is left as it is. */
export function canonicalUrl(url: string): string {
  const end = url.indexOf('?');
  const path = end < 0 ? url : url.slice(0, end);
  const written = path.replace(/%[0-9A-Fa-f]{2}/g, (code) => {
    const letter = String.fromCharCode(Number.parseInt(code.slice(1), 16));
    return UNRESERVED.test(letter) ? letter : code.toUpperCase();
  });
  return written + url.slice(path.length);
}
