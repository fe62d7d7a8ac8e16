import fastify from 'fastify';
import type { Metrics } from '../telemetry/index.ts';

/** `degraded`: calls can be made and charged, and something that is not needed for it at this moment has failed. */
export type ReadyState = 'ready' | 'degraded' | 'not_ready';

export interface Readiness {
  readonly status: ReadyState;
  /** What is wrong, by part, in words; empty when all is well. */
  readonly faults: Readonly<Record<string, string>>;
}

export interface WatchDeps {
  readonly version: string;
  readonly metrics: Pick<Metrics, 'registry'>;
  readiness(): Promise<Readiness>;
}

export interface WatchPort {
  readonly port: number;
  close(): Promise<void>;
}

const LOOPBACK = '127.0.0.1';
const LOOPBACK_HOST = /^(127\.0\.0\.1|localhost)(:\d+)?$/;

/**
 * Opens the port on loopback by which the machine's own programs (service manager, container, Prometheus) see how the
 * appliance is. Without TLS and without a session: nothing of people or money is on it.
 * @throws when the port is in use
 */
export async function startWatchPort(port: number, { version, metrics, readiness }: WatchDeps): Promise<WatchPort> {
  const app = fastify();
  app.addHook('onRequest', async (request, reply) => {
    // A page of the web whose name was made to lead here asks under that name.
    if (!LOOPBACK_HOST.test(request.headers.host ?? '')) return reply.code(403).send({ status: 'not_allowed' });
  });
  app.get('/healthz', async () => ({ status: 'alive', version }));
  app.get('/readyz', async (_request, reply) => {
    const found = await readiness();
    return reply.code(found.status === 'not_ready' ? 503 : 200).send(found);
  });
  app.get('/metrics', async (_request, reply) =>
    reply.type(metrics.registry.contentType).send(await metrics.registry.metrics()),
  );
  await app.listen({ host: LOOPBACK, port });
  const address = app.server.address();
  return { port: typeof address === 'object' && address ? address.port : port, close: () => app.close() };
}
