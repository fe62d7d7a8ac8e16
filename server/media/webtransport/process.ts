// The WebTransport media process: media over QUIC between pages, frame by frame. It speaks the control protocol
// of contract/media.ts over the channel that main has opened, as the WebRTC process does, and ends with it.
import { monotonicMs } from '../../clock/index.ts';
import { MEDIA_EXIT_NO_ENGINE, SESSION_CLOSE } from '../../contract/index.ts';
import { LegTable } from '../process/leg-table.ts';
import { log, send, serveMain } from '../process/main-channel.ts';
import { exitWithoutPort, settings } from '../process/settings.ts';
import { admit, readPath } from './admission.ts';
import type { Engine, EngineFactory } from './engine/engine.ts';
import { loadEngine } from './engine/load-engine.ts';
import { SessionLeg } from './leg.ts';
import { SessionKeys } from './session-keys.ts';

// The library says what it does on the console; nobody reads it here.
console.debug = () => {};
console.info = () => {};
console.warn = () => {};
console.error = () => {};
// A promise of the library that nobody waits for must not end every call.
process.on('unhandledRejection', (error) => log('warn', `unhandled: ${(error as Error)?.message ?? error}`));

const keys = new SessionKeys();
const table = new LegTable<SessionLeg>((legId, side, pipe) => {
  const token = keys.make(legId, monotonicMs());
  return new SessionLeg(legId, side, pipe, { token, notify: (notice) => send({ ...notice, legId }) });
});

async function loadFactory(): Promise<EngineFactory> {
  const loaded = await loadEngine();
  if (!('problem' in loaded)) return loaded;
  process.stderr.write(`${loaded.problem}\n`);
  process.exit(MEDIA_EXIT_NO_ENGINE);
}

const factory = await loadFactory();
const engine: Engine = await factory
  .listen({
    udpPort: settings.udpPort,
    bindAddress: settings.bindAddress,
    certificatePem: process.env.PARLOUR_MEDIA_CERTIFICATE ?? '',
    keyPem: process.env.PARLOUR_MEDIA_KEY ?? '',
    admit: (request) => admit(request, { use: (legId, token) => keys.use(legId, token, monotonicMs()) }),
    onSession(session) {
      const leg = table.get(readPath(session.path)?.legId ?? 0);
      if (leg) leg.take(session);
      else session.close(SESSION_CLOSE.badToken, 'This leg is over.');
    },
    log,
  })
  .catch(exitWithoutPort);

serveMain(engine.udpPort, {
  handle(message) {
    switch (message.type) {
      case 'certificate':
        return engine.replaceCertificate(message.certificatePem, message.keyPem);
      case 'answer':
      case 'candidate':
      case 'addresses':
        return; // WebRTC's
      case 'close':
        keys.drop(message.legId);
        return table.handle(message);
      default:
        return table.handle(message);
    }
  },
  watch: (nowMs) => table.watch(nowMs),
  counters: () => table.counters(),
  isAnyOpen: (nowMs) => table.isAnyOpen(nowMs),
});
