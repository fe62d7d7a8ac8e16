import { createECDH, createPublicKey, type ECDH, randomBytes, verify } from 'node:crypto';
import { once } from 'node:events';
import fs from 'node:fs';
import https from 'node:https';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { generate } from 'selfsigned';
import type { PushNotification, SetPush } from '../../server/contract/index.ts';
import { temporaryFolder } from './store.ts';

const { decrypt } = createRequire(import.meta.url)('http_ece') as {
  decrypt(body: Buffer, how: { version: 'aes128gcm'; privateKey: ECDH; authSecret: Buffer }): Buffer;
};
const WAIT_MS_MAX = 90_000;

/** A notification as its browser would read it, and what the push service could see of it. */
export interface Delivered {
  readonly browser: string;
  readonly news: PushNotification;
  readonly ttl: number;
  readonly topic: string;
  readonly urgency: string;
  /** Whom the service can ask about the sender. */
  readonly contact: string;
}

/** A push service with its browsers: it checks the sender's signature (RFC 8292), they decrypt (RFC 8291). */
export class PushDouble {
  readonly certificateFile: string;
  readonly delivered: Delivered[] = [];
  /** What it answers for a browser instead of 201. */
  readonly answers = new Map<string, number>();
  /** Browsers for which it does not answer before this is over. */
  readonly holds = new Map<string, Promise<void>>();
  readonly #browsers = new Map<string, { ecdh: ECDH; auth: Buffer }>();
  readonly #waiting = new Set<() => void>();
  readonly #server: https.Server;

  private constructor(made: { cert: string; private: string }) {
    this.certificateFile = path.join(temporaryFolder('push'), 'authority.pem');
    fs.writeFileSync(this.certificateFile, made.cert);
    this.#server = https.createServer({ cert: made.cert, key: made.private }, (request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', async () => {
        response.statusCode = this.#take(request.url ?? '', request.headers, Buffer.concat(chunks));
        await this.holds.get(nameIn(request.url));
        response.end();
      });
    });
  }

  static async start(): Promise<PushDouble> {
    const made = await generate([{ name: 'commonName', value: 'localhost' }], {
      keyType: 'ec',
      algorithm: 'sha256',
      extensions: [
        { name: 'basicConstraints', cA: true, critical: true },
        { name: 'subjectAltName', altNames: [{ type: 2, value: 'localhost' }] },
      ],
    });
    const double = new PushDouble(made);
    double.#server.listen(0, '127.0.0.1');
    await once(double.#server, 'listening');
    return double;
  }

  get origin(): string {
    return `https://localhost:${(this.#server.address() as AddressInfo).port}`;
  }

  stop(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  /** A browser that subscribes. */
  browser(name: string): SetPush {
    const ecdh = createECDH('prime256v1');
    const auth = randomBytes(16);
    const p256dh = ecdh.generateKeys().toString('base64url');
    this.#browsers.set(name, { ecdh, auth });
    return { endpoint: `${this.origin}/to/${name}`, keys: { p256dh, auth: auth.toString('base64url') } };
  }

  /** Waits for a notification, of those that came or will come. */
  until(fits: (one: Delivered) => boolean): Promise<Delivered> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        reject(new Error(`waited in vain for a notification; there are ${JSON.stringify(this.delivered)}`));
      }, WAIT_MS_MAX);
      const check = () => {
        const found = this.delivered.find(fits);
        if (!found) return;
        clearTimeout(timer);
        this.#waiting.delete(check);
        resolve(found);
      };
      this.#waiting.add(check);
      check();
    });
  }

  #take(url: string, headers: NodeJS.Dict<string | string[]>, body: Buffer): number {
    const name = nameIn(url);
    const browser = this.#browsers.get(name);
    const [, token = '', key = ''] = /^vapid t=(\S+), ?k=(\S+)$/.exec(String(headers.authorization)) ?? [];
    if (!browser || !this.#isSigned(token, key)) return 403;
    if (headers['content-encoding'] !== 'aes128gcm' || body.length > 4_096) return 400;
    const text = decrypt(body, { version: 'aes128gcm', privateKey: browser.ecdh, authSecret: browser.auth });
    const [ttl, topic, urgency] = [Number(headers.ttl), String(headers.topic), String(headers.urgency)];
    const { sub: contact } = claimsOf(token);
    this.delivered.push({ browser: name, news: JSON.parse(String(text)), ttl, topic, urgency, contact });
    for (const check of [...this.#waiting]) check();
    return this.answers.get(name) ?? 201;
  }

  #isSigned(token: string, key: string): boolean {
    const [head = '', claims = '', signature = ''] = token.split('.');
    const { aud } = claimsOf(token);
    const point = Buffer.from(key, 'base64url');
    const [x, y] = [point.subarray(1, 33), point.subarray(33)].map((half) => half.toString('base64url'));
    const publicKey = createPublicKey({ key: { kty: 'EC', crv: 'P-256', x, y }, format: 'jwk' });
    const signed = Buffer.from(`${head}.${claims}`);
    const how = { key: publicKey, dsaEncoding: 'ieee-p1363' } as const;
    return aud === this.origin && verify('sha256', signed, how, Buffer.from(signature, 'base64url'));
  }
}

const nameIn = (url: string | undefined): string => (url ?? '').replace('/to/', '');

/** What a token (RFC 8292) says: for whom it is, and whom to ask. */
function claimsOf(token: string): { aud: string; sub: string } {
  const [, claims = ''] = token.split('.');
  return JSON.parse(String(Buffer.from(claims, 'base64url'))) as { aud: string; sub: string };
}
