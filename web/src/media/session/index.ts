// Media over WebTransport in the page: WebCodecs at both ends of one QUIC session. Loaded when a call first uses it.
export { createSessionLeg } from './leg.ts';
