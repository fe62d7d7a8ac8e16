// The thread in which media over WebTransport lives: a page that is busy disturbs neither picture nor sound.
import { expose } from 'comlink';
import { SessionHost } from './session-host.ts';

const host = new SessionHost();
expose(host);
host.warmUp().catch(() => {}); // slower then, and no worse
