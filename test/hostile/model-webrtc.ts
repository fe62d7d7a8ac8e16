// The tricks of a model over WebRTC.
import { modelTricks } from './model-tricks.ts';

await modelTricks('webrtc');
