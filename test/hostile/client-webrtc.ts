// The tricks of a client over WebRTC.
import { clientTricks } from './client-tricks.ts';

await clientTricks('webrtc');
