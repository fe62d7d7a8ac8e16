// The tricks of a model over WebTransport.
import { modelTricks } from './model-tricks.ts';

await modelTricks('webtransport');
