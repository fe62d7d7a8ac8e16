/** Whether a page belongs to the appliance: same host and port as the request itself. */
export function isOwnOrigin(origin: string | undefined, host: string | undefined): boolean {
  return origin !== undefined && host !== undefined && origin === `https://${host}`;
}
