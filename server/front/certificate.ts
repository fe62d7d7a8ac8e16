import { X509Certificate } from 'node:crypto';
import fs from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { generate } from 'selfsigned';
import type { Log } from '../telemetry/index.ts';

/** Files of the certificate in use and of the authority that signed it. */
export interface CertificateFiles {
  readonly keyFile: string;
  readonly certFile: string;
  /** To be installed on the devices that shall trust the appliance. */
  readonly authorityFile: string;
}

const AUTHORITY_YEARS = 10;
/** Apple's devices refuse certificates that are valid for longer than 825 days. */
const LEAF_DAYS = 800;
/** A certificate is made anew when it has less than this left. */
const RENEW_DAYS = 60;
const DAY_MS = 86_400_000;

/**
 * The appliance's certificate, made on first start by an authority of its own and made anew when its
 * end is near or the machine has a name or address that it lacks. Keys can be read by this user only.
 */
export async function ensureCertificate(
  dataDir: string,
  extraNames: readonly string[],
  log: Log,
): Promise<CertificateFiles> {
  const folder = path.join(dataDir, 'tls');
  fs.mkdirSync(folder, { recursive: true, mode: 0o700 });
  const authorityFile = path.join(folder, 'authority.pem');
  const authorityKeyFile = path.join(folder, 'authority.key');
  const keyFile = path.join(folder, 'appliance.key');
  const certFile = path.join(folder, 'appliance.pem');
  if (!fs.existsSync(authorityFile)) {
    const authority = await makeAuthority();
    writeSecret(authorityKeyFile, authority.private);
    writeWhole(authorityFile, authority.cert);
  }
  const names = [...new Set([...ownNames(), ...extraNames])];
  if (!isGood(certFile, names)) {
    const leaf = await makeLeaf(names, {
      key: fs.readFileSync(authorityKeyFile, 'utf8'),
      cert: fs.readFileSync(authorityFile, 'utf8'),
    });
    writeSecret(keyFile, leaf.private);
    writeWhole(certFile, `${leaf.cert.trim()}\n${fs.readFileSync(authorityFile, 'utf8')}`);
    log.info({ names }, 'made a certificate');
  }
  return { keyFile, certFile, authorityFile };
}

/** Names and addresses under which the machine can be reached: localhost, host name, LAN addresses. */
export function ownNames(): string[] {
  const host = os.hostname().toLowerCase();
  const addresses = Object.values(os.networkInterfaces()).flatMap((list) => list ?? []);
  const lan = addresses
    .filter((entry) => !entry.internal && !entry.address.startsWith('fe80'))
    .map((entry) => entry.address);
  return [
    ...new Set(['localhost', host, host.endsWith('.local') ? host : `${host}.local`, '127.0.0.1', '::1', ...lan]),
  ];
}

function isGood(certFile: string, names: readonly string[]): boolean {
  if (!fs.existsSync(certFile)) return false;
  const certificate = new X509Certificate(fs.readFileSync(certFile));
  const isFresh = new Date(certificate.validTo).getTime() - Date.now() > RENEW_DAYS * DAY_MS;
  return isFresh && names.every((name) => (net.isIP(name) ? certificate.checkIP(name) : certificate.checkHost(name)));
}

function makeAuthority() {
  return generate([{ name: 'commonName', value: `Parlour on ${os.hostname()}` }], {
    keyType: 'ec',
    algorithm: 'sha256',
    notAfterDate: new Date(Date.now() + AUTHORITY_YEARS * 365 * DAY_MS),
    extensions: [
      { name: 'basicConstraints', cA: true, pathLenConstraint: 0, critical: true },
      { name: 'keyUsage', keyCertSign: true, cRLSign: true, critical: true },
    ],
  });
}

function makeLeaf(names: readonly string[], ca: { key: string; cert: string }) {
  return generate([{ name: 'commonName', value: names[0] as string }], {
    keyType: 'ec',
    algorithm: 'sha256',
    notAfterDate: new Date(Date.now() + LEAF_DAYS * DAY_MS),
    ca,
    extensions: [
      { name: 'basicConstraints', cA: false, critical: true },
      { name: 'keyUsage', digitalSignature: true, critical: true },
      { name: 'extKeyUsage', serverAuth: true },
      {
        name: 'subjectAltName',
        altNames: names.map((name) =>
          net.isIP(name) ? { type: 7 as const, ip: name } : { type: 2 as const, value: name },
        ),
      },
    ],
  });
}

function writeSecret(file: string, text: string): void {
  writeWhole(file, text, 0o600);
}

/** Written beside its place and moved there: never half a file. */
function writeWhole(file: string, text: string, mode = 0o644): void {
  fs.writeFileSync(`${file}.part`, text, { mode });
  fs.renameSync(`${file}.part`, file);
}
