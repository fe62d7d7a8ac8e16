// Room: front. The one TLS port: pages from memory, the API, the hub's sockets, the certificate. In:
// requests from anywhere. Out: checked requests of people who are signed in, to the rooms behind. It
// decides who may knock, nothing else.
export { networkUrls } from './addresses.ts';
export { ensureCertificate } from './certificate.ts';
export { type FrontRooms, startFront } from './front.ts';
