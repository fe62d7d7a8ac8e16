/** Whether a page belongs to the appliance: same host and port as the request itself. */
export function isOwnOrigin(origin: string | undefined, host: string | undefined): boolean {
  return origin !== undefined && host !== undefined && origin === `https://${host}`;
}

/** A host with its port, as browsers write it; nothing else gets into a header of ours. */
const HOST = /^(?:[A-Za-z0-9.-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])(?::\d{1,5})?$/;

/** Where the page of this host finds the hub, for its content security policy. */
export function hubSource(host: string | undefined): string {
  return host !== undefined && HOST.test(host) ? `wss://${host}` : "'self'";
}
