import { X509Certificate } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import t from 'tap';
import {
  CERTIFICATE_LIFE_MS,
  CERTIFICATE_PERIOD_MS,
  type Lifetime,
  planCertificates,
} from '../../server/media/webtransport/certificate-plan.ts';
import { TransportCertificates } from '../../server/media/webtransport/certificates.ts';
import { createLog } from '../../server/telemetry/index.ts';
import { temporaryFolder } from '../support/store.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const START_MS = Date.UTC(2027, 0, 1);

t.test('the plan follows from the clock alone', async (t) => {
  const made = (atMs: number): Lifetime => ({ notBeforeMs: atMs - DAY_MS / 2, notAfterMs: atMs + 9.5 * DAY_MS });
  const first = made(START_MS);
  const second = made(START_MS + 4 * DAY_MS);
  const at = (days: number, ...held: Lifetime[]) => planCertificates(held, START_MS + days * DAY_MS);
  t.strictSame(at(0), { current: undefined, next: undefined, isNextDue: false, over: [] });
  t.match(at(0, first), { current: first, next: undefined, isNextDue: false });
  t.match(at(3.9, first), { current: first, isNextDue: false });
  t.match(at(4, first), { current: first, isNextDue: true });
  t.match(at(7.9, second, first), { current: first, next: second, isNextDue: false, over: [] });
  t.match(at(8, second, first), { current: second, next: undefined, isNextDue: true, over: [first] });
  t.match(at(30, second, first), { current: undefined, over: [second, first] }, 'after a long time off');
  t.match(at(-2, first), { current: undefined, over: [first] }, 'after the clock was set back');
});

t.test('over a year no page ever holds only hashes that are over, and what is served is always good', async (t) => {
  const data = temporaryFolder('certificates');
  let nowMs = START_MS;
  const certificates = await TransportCertificates.open(data, createLog('silent'), () => nowMs);
  const served: string[] = [];
  certificates.onServe(({ certificatePem }) => served.push(certificatePem));
  const pages: { readonly hashes: string[]; readonly untilMs: number }[] = [];
  for (; nowMs < START_MS + 365 * DAY_MS; nowMs += 6 * HOUR_MS) {
    await certificates.renew();
    const certificate = new X509Certificate(certificates.current.certificatePem);
    const isGood = new Date(certificate.validFrom).getTime() < nowMs && nowMs < new Date(certificate.validTo).getTime();
    if (!isGood) t.fail(`at ${new Date(nowMs).toISOString()} an invalid certificate is served`);
    const [current] = certificates.hashes();
    const stranded = pages.filter((page) => page.untilMs > nowMs && !page.hashes.includes(current as string));
    if (stranded.length > 0) t.fail(`at ${new Date(nowMs).toISOString()} a page cannot get in`);
    pages.push({ hashes: certificates.hashes(), untilMs: nowMs + CERTIFICATE_PERIOD_MS });
    while ((pages[0]?.untilMs ?? Number.POSITIVE_INFINITY) < nowMs) pages.shift();
  }
  t.equal(served.length, 90, 'every four days another is served');
  t.equal(served.at(-1), certificates.current.certificatePem);
  t.equal(fs.readdirSync(path.join(data, 'webtransport')).length, 2, 'what is over is thrown away');
});

t.test('a certificate is one that pages take by its hash, and nobody else can read its key', async (t) => {
  const data = temporaryFolder('certificates');
  const certificates = await TransportCertificates.open(data, createLog('silent'));
  const certificate = new X509Certificate(certificates.current.certificatePem);
  t.equal(certificate.publicKey.asymmetricKeyType, 'ec');
  t.equal(certificate.publicKey.asymmetricKeyDetails?.namedCurve, 'prime256v1');
  const lifeMs = new Date(certificate.validTo).getTime() - new Date(certificate.validFrom).getTime();
  t.equal(lifeMs, CERTIFICATE_LIFE_MS);
  t.ok(lifeMs <= 14 * DAY_MS);
  t.ok(new Date(certificate.validFrom).getTime() < Date.now() - HOUR_MS, 'clocks of pages may be behind');
  t.match(certificates.hashes(), [/^[A-Za-z0-9+/]{43}=$/]);
  const folder = path.join(data, 'webtransport');
  for (const name of fs.readdirSync(folder)) t.equal(fs.statSync(path.join(folder, name)).mode & 0o777, 0o600, name);

  const again = await TransportCertificates.open(data, createLog('silent'));
  t.strictSame(again.hashes(), certificates.hashes(), 'a restart changes nothing');
});

t.test('damaged files, and half of one, are replaced with a line in the log', async (t) => {
  const data = temporaryFolder('certificates');
  const before = await TransportCertificates.open(data, createLog('silent'));
  const folder = path.join(data, 'webtransport');
  const [name] = fs.readdirSync(folder) as [string];
  const text = fs.readFileSync(path.join(folder, name), 'utf8');
  fs.writeFileSync(path.join(folder, name), text.slice(0, text.length / 2));
  fs.writeFileSync(path.join(folder, '17.pem.part'), 'half');
  const lines: string[] = [];
  const log = createLog('warn', { write: (line) => void lines.push(line) });
  const after = await TransportCertificates.open(data, log);
  t.equal(lines.filter((line) => line.includes('damaged')).length, 1);
  t.not(after.hashes()[0], before.hashes()[0]);
  t.equal(fs.readdirSync(folder).length, 1);
  // A key of another certificate is damage too.
  const other = await TransportCertificates.open(temporaryFolder('certificates'), createLog('silent'));
  const [good] = fs.readdirSync(folder) as [string];
  fs.writeFileSync(path.join(folder, good), `${other.current.keyPem}\n${after.current.certificatePem}`);
  const last = await TransportCertificates.open(data, log);
  t.equal(lines.filter((line) => line.includes('damaged')).length, 2);
  t.not(last.hashes()[0], after.hashes()[0]);
});
