// The thread in which media over WebTransport lives: a page that is busy disturbs neither picture nor sound.
import { expose } from 'comlink';
import { SessionHost } from './sessionHost.ts';

expose(new SessionHost());
