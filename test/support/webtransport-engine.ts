import { createHash, X509Certificate } from 'node:crypto';
import type { ReadableStream } from 'node:stream/web';
import { generate } from 'selfsigned';
import type {
  Admission,
  Engine,
  EngineSession,
  SessionRequest,
} from '../../server/media/webtransport/engine/engine.ts';
import type { EngineLimits } from '../../server/media/webtransport/engine/limits.ts';
import { loadEngine } from '../../server/media/webtransport/engine/load-engine.ts';

export interface TestEngine {
  readonly engine: Engine;
  readonly port: number;
  /** SHA-256 of the certificate in base64, as pages are given it. */
  readonly hash: string;
  readonly requests: SessionRequest[];
  readonly sessions: EngineSession[];
  readonly logs: string[];
}

export interface TestEngineOptions {
  readonly limits?: Partial<EngineLimits>;
  readonly admit?: (request: SessionRequest) => Admission;
  readonly onSession?: (session: EngineSession) => void;
}

export async function makePem(): Promise<{ certificatePem: string; keyPem: string; hash: string }> {
  const notAfterDate = new Date(Date.now() + 10 * 86_400_000);
  const name = [{ name: 'commonName', value: 'localhost' }];
  const pem = await generate(name, { keyType: 'ec', algorithm: 'sha256', notAfterDate });
  const hash = createHash('sha256').update(new X509Certificate(pem.cert).raw).digest('base64');
  return { certificatePem: pem.cert, keyPem: pem.private, hash };
}

const pem = await makePem();

/** An engine on loopback that remembers what happens to it. */
export async function startEngine(options: TestEngineOptions = {}): Promise<TestEngine> {
  const factory = await loadEngine();
  if ('problem' in factory) throw new Error(factory.problem);
  const requests: SessionRequest[] = [];
  const sessions: EngineSession[] = [];
  const logs: string[] = [];
  const engine = await factory.listen({
    udpPort: 0,
    ...pem,
    limits: options.limits,
    admit: (request) => {
      requests.push(request);
      return options.admit?.(request) ?? { verdict: 'accept' };
    },
    onSession: (session) => {
      sessions.push(session);
      options.onSession?.(session);
    },
    log: (level, text) => logs.push(`${level}: ${text}`),
  });
  return { engine, port: engine.udpPort, hash: pem.hash, requests, sessions, logs };
}

/** Sends everything back: streams of either kind, datagrams. */
export function echo({ webTransport }: EngineSession): void {
  const { incomingUnidirectionalStreams: uni, incomingBidirectionalStreams: bidi, datagrams } = webTransport;
  const ignore = () => {};
  void each(bidi, ({ readable, writable }) => void readable.pipeTo(writable).catch(ignore));
  void each(uni, async (readable) => {
    const back = await webTransport.createUnidirectionalStream();
    await readable.pipeTo(back);
  });
  void datagrams.readable.pipeTo(datagrams.writable).catch(ignore);
}

/** Calls for each that comes, until there are no more. */
export async function each<T>(readable: ReadableStream<T>, use: (one: T) => void | Promise<void>): Promise<void> {
  const reader = readable.getReader();
  for (;;) {
    const next = await reader.read().catch(() => ({ done: true, value: undefined }));
    if (next.done || next.value === undefined) return;
    void Promise.resolve(use(next.value)).catch(() => {});
  }
}
