// The service worker: shows notifications while no page is open, and opens the page they tell of. It keeps
// no page and no answer of the appliance: what is shown of calls and money is always read anew.

/** Where pages leave the sentences, in the person's language. */
const WORDS_CACHE = 'parlour-words';
const WORDS_URL = '/push-words.json';

self.addEventListener('install', () => self.skipWaiting());
self.addEventListener('activate', (event) => event.waitUntil(self.clients.claim()));

self.addEventListener('push', (event) => event.waitUntil(show(read(event.data))));

self.addEventListener('notificationclick', (event) => {
  event.notification.close();
  event.waitUntil(open(event.notification.data?.path ?? '/'));
});

/** The payload, in the contract's shape; anything else is shown as a plain sign of life. */
function read(data) {
  try {
    const payload = data?.json();
    return typeof payload?.kind === 'string' ? payload : { kind: 'test' };
  } catch {
    return { kind: 'test' };
  }
}

async function show(payload) {
  const { app = 'Parlour', [payload.kind]: text = { title: 'Parlour', body: '' } } = await textsOf();
  const fill = (text) => text.replace(/\{\{ (\w+) \}\}/g, (_, key) => String(payload[key] ?? ''));
  const isRing = payload.kind === 'ring';
  await self.registration.showNotification(fill(text.title) || app, {
    body: fill(text.body),
    icon: '/icon-192.png',
    badge: '/badge-96.png',
    tag: tagOf(payload),
    renotify: true,
    requireInteraction: isRing,
    ...(isRing && { vibrate: [400, 200, 400, 200, 400] }),
    data: { path: pathOf(payload) },
  });
}

async function textsOf() {
  try {
    const kept = await (await caches.open(WORDS_CACHE)).match(WORDS_URL);
    return kept ? await kept.json() : {};
  } catch {
    return {};
  }
}

/** A missed call takes the place of its ring, a message that of the one before. */
function tagOf({ kind, callId, personId }) {
  if (kind === 'ring' || kind === 'missed') return `call-${callId}`;
  return personId === undefined ? kind : `${kind}-${personId}`;
}

function pathOf({ kind, personId }) {
  return kind === 'message' || kind === 'missed' ? `/messages/${Number(personId)}` : '/';
}

/** Shows the page that is there, or opens one. */
async function open(path) {
  const pages = await self.clients.matchAll({ type: 'window', includeUncontrolled: true });
  const [page] = pages;
  if (!page) return self.clients.openWindow(path);
  await page.focus();
  if (path !== '/') page.postMessage({ type: 'open', path });
}
