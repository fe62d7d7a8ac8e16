import { createHash, createPrivateKey, X509Certificate } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { generate } from 'selfsigned';
import type { Log } from '../../telemetry/index.ts';
import {
  CERTIFICATE_BACKDATED_MS,
  CERTIFICATE_LIFE_MS,
  type CertificatePlan,
  type Lifetime,
  planCertificates,
} from './certificate-plan.ts';

/** What the engine needs to serve a certificate. */
export interface CertificatePem {
  readonly certificatePem: string;
  readonly keyPem: string;
}

interface StoredCertificate extends CertificatePem, Lifetime {
  readonly file: string;
  /** SHA-256 of the certificate's DER, in base64: `serverCertificateHashes` of the W3C API. */
  readonly hash: string;
}

/** How often the clock is looked at. */
const CHECK_MS = 600_000;
const FILE = /^\d+\.pem$/;

/**
 * The certificates under which pages reach the WebTransport port. No authority signs them: a page is
 * told their hashes over the appliance's own authenticated API. Each lives for 10 days; the next one is
 * made, and told to pages, days before it is served, so that no page holds only a hash that is over.
 */
export class TransportCertificates {
  readonly #folder: string;
  readonly #log: Log;
  readonly #now: () => number;
  readonly #listeners: ((pem: CertificatePem) => void)[] = [];
  #held: StoredCertificate[];
  #plan: CertificatePlan<StoredCertificate>;
  #timer: NodeJS.Timeout | null = null;

  private constructor(folder: string, log: Log, now: () => number) {
    this.#folder = folder;
    this.#log = log;
    this.#now = now;
    this.#held = readFolder(folder, log);
    this.#plan = planCertificates(this.#held, now());
  }

  /**
   * Reads what there is in `<dataDir>/webtransport` and makes what is missing.
   * @param now wall clock in ms
   */
  static async open(dataDir: string, log: Log, now: () => number = Date.now): Promise<TransportCertificates> {
    const folder = path.join(dataDir, 'webtransport');
    fs.mkdirSync(folder, { recursive: true, mode: 0o700 });
    const certificates = new TransportCertificates(folder, log, now);
    await certificates.renew();
    return certificates;
  }

  /** What has to be served now. */
  get current(): CertificatePem {
    return this.#plan.current as StoredCertificate;
  }

  /** SHA-256 in base64 of what is served and of what will be next, for `serverCertificateHashes`. */
  hashes(): string[] {
    return [this.#plan.current, this.#plan.next].flatMap((one) => (one ? [one.hash] : []));
  }

  /** Called with each certificate that takes the place of the one before. */
  onServe(listener: (pem: CertificatePem) => void): void {
    this.#listeners.push(listener);
  }

  /** From now on looks at the clock by itself, until `stop`. */
  start(): void {
    this.#timer ??= setInterval(() => {
      this.renew().catch((error) => this.#log.error({ err: error }, 'no new certificate for WebTransport was made'));
    }, CHECK_MS).unref();
  }

  stop(): void {
    if (this.#timer) clearInterval(this.#timer);
    this.#timer = null;
  }

  /** Does what the clock asks for: makes, changes over, throws away. */
  async renew(): Promise<void> {
    const before = this.#plan.current;
    this.#plan = planCertificates(this.#held, this.#now());
    if (!this.#plan.current || this.#plan.isNextDue) {
      const made = await makeCertificate(this.#folder, this.#now());
      this.#held.push(made);
      this.#plan = planCertificates(this.#held, this.#now());
      this.#log.info({ until: new Date(made.notAfterMs) }, 'made a certificate for WebTransport');
    }
    for (const { file } of this.#plan.over) fs.rmSync(file, { force: true });
    this.#held = this.#held.filter((one) => !this.#plan.over.includes(one));
    const { current } = this.#plan;
    if (current && before && current !== before) for (const listener of this.#listeners) listener(current);
  }
}

function readFolder(folder: string, log: Log): StoredCertificate[] {
  const held: StoredCertificate[] = [];
  for (const name of fs.readdirSync(folder)) {
    const file = path.join(folder, name);
    if (name.endsWith('.part')) fs.rmSync(file, { force: true });
    if (!FILE.test(name)) continue;
    try {
      held.push(parse(file, fs.readFileSync(file, 'utf8')));
    } catch (error) {
      log.warn({ file, err: error }, 'a certificate for WebTransport is damaged and is replaced');
      fs.rmSync(file, { force: true });
    }
  }
  return held;
}

/** @throws when the file holds no certificate of ours with its key */
function parse(file: string, text: string): StoredCertificate {
  const certificate = new X509Certificate(text);
  const key = createPrivateKey(text);
  if (!certificate.checkPrivateKey(key)) throw new Error('key and certificate do not belong together');
  return {
    file,
    certificatePem: certificate.toString(),
    keyPem: key.export({ type: 'pkcs8', format: 'pem' }).toString(),
    hash: createHash('sha256').update(certificate.raw).digest('base64'),
    notBeforeMs: new Date(certificate.validFrom).getTime(),
    notAfterMs: new Date(certificate.validTo).getTime(),
  };
}

/** ECDSA P-256: other kinds no page takes by its hash. */
async function makeCertificate(folder: string, nowMs: number): Promise<StoredCertificate> {
  const notBeforeMs = nowMs - CERTIFICATE_BACKDATED_MS;
  const made = await generate([{ name: 'commonName', value: 'Parlour WebTransport' }], {
    keyType: 'ec',
    curve: 'P-256',
    algorithm: 'sha256',
    notBeforeDate: new Date(notBeforeMs),
    notAfterDate: new Date(notBeforeMs + CERTIFICATE_LIFE_MS),
  });
  const file = path.join(folder, `${Math.floor(nowMs)}.pem`);
  const text = `${made.private.trim()}\n${made.cert.trim()}\n`;
  // Written beside its place and moved there: never half a file.
  fs.writeFileSync(`${file}.part`, text, { mode: 0o600 });
  fs.renameSync(`${file}.part`, file);
  return parse(file, text);
}
