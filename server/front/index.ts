// Module: front. The one TLS port: pages, the API, the hub's sockets, the certificate. In:
// requests from anywhere. Out: checked requests of people who are signed in, to the modules behind. It
// decides who may knock, nothing else.
export { networkUrls } from './addresses.ts';
export { ensureCertificate } from './certificate.ts';
export { type FrontDeps, startFront } from './front.ts';
export { type Readiness, startWatchPort } from './watch-port.ts';
