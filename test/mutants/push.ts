// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are texts of sources
import { inFile, type MutatedModule } from './mutant.ts';

const inPush = (file: string, ...mutants: [find: string, replace: string, breaks: string][]) =>
  inFile(`server/push/${file}`, ...mutants);

const ENDPOINT = inPush(
  'endpoint.ts',
  ["['ipv4', '10.0.0.0', 8]", "['ipv4', '10.0.0.0', 16]", 'all of 10/8 is private (RFC 1918)'],
  ["['ipv4', '172.16.0.0', 12]", "['ipv4', '172.16.0.0', 16]", 'all of 172.16/12 is private (RFC 1918)'],
  ["['ipv4', '192.168.0.0', 16]", "['ipv4', '192.168.0.0', 24]", 'all of 192.168/16 is private (RFC 1918)'],
  ["['ipv4', '127.0.0.0', 8]", "['ipv4', '127.0.0.0', 24]", 'all of 127/8 is the machine itself'],
  [
    "['ipv4', '169.254.0.0', 16]",
    "['ipv4', '169.254.0.0', 24]",
    'link-local addresses are private, those of cloud metadata, too',
  ],
  ["['ipv4', '100.64.0.0', 10]", "['ipv4', '100.64.0.0', 16]", 'shared address space is private (RFC 6598)'],
  ["['ipv4', '224.0.0.0', 3]", "['ipv4', '224.0.0.0', 4]", 'multicast and reserved addresses are not public'],
  ["  ['ipv4', '0.0.0.0', 8],\n", '', 'this network is not public'],
  ["['ipv4', '198.18.0.0', 15]", "['ipv4', '198.18.0.0', 16]", 'addresses of benchmarks are not public'],
  ["  ['ipv6', '2002::', 16],\n", '', 'tunnelled IPv4 is not public (6to4)'],
  ["['ipv6', '2001::', 23]", "['ipv6', '2001::', 32]", 'special IPv6 is not public'],
  ["addSubnet('2000::', 3, 'ipv6')", "addSubnet('::', 0, 'ipv6')", 'only global unicast is public'],
  ["return !special.check(address, 'ipv4')", 'return true', 'no private IPv4 address is public'],
  [
    "GLOBAL_IPV6.check(address, 'ipv6') && !special",
    "GLOBAL_IPV6.check(address, 'ipv6') || !special",
    'an IPv6 address is global and not special',
  ],
  ["url?.protocol !== 'https:' ||", '!url ||', 'an endpoint is spoken to by https'],
  ["|| url.username !== '' || url.password !== ''", "|| url.password !== ''", 'an endpoint has no user name'],
  ["|| url.username !== '' || url.password !== ''", "|| url.username !== ''", 'an endpoint has no password'],
  ['if (allowPrivate) return url;', 'return url;', 'private addresses only where the operator allows them'],
  ["!host.includes('.') ||", '', 'a name without a dot is of the studio’s network'],
  [
    '(local|localhost|internal|lan|home\\.arpa)',
    '(localhost|internal|lan|home\\.arpa)',
    'a name under .local is of the studio’s network',
  ],
  [
    '(local|localhost|internal|lan|home\\.arpa)',
    '(local|localhost)',
    'a name of a local zone is of the studio’s network',
  ],
  ['home\\.arpa)\\.?$/i', 'home\\.arpa)$/i', 'a dot at the end of a name changes nothing'],
  ["if (url.port !== '' ||", 'if (', 'an endpoint is at the port of https'],
  ['(!isName && !isPublicAddress(host))', 'false', 'an endpoint is at a public address'],
  [
    'const inside = addresses.find(({ address }) => !isPublicAddress(address));',
    'const inside = addresses.slice(0, 1).find(({ address }) => !isPublicAddress(address));',
    'all addresses of a name are looked at',
  ],
  [
    'const inside = addresses.find(',
    'const inside = [...addresses].reverse().slice(0, 1).find(',
    'all addresses of a name are looked at, not the last alone',
  ],
  ['if (inside || !first)', 'if (!first)', 'a name that leads inside is not connected to'],
  ['if (options.all) return done(null, addresses);', '', 'who asks for all addresses gets all'],
);

const SEND = inPush(
  'send.ts',
  [
    '      ...(!sender.allowPrivate && { lookup: publicLookup }),\n',
    '',
    'the guard against private addresses is at work when it is sent',
  ],
  [
    '...(!sender.allowPrivate && { lookup',
    '...(sender.allowPrivate && { lookup',
    'the guard is off only where the operator allows it',
  ],
  [
    'checkedEndpoint(subscription.endpoint, sender.allowPrivate)',
    'new URL(subscription.endpoint)',
    'an address that was kept is checked again',
  ],
  ['ANSWER_MS_MAX = 10_000', 'ANSWER_MS_MAX = 100_000', 'a push service that does not answer is given up'],
  ['PAYLOAD_BYTES_MAX = 3_072', 'PAYLOAD_BYTES_MAX = 30_720', 'a notification is short (RFC 8030)'],
  ['  ring: 45,', '  ring: 450,', 'a ring is kept as long as it rings'],
  ['  message: 24 * 3_600,', '  message: 240 * 3_600,', 'a message is kept for a day'],
  ['  missed: 24 * 3_600,', '  missed: 240 * 3_600,', 'a missed call is kept for a day'],
  ['  free: 600,', '  free: 6_000,', 'that she is free is kept for ten minutes'],
  ['  away: 3_600,', '  away: 36_000,', 'that she is away is kept for an hour'],
  [
    "if (notification.kind === 'ring' || notification.kind === 'missed')",
    "if (notification.kind === 'ring')",
    'a missed call takes the place of its ring',
  ],
  [
    "'personId' in notification ? `${notification.kind}-${notification.personId}` : notification.kind",
    'notification.kind',
    'a notification takes the place of its own kind and person only',
  ],
  [
    "urgency: notification.kind === 'ring' || notification.kind === 'away'",
    "urgency: notification.kind === 'away'",
    'a ring is urgent',
  ],
  [
    "urgency: notification.kind === 'ring' || notification.kind === 'away'",
    "urgency: notification.kind === 'ring'",
    'that her page is gone is urgent',
  ],
  [
    'if (status >= 200 && status < 300)',
    'if (status >= 200 && status < 400)',
    'a redirect is no delivery, and is not followed',
  ],
  ["status === 404 || status === 410 ? 'gone'", "status === 410 ? 'gone'", 'a subscription that is not found is gone'],
  ["status === 404 || status === 410 ? 'gone'", "status === 404 ? 'gone'", 'a subscription that has ended is gone'],
);

const PUSH_ITSELF = inPush(
  'push.ts',
  [
    'contact: contact || NOBODY, allowPrivate };',
    'contact: contact || NOBODY, allowPrivate: true };',
    'private addresses are what the operator’s setting says',
  ],
  ['contact: contact || NOBODY', 'contact: NOBODY', 'a push service is told whom to ask'],
  ['    checkedEndpoint(endpoint, this.#sender.allowPrivate);\n', '', 'a bad address is refused when it is given'],
  [
    "where endpoint = $2 and session_digest <> $1'",
    "where endpoint = $2 and session_digest = $1'",
    'a browser is one person’s: who signed in there last',
  ],
  [
    'select digest, $2, $3, $4 from session where digest = $1',
    'select digest, $2, $3, $4 from session where digest = $1 or true limit 1',
    'a subscription is of the session that made it',
  ],
  ['set endpoint = excluded.endpoint, p256dh', 'set p256dh', 'a new subscription takes the place of the old one'],
  ['auth = excluded.auth, made_at = now()', 'auth = excluded.auth', 'who subscribed anew subscribed last'],
  [
    "'delete from push_subscription where session_digest = $1', [session]);\n    return",
    "'delete from push_subscription where session_digest <> $1', [session]);\n    return",
    'notifications are turned off for this browser',
  ],
  [
    'where person_id = any($1::bigint[]) and expires_at > now()',
    'where person_id = any($1::bigint[])',
    'who is signed in nowhere is not reachable',
  ],
  [
    'where person_id = any($1::bigint[]) and expires_at > now()',
    'where $1::bigint[] is not null and expires_at > now()',
    'only those who were asked for are reachable',
  ],
  ['where person_id = $1 and expires_at > now()\n', 'where person_id = $1\n', 'a session that is over is told nothing'],
  ['where person_id = $1 and expires_at > now()\n', 'where $1 > 0 and expires_at > now()\n', 'nobody else is told'],
  ['order by made_at desc limit', 'order by made_at limit', 'the browsers that subscribed last are told'],
  ['BROWSERS_MAX = 10', 'BROWSERS_MAX = 100', 'ten browsers of a person are told'],
  ['WAITING_MAX = 1_000', 'WAITING_MAX = 10_000', 'what waits for push services is bounded'],
  ['AT_ONCE_MAX = 8', 'AT_ONCE_MAX = 80', 'eight requests to push services at once'],
  [
    "        this.#deps.metrics.pushes.inc({ result: 'dropped' });\n        continue;",
    "        this.#deps.metrics.pushes.inc({ result: 'dropped' });",
    'what comes on top is dropped',
  ],
  [
    "if (!subscription) throw new UserError('push_off');",
    'if (!subscription) return;',
    'a test of notifications that are off says so',
  ],
  [
    "!== 'sent') throw new UserError('push_not_delivered');",
    "=== 'gone') throw new UserError('push_not_delivered');",
    'a test that was not delivered says so',
  ],
  ['        this.#atOnce -= 1;\n', '', 'one that is done makes room for the next'],
  ["      if (result === 'gone') {", "      if (result === 'refused') {", 'a subscription that is gone is forgotten'],
  ['      metrics.pushes.inc({ result });\n', '', 'what was sent is counted'],
  ["      metrics.pushes.inc({ result: 'failed' });\n", '', 'what failed is counted'],
);

const KEYS = inPush(
  'keys.ts',
  ['if (!fs.existsSync(file)) {', 'if (true) {', 'the keys are made once'],
  ['{ mode: 0o600 }', '{ mode: 0o644 }', 'the keys are read by their owner only'],
  ['{ recursive: true, mode: 0o700 }', '{ recursive: true, mode: 0o755 }', 'the folder of the keys is their owner’s'],
  [
    "if (typeof publicKey !== 'string' || typeof privateKey !== 'string')",
    "if (typeof publicKey !== 'string' && typeof privateKey !== 'string')",
    'half a pair of keys is none',
  ],
);

export const PUSH: MutatedModule = {
  says: 'notifications: to whom, where to, and never into the studio’s own network',
  suites: [
    { name: 'push', entry: 'test/server/push.test.ts' },
    { name: 'push-delivery', entry: 'test/integration/push-delivery.test.ts', needsDatabase: true },
  ],
  mutants: [...ENDPOINT, ...SEND, ...PUSH_ITSELF, ...KEYS],
};
