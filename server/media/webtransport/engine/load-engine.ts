import type { EngineFactory } from './engine.ts';
import { loadQuiche } from './quic/native.ts';
import { WebTransportServer } from './server.ts';

/** The engine, or one sentence that says why there is none on this host: other platform, old libraries. */
export async function loadEngine(): Promise<EngineFactory | { readonly problem: string }> {
  try {
    const quiche = await loadQuiche();
    return { listen: (options) => WebTransportServer.listen(quiche, options) };
  } catch (error) {
    const [why] = (error as Error).message.split('\n');
    return { problem: `The QUIC library does not load on this host (${process.platform} ${process.arch}): ${why}` };
  }
}
