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

/** What came, as the contract's PushNews; anything else is shown as a plain sign of life. */
function read(data) {
  try {
    const news = data?.json();
    return typeof news?.kind === 'string' ? news : { kind: 'test' };
  } catch {
    return { kind: 'test' };
  }
}

async function show(news) {
  const { app = 'Parlour', [news.kind]: words = { title: 'Parlour', body: '' } } = await wordsOf();
  const fill = (text) => text.replace(/\{\{ (\w+) \}\}/g, (_, key) => String(news[key] ?? ''));
  const isRing = news.kind === 'ring';
  await self.registration.showNotification(fill(words.title) || app, {
    body: fill(words.body),
    icon: '/icon-192.png',
    badge: '/badge-96.png',
    tag: tagOf(news),
    renotify: true,
    requireInteraction: isRing,
    ...(isRing && { vibrate: [400, 200, 400, 200, 400] }),
    data: { path: pathOf(news) },
  });
}

async function wordsOf() {
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

/** Brings the page to the front that is there, or opens one. */
async function open(path) {
  const pages = await self.clients.matchAll({ type: 'window', includeUncontrolled: true });
  const [page] = pages;
  if (!page) return self.clients.openWindow(path);
  await page.focus();
  if (path !== '/') page.postMessage({ type: 'open', path });
}
