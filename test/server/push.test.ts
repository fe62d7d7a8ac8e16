import fs from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { UserError } from '../../server/contract/index.ts';
import { checkedEndpoint, isPublicAddress, publicLookup } from '../../server/push/endpoint.ts';
import { vapidKeys } from '../../server/push/keys.ts';
import { leadNamesTo } from '../support/dns-double.ts';
import { temporaryFolder } from '../support/store.ts';

t.test('only addresses of the internet are public', async (t) => {
  const inside = ['127.0.0.1', '10.1.2.3', '172.16.0.1', '172.31.255.255', '192.168.1.1', '169.254.169.254', '0.0.0.0'];
  const ends = ['127.255.255.254', '10.255.255.255', '192.168.255.1', '100.127.255.255', '198.19.255.255', '240.0.0.1'];
  const more = ['100.64.0.1', '224.0.0.1', '255.255.255.255', '::1', '::', 'fe80::1', 'fc00::1', 'fd12::1', 'ff02::1'];
  const hidden = [
    '::ffff:10.0.0.1',
    '::ffff:127.0.0.1',
    '64:ff9b::a00:1',
    '2002:a00:1::',
    '2001::1',
    '2001:10::1',
    'not an address',
  ];
  for (const address of [...inside, ...ends, ...more, ...hidden]) t.notOk(isPublicAddress(address), address);
  for (const address of ['8.8.8.8', '172.32.0.1', '2607:f8b0:4005:80a::200e']) t.ok(isPublicAddress(address), address);
});

t.test('an endpoint is an https address on the internet, or nothing is sent there', async (t) => {
  const good = ['https://fcm.googleapis.com/fcm/send/x', 'https://updates.push.services.mozilla.com/wpush/v2/x'];
  for (const endpoint of good) t.equal(checkedEndpoint(endpoint, false).href, endpoint);
  const bad = [
    'http://fcm.googleapis.com/x',
    'https://127.0.0.1/x',
    'https://2130706433/x',
    'https://0x7f.1/x',
    'https://[::1]/x',
    'https://[::ffff:10.0.0.1]/x',
    'https://localhost/x',
    'https://postgres/x',
    'https://nas.local/x',
    'https://nas.local./x',
    'https://nas.lan/x',
    'https://nas.internal/x',
    'https://nas.home.arpa/x',
    'https://user@fcm.googleapis.com/x',
    'https://:secret@fcm.googleapis.com/x',
    'https://fcm.googleapis.com:8443/x',
    'https://user:secret@fcm.googleapis.com/x',
    'file:///etc/passwd',
    'nonsense',
  ];
  for (const endpoint of bad) t.throws(() => checkedEndpoint(endpoint, false), UserError, endpoint);
  t.ok(checkedEndpoint('https://localhost:9443/x', true), 'a push service of your own, where the operator allows it');
  t.throws(() => checkedEndpoint('http://localhost:9443/x', true), 'by https all the same');
});

t.test('a name that leads inside is found out when it is connected to', async (t) => {
  const error = await new Promise((resolve) => publicLookup('localhost', { all: true }, resolve));
  t.match(error, /leads to/);
});

/** What is found out about a name that leads to these addresses. */
async function lookedUp(addresses: readonly string[], all: boolean): Promise<unknown[]> {
  const end = leadNamesTo(addresses);
  try {
    return await new Promise((resolve) => publicLookup('push.example.org', { all }, (...answer) => resolve(answer)));
  } finally {
    end();
  }
}

t.test('all addresses of a name are looked at, whichever comes first', async (t) => {
  for (const addresses of [['8.8.8.8', '10.0.0.1'], ['10.0.0.1', '8.8.8.8'], ['8.8.8.8', '::1', '9.9.9.9'], []]) {
    for (const all of [true, false]) {
      t.match(
        await lookedUp(addresses, all),
        [/push\.example\.org leads to (10\.0\.0\.1|::1|nowhere)/],
        String(addresses),
      );
    }
  }
});

t.test('a name that leads to the internet is given as it was asked for', async (t) => {
  t.same(await lookedUp(['8.8.8.8', '9.9.9.9'], false), [null, '8.8.8.8', 4]);
  t.same(await lookedUp(['8.8.8.8', '9.9.9.9'], true), [
    null,
    [
      { address: '8.8.8.8', family: 4 },
      { address: '9.9.9.9', family: 4 },
    ],
  ]);
});

t.test('the keys are made once, and are readable by their owner only', async (t) => {
  const data = temporaryFolder('vapid');
  t.teardown(() => fs.rmSync(data, { recursive: true }));
  const made = vapidKeys(data);
  t.same(vapidKeys(data), made);
  t.equal(fs.statSync(path.join(data, 'push')).mode & 0o777, 0o700);
  t.equal(fs.statSync(path.join(data, 'push/vapid.json')).mode & 0o777, 0o600);
  for (const half of [{}, { publicKey: 'x' }, { privateKey: 'x' }]) {
    fs.writeFileSync(path.join(data, 'push/vapid.json'), JSON.stringify(half));
    t.throws(() => vapidKeys(data), /holds no key pair/);
  }
});
