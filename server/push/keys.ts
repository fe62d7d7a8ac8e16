import fs from 'node:fs';
import path from 'node:path';
import webPush from 'web-push';

/** The appliance's key pair towards push services (VAPID, RFC 8292), both in base64url. */
export interface VapidKeys {
  readonly publicKey: string;
  readonly privateKey: string;
}

/** Reads the keys, or makes them once: new ones would cut off every browser that has subscribed. */
export function vapidKeys(dataDir: string): VapidKeys {
  const folder = path.join(dataDir, 'push');
  const file = path.join(folder, 'vapid.json');
  if (!fs.existsSync(file)) {
    fs.mkdirSync(folder, { recursive: true, mode: 0o700 });
    fs.writeFileSync(`${file}.part`, JSON.stringify(webPush.generateVAPIDKeys()), { mode: 0o600 });
    fs.renameSync(`${file}.part`, file);
  }
  const { publicKey, privateKey } = JSON.parse(fs.readFileSync(file, 'utf8')) as Partial<VapidKeys>;
  if (typeof publicKey !== 'string' || typeof privateKey !== 'string') {
    throw new Error(`${file} holds no key pair. Remove it: a new one is made, and people turn notifications on again.`);
  }
  return { publicKey, privateKey };
}
