import { createSignal } from 'solid-js';
import { api, toUserFacing, type UserFacing } from '~/api';
import { t } from '~/i18n';

/**
 * `unsupported`: this browser has none, `install`: it has once the page is on the home screen (iOS),
 * `untrusted`: it refuses the service worker, as it does while the certificate is not trusted, `denied`: the
 * person has refused, `unreachable`: the browser's push service does not answer.
 */
export type PushPhase =
  | 'unknown'
  | 'unsupported'
  | 'install'
  | 'untrusted'
  | 'denied'
  | 'unreachable'
  | 'off'
  | 'busy'
  | 'on';

const WORKER = '/sw.js';
// As the worker has them.
const WORDS_CACHE = 'parlour-words';
const WORDS_URL = '/push-words.json';

const [phase, setPhase] = createSignal<PushPhase>('unknown');
const [problem, setProblem] = createSignal<UserFacing | null>(null);

export { phase, problem };

const isHere = () => 'serviceWorker' in navigator && 'PushManager' in window && 'Notification' in window;
/** iOS has web push for pages on the home screen only. */
const needsInstall = () =>
  /iPhone|iPad/.test(navigator.userAgent) && !window.matchMedia('(display-mode: standalone)').matches;

/** The worker, or null where the browser refuses it. */
async function worker(): Promise<ServiceWorkerRegistration | null> {
  try {
    const registration = await navigator.serviceWorker.register(WORKER);
    await Promise.all([navigator.serviceWorker.ready, leaveTexts()]);
    return registration;
  } catch {
    return null;
  }
}

/** The worker has no catalogue of its own: it finds the sentences of this page's language. */
async function leaveTexts(): Promise<void> {
  const words = {
    app: t('app.name'),
    ring: { title: t('push.ring'), body: t('push.ringWhy') },
    missed: { title: t('push.missed'), body: '' },
    message: { title: t('push.message'), body: '' },
    free: { title: t('push.free'), body: t('push.freeWhy') },
    away: { title: t('push.away'), body: t('push.awayWhy') },
    test: { title: t('push.test'), body: t('push.testWhy') },
  };
  await (await caches.open(WORDS_CACHE)).put(WORDS_URL, new Response(JSON.stringify(words)));
}

const bytesOf = (base64url: string) =>
  Uint8Array.from(atob(base64url.replaceAll('-', '+').replaceAll('_', '/')), (sign) => sign.charCodeAt(0));

/** What stands now. Asks the person for nothing. */
export async function lookAtPush(): Promise<void> {
  if (!isHere()) return void setPhase(needsInstall() ? 'install' : 'unsupported');
  if (Notification.permission === 'denied') return void setPhase('denied');
  const registration = await worker();
  if (!registration) return void setPhase('untrusted');
  try {
    const [own, state] = await Promise.all([registration.pushManager.getSubscription(), api.push()]);
    setPhase(own !== null && own.endpoint === state.endpoint ? 'on' : 'off');
  } catch (thrown) {
    setProblem(toUserFacing(thrown));
    setPhase('off');
  }
}

/** Turns notifications on; call it in a click. */
export async function turnPushOn(): Promise<void> {
  setProblem(null);
  setPhase('busy');
  if ((await Notification.requestPermission().catch(() => 'denied')) !== 'granted') {
    return void setPhase(Notification.permission === 'denied' ? 'denied' : 'off');
  }
  const registration = await worker();
  if (!registration) return void setPhase('untrusted');
  try {
    const { publicKey } = await api.push();
    const own = await subscribe(registration, publicKey).catch(() => null);
    if (!own) return void setPhase('unreachable');
    await save(own);
    setPhase('on');
  } catch (thrown) {
    setProblem(toUserFacing(thrown));
    setPhase('off');
  }
}

export async function turnPushOff(): Promise<void> {
  setProblem(null);
  setPhase('busy');
  try {
    await api.unsetPush();
    const registration = await navigator.serviceWorker.getRegistration();
    await (await registration?.pushManager.getSubscription())?.unsubscribe();
    setPhase('off');
  } catch (thrown) {
    setProblem(toUserFacing(thrown));
    setPhase('on');
  }
}

/**
 * While a person is signed in: the words follow the language, a subscription that the browser has renewed is
 * told to the appliance, and a notification that was pressed opens its page.
 * @returns how to stop
 */
export function keepPush(open: (path: string) => void): () => void {
  if (!isHere()) return () => undefined;
  const onMessage = ({ data }: MessageEvent<{ type?: unknown; path?: unknown } | null>) => {
    if (data?.type === 'open' && typeof data.path === 'string' && data.path.startsWith('/')) open(data.path);
  };
  navigator.serviceWorker.addEventListener('message', onMessage);
  if (Notification.permission === 'granted') void renew();
  return () => navigator.serviceWorker.removeEventListener('message', onMessage);
}

async function renew(): Promise<void> {
  try {
    const registration = await navigator.serviceWorker.getRegistration();
    if (!registration) return;
    await leaveTexts();
    const [own, state] = await Promise.all([registration.pushManager.getSubscription(), api.push()]);
    if (own && state.endpoint !== null && own.endpoint !== state.endpoint) await save(own);
  } catch {
    // Whoever looks at the account page reads what is wrong.
  }
}

async function subscribe(registration: ServiceWorkerRegistration, publicKey: string): Promise<PushSubscription> {
  const options = { userVisibleOnly: true, applicationServerKey: bytesOf(publicKey) };
  try {
    return await registration.pushManager.subscribe(options);
  } catch {
    // A subscription for an older key of the appliance stands in the way.
    await (await registration.pushManager.getSubscription())?.unsubscribe();
    return registration.pushManager.subscribe(options);
  }
}

async function save(own: PushSubscription): Promise<void> {
  const { endpoint = '', keys = {} } = own.toJSON();
  await api.setPush({ endpoint, keys: { p256dh: keys.p256dh ?? '', auth: keys.auth ?? '' } });
}
