import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import * as Moq from '@moq/net';
import { build } from 'esbuild';
import t from 'tap';
import type { EngineSession } from '../../server/media/webtransport/engine/engine.ts';
import { openBrowser } from '../support/browser.ts';
import { startEngine } from '../support/webtransport-engine.ts';

const web = http.createServer((_request, response) => {
  response.setHeader('content-type', 'text/html');
  response.end('<!doctype html><title>Media over QUIC</title>');
});
web.listen(0, '127.0.0.1');
await once(web, 'listening');
const browser = await openBrowser();

t.teardown(async () => {
  await browser.close();
  web.close();
});

/** Reads a track of the page's and publishes it under another name. */
async function sendBack(session: EngineSession): Promise<void> {
  const connection = await Moq.Connection.accept(
    session.webTransport as unknown as Parameters<typeof Moq.Connection.accept>[0],
    new URL('https://localhost/'),
  );
  const back = new Moq.Broadcast.Producer();
  const track = back.createTrack('echo');
  connection.publish(Moq.Path.from('from-server'), back);
  const incoming = connection.consume(Moq.Path.from('from-page')).subscribe('numbers');
  for (let group = await incoming.nextGroup(); group; group = await incoming.nextGroup()) {
    const out = track.appendGroup();
    for (let frame = await group.readFrame(); frame; frame = await group.readFrame()) out.writeFrame(frame);
    out.close();
  }
}

t.test('a session carries Media over QUIC as it is: tracks both ways, group by group, in order', async (t) => {
  const groups = 100;
  const server = await startEngine({
    admit: ({ protocols }) => {
      const protocol = protocols.find((one) => one === 'moq-lite-05');
      return protocol ? { verdict: 'accept', protocol } : { verdict: 'refuse', status: 400 };
    },
    // It ends with an error when the page closes the session.
    onSession: (session) => void sendBack(session).catch(() => {}),
  });
  t.teardown(() => server.engine.close());
  const bundle = await build({
    stdin: { contents: `export * from '@moq/net'`, resolveDir: import.meta.dirname },
    bundle: true,
    format: 'iife',
    globalName: 'Moq',
    write: false,
    logLevel: 'error',
  });
  const page = await browser.newPage();
  await page.goto(`http://127.0.0.1:${(web.address() as AddressInfo).port}/`);
  await page.addScriptTag({ content: bundle.outputFiles[0]?.text ?? '' });
  const result = await page.evaluate(
    async ({ port, hash, groups }) => {
      const { Moq } = globalThis as unknown as { Moq: typeof import('@moq/net') };
      const value = Uint8Array.from(atob(hash), (char) => char.charCodeAt(0));
      const connection = await Moq.Connection.connect(new URL(`https://127.0.0.1:${port}/`), {
        webtransport: { serverCertificateHashes: [{ value }] },
        websocket: { enabled: false },
      });
      const broadcast = new Moq.Broadcast.Producer();
      const track = broadcast.createTrack('numbers');
      connection.publish(Moq.Path.from('from-page'), broadcast);
      const echo = connection.consume(Moq.Path.from('from-server')).subscribe('echo');
      const seen: number[] = [];
      let bytes = 0;
      // Until enough came back: a group that finds no stream credit is dropped, as live media has to be.
      const publish = async () => {
        for (let n = 0; seen.length < groups; n++) {
          const group = track.appendGroup();
          for (let frame = 0; frame < 3; frame++) group.writeString(`${n}.${frame} ${'x'.repeat(frame * 4_000)}`);
          group.close();
          await new Promise((resolve) => setTimeout(resolve, 5));
        }
      };
      void publish();
      while (seen.length < groups) {
        const group = await echo.nextGroup();
        if (!group) break;
        for (let frame = await group.readString(); frame !== undefined; frame = await group.readString()) {
          bytes += frame.length;
          if (frame.includes('.2 ')) seen.push(Number.parseInt(frame, 10));
        }
      }
      const { version } = connection;
      connection.close();
      return { version, seen, bytes };
    },
    { port: server.port, hash: server.hash, groups },
  );
  t.equal(result.version, 'moq-lite-05');
  t.equal(result.seen.length, groups);
  t.strictSame(
    result.seen,
    [...result.seen].sort((a, b) => a - b),
  );
  t.ok(result.bytes > result.seen.length * 12_000);
  t.strictSame(server.logs, []);
});
