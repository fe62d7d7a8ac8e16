// The tricks of a client over WebTransport.
import { clientTricks } from './client-tricks.ts';

await clientTricks('webtransport');
