import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Page } from 'playwright-core';
import t from 'tap';
import type { EngineSession } from '../../server/media/webtransport/engine/engine.ts';
import { openBrowser } from '../support/browser.ts';
import { echo, makePem, startEngine, type TestEngine } from '../support/webtransport-engine.ts';

// A real page and the engine, and nothing of the appliance between them.
const web = http.createServer((_request, response) => {
  response.setHeader('content-type', 'text/html');
  response.end('<!doctype html><title>WebTransport</title>');
});
web.listen(0, '127.0.0.1');
await once(web, 'listening');
const browser = await openBrowser();
const page = await browser.newPage();
await page.goto(`http://127.0.0.1:${(web.address() as AddressInfo).port}/`);

const ends: { session: EngineSession; end: unknown }[] = [];
const server = await startEngine({
  admit: ({ path, protocols }) => {
    const url = new URL(path, 'https://x');
    if (url.pathname === '/forbidden') return { verdict: 'refuse', status: 403 };
    if (url.pathname === '/told') return { verdict: 'close', code: 4_011, reason: 'the token is too old' };
    const protocol = protocols.find((one) => one === 'moq-lite-05');
    return { verdict: 'accept', ...(protocol && { protocol }) };
  },
  onSession: (session) => {
    void session.closed.then((end) => ends.push({ session, end }));
    if (session.path.startsWith('/echo')) echo(session);
  },
});

t.teardown(async () => {
  await browser.close();
  await server.engine.close();
  web.close();
});

type PageWork = (open: (path: string, options?: object) => unknown, input: unknown) => unknown;

/** How long work in the page may take; the longest moves 3 MB there and back. */
const WORK_MS_MAX = 60_000;

/** Runs in the page, with a function that opens sessions. */
function inPage<T>(work: PageWork, input: unknown = null, from: TestEngine = server, where: Page = page): Promise<T> {
  const text = `(async () => {
    const hash = Uint8Array.from(atob(${JSON.stringify(from.hash)}), (c) => c.charCodeAt(0));
    const open = (path, options = {}) => new WebTransport('https://127.0.0.1:${from.port}' + path,
      { serverCertificateHashes: [{ algorithm: 'sha-256', value: hash }], ...options });
    const late = new Promise((_, reject) => setTimeout(() => reject(new Error('the page came to: ' + globalThis.step)), ${WORK_MS_MAX}));
    return Promise.race([(${work.toString()})(open, ${JSON.stringify(input)}), late]);
  })()`;
  return where.evaluate(text) as Promise<T>;
}

// biome-ignore lint/suspicious/noExplicitAny: the page's own types are not known here
type Any = any;

t.test('a page opens a session; path, origin and address reach the door before it is answered', async (t) => {
  await inPage(async (open: Any) => {
    const session = open('/echo?token=abc');
    await session.ready;
    session.close();
  });
  const request = server.requests.at(-1);
  t.match(request, { path: '/echo?token=abc', remoteAddress: '127.0.0.1' });
  t.equal(request?.authority, `127.0.0.1:${server.port}`);
  t.equal(request?.origin, new URL(page.url()).origin);
});

t.test('streams of both kinds and datagrams go both ways, whole and in order', async (t) => {
  const result = await inPage<{ bidi: number; uni: number[]; datagrams: number; isSame: boolean }>(
    async (open: Any) => {
      const session = open('/echo');
      await session.ready;
      const readAll = async (readable: Any) => {
        const parts = [];
        const reader = readable.getReader();
        for (;;) {
          const { value, done } = await reader.read();
          if (done) break;
          parts.push(value);
        }
        return new Uint8Array(await new Blob(parts).arrayBuffer());
      };
      const big = new Uint8Array(3_000_000).map((_, at) => (at * 7) >> 3);
      const stream = await session.createBidirectionalStream();
      const writer = stream.writable.getWriter();
      void writer.write(big).then(() => writer.close());
      (globalThis as Any).step = '3 MB there and back';
      const back = await readAll(stream.readable);
      const isSame = back.length === big.length && back.every((byte, at) => byte === big[at]);

      const incoming = session.incomingUnidirectionalStreams.getReader();
      const uni = [];
      for (let n = 0; n < 200; n++) {
        (globalThis as Any).step = `stream ${n} of one way`;
        const out = (await session.createUnidirectionalStream()).getWriter();
        void out.write(new Uint8Array(1_000 + n));
        void out.close();
        uni.push((await readAll((await incoming.read()).value)).length);
      }

      const datagramWriter = (session.datagrams.createWritable?.() ?? session.datagrams.writable).getWriter();
      const datagramReader = session.datagrams.readable.getReader();
      let datagrams = 0;
      let next = datagramReader.read();
      for (let n = 0; n < 50; n++) {
        // A busy browser drops datagrams, as it may: what did not come back is sent again.
        for (let tries = 0; tries < 20; tries++) {
          await datagramWriter.write(new Uint8Array([n, 1, 2, 3]));
          const back = await Promise.race([next, new Promise((resolve) => setTimeout(resolve, 500))]);
          if (!back) continue;
          next = datagramReader.read();
          if (back.value.length === 4 && back.value[0] === n) {
            datagrams += 1;
            break;
          }
        }
      }
      session.close();
      return { bidi: back.length, uni, datagrams, isSame };
    },
  );
  t.equal(result.bidi, 3_000_000);
  t.ok(result.isSame);
  t.strictSame(
    result.uni,
    Array.from({ length: 200 }, (_, n) => 1_000 + n),
  );
  t.equal(result.datagrams, 50);
});

t.test('a stream that the engine opens is answered by the page, and its end arrives', async (t) => {
  const answered = inPage<string>(async (open: Any) => {
    const session = open('/opened-by-us');
    await session.ready;
    const { value: stream } = await session.incomingBidirectionalStreams.getReader().read();
    const reader = stream.readable.getReader();
    const decoder = new TextDecoder();
    let text = '';
    for (let next = await reader.read(); !next.done; next = await reader.read()) text += decoder.decode(next.value);
    const writer = stream.writable.getWriter();
    await writer.write(new TextEncoder().encode('and back'));
    await writer.close();
    await session.closed;
    return text;
  });
  const session = await until(() => server.sessions.find(({ path }) => path === '/opened-by-us'));
  const stream = await session.webTransport.createBidirectionalStream();
  const writer = stream.writable.getWriter();
  await writer.write(Buffer.from('there '));
  await writer.write(Buffer.from('it goes'));
  await writer.close();
  let back = '';
  for await (const chunk of stream.readable) back += Buffer.from(chunk).toString();
  t.equal(back, 'and back');
  session.close(0, '');
  t.equal(await answered, 'there it goes');
});

t.test('codes and reasons of a close go both ways', async (t) => {
  await inPage(async (open: Any) => {
    const session = open('/quiet');
    await session.ready;
    session.close({ closeCode: 77, reason: 'bye für heute' });
    await session.closed;
  });
  const { session } = await until(() => ends.find(({ session }) => session.path === '/quiet'));
  t.strictSame(await session.closed, { code: 77, reason: 'bye für heute', by: 'peer' });

  const told = inPage<Any>(async (open: Any) => {
    const session = open('/closed-by-us');
    await session.ready;
    return session.closed;
  });
  (await until(() => server.sessions.find(({ path }) => path === '/closed-by-us'))).close(4_294_967_295, 'genug');
  t.match(await told, { closeCode: 4_294_967_295, reason: 'genug' });
});

t.test('codes of a reset and of a stop go both ways', async (t) => {
  const codes = inPage<Any>(async (open: Any) => {
    const session = open('/codes');
    await session.ready;
    const stream = await session.createBidirectionalStream();
    const writer = stream.writable.getWriter();
    await writer.write(new Uint8Array([1]));
    (globalThis as Any).isWritten = true;
    const readCode = await stream.readable
      .getReader()
      .read()
      .catch((error: Any) => error.streamErrorCode);
    const writeCode = await writer.closed.catch((error: Any) => error.streamErrorCode);
    const second = await session.createBidirectionalStream();
    const other = second.writable.getWriter();
    await other.write(new Uint8Array([2]));
    // A reset overtakes what has not arrived, the stream's first bytes too.
    const answers = second.readable.getReader();
    await answers.read();
    await other.abort(new (globalThis as Any).WebTransportError({ streamErrorCode: 31, message: 'mine' }));
    await answers.cancel(new (globalThis as Any).WebTransportError({ streamErrorCode: 32, message: 'mine' }));
    await session.closed;
    return { readCode, writeCode };
  });
  const session = await until(() => server.sessions.find(({ path }) => path === '/codes'));
  const incoming = session.webTransport.incomingBidirectionalStreams.getReader();
  const { value: first } = await incoming.read();
  // A stop that is there before the browser says that the byte is sent fails the write, and what follows.
  await page.waitForFunction('globalThis.isWritten');
  await first?.writable.abort({ streamErrorCode: 29 });
  await first?.readable.cancel({ streamErrorCode: 4_000_000_000 });
  const { value: second } = await incoming.read();
  const reader = second?.readable.getReader();
  const writer = second?.writable.getWriter();
  t.strictSame((await reader?.read())?.value, new Uint8Array([2]));
  await writer?.write(new Uint8Array([3]));
  t.match(await reader?.read().catch((error) => error), { streamErrorCode: 31, source: 'stream' });
  t.match(await writer?.closed.catch((error) => error), { streamErrorCode: 32 });
  session.close(0, '');
  t.strictSame(await codes, { readCode: 29, writeCode: 4_000_000_000 });
});

t.test('a refusal shows the page nothing, a close tells it why', async (t) => {
  const refused = await inPage<string>((open: Any) =>
    open('/forbidden').ready.then(
      () => 'open',
      (error: Any) => error.name,
    ),
  );
  t.equal(refused, 'WebTransportError');
  const told = await inPage<Any>(async (open: Any) => {
    const session = open('/told');
    return session.closed;
  });
  t.match(told, { closeCode: 4_011, reason: 'the token is too old' });
});

t.test('a protocol is agreed on', async (t) => {
  const protocol = await inPage<string>(async (open: Any) => {
    const session = open('/echo', { protocols: ['moq-lite-99', 'moq-lite-05'] });
    await session.ready;
    const { protocol } = session;
    session.close();
    return protocol;
  });
  t.equal(protocol, 'moq-lite-05');
  t.strictSame(server.requests.at(-1)?.protocols, ['moq-lite-99', 'moq-lite-05']);
});

t.test('a page closes and its connection is gone soon after', async (t) => {
  await until(() => server.engine.counters().sessions === 0);
  await until(() => server.engine.counters().connections === 0);
  t.equal(server.engine.counters().queuedBytes, 0);
  t.strictSame(server.logs, []);
});

t.test('a new certificate is for new connections; the old ones live on', async (t) => {
  const old = inPage<Any>(async (open: Any) => {
    const session = open('/echo?old');
    await session.ready;
    const stream = await session.createBidirectionalStream();
    const writer = stream.writable.getWriter();
    const reader = stream.readable.getReader();
    (globalThis as Any).oldStream = { writer, reader, session };
  });
  await old;
  const next = await makePem();
  server.engine.replaceCertificate(next.certificatePem, next.keyPem);
  const states = await inPage<string[]>(
    async (open: Any) => [
      await open('/echo').ready.then(
        () => 'open',
        () => 'refused',
      ),
    ],
    null,
    server,
  );
  t.strictSame(states, ['refused'], 'the old hash fits no longer');
  const isOpen = await inPage<boolean>(
    async (open: Any) =>
      open('/echo').ready.then(
        () => true,
        () => false,
      ),
    null,
    {
      ...server,
      hash: next.hash,
    },
  );
  t.ok(isOpen, 'the new one does');
  const echoed = await page.evaluate(async () => {
    const { writer, reader, session } = (globalThis as Any).oldStream;
    await writer.write(new Uint8Array([5, 6, 7]));
    const { value } = await reader.read();
    session.close();
    return [...value];
  });
  t.strictSame(echoed, [5, 6, 7]);
  t.throws(() => server.engine.replaceCertificate('no certificate', 'no key'));
});

async function until<T>(find: () => T | undefined | null | false): Promise<T> {
  const giveUpAtMs = performance.now() + 10_000;
  for (;;) {
    const found = find();
    if (found) return found;
    if (performance.now() > giveUpAtMs) throw new Error('waited in vain');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
