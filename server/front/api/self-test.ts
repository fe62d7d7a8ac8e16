import { X509Certificate } from 'node:crypto';
import fs from 'node:fs';
import type { SelfTestCode, SelfTestLine } from '../../contract/index.ts';
import type { ApiDeps } from './session.ts';

const GIB = 1024 ** 3;
const DISK_BAD_GIB = 1;
const DISK_WARN_GIB = 5;
const DAY_MS = 86_400_000;
const CERTIFICATE_WARN_DAYS = 21;
const CLOCK_WARN_MS = 2_000;

type Found = Omit<SelfTestLine, 'code'>;
const found = (state: Found['state'], finding: string, detail: Found['detail'] = {}): Found => ({
  state,
  finding,
  detail,
});

/** Looks at each part of the appliance once. A part that cannot be looked at is bad, and the others are told all the same. */
export async function selfTest(deps: ApiDeps, certFile: string): Promise<SelfTestLine[]> {
  const checks: [SelfTestCode, () => Promise<Found> | Found][] = [
    ['database', () => database(deps)],
    ['disk', () => disk(deps)],
    ['ledger', () => ledger(deps)],
    ['receipts', () => receipts(deps)],
    ['media', () => media(deps)],
    ['address', () => address(deps)],
    ['certificate', () => certificate(certFile)],
    ['clock', () => clock(deps)],
    ['push', () => push(deps)],
    ['operators', () => operators(deps)],
    ['audit', () => auditLog(deps)],
  ];
  return Promise.all(
    checks.map(async ([code, check]): Promise<SelfTestLine> => {
      try {
        return { code, ...(await check()) };
      } catch (error) {
        return { code, ...found('bad', 'failed', { message: (error as Error).message }) };
      }
    }),
  );
}

async function database({ store }: ApiDeps): Promise<Found> {
  const { isUp, trouble } = await store.health();
  if (!isUp) return found('bad', 'down');
  return trouble === null ? found('good', 'up') : found('bad', trouble);
}

function disk({ settings }: ApiDeps): Found {
  const { bavail, bsize } = fs.statfsSync(settings.data);
  const gib = Math.floor((bavail * bsize * 10) / GIB) / 10;
  const state = gib < DISK_BAD_GIB ? 'bad' : gib < DISK_WARN_GIB ? 'warn' : 'good';
  return found(state, state === 'good' ? 'enough' : 'little', { gib });
}

function ledger({ bookkeeper }: ApiDeps): Found {
  const { state } = bookkeeper;
  if (state.isBalanced === false) return found('bad', 'unbalanced');
  if (state.isChainIntact === false) return found('bad', 'broken');
  if (state.checkedAt === null) return found(bookkeeper.isLate ? 'bad' : 'warn', 'unchecked');
  return found(bookkeeper.isLate ? 'bad' : 'good', bookkeeper.isLate ? 'old' : 'sound', { at: state.checkedAt });
}

async function auditLog({ audit }: ApiDeps): Promise<Found> {
  const { lineCount, firstBreak } = await audit.check();
  return firstBreak === null
    ? found('good', 'whole', { count: lineCount })
    : found('bad', 'broken', { line: firstBreak });
}

async function receipts({ records }: ApiDeps): Promise<Found> {
  const calls = await records.disagreements();
  return calls.length === 0 ? found('good', 'agree') : found('bad', 'disagree', { calls: calls.join(', ') });
}

function media({ media }: ApiDeps): Found {
  if (!media.isUp) return found('bad', 'down');
  const { restartCount } = media;
  return restartCount === 0 ? found('good', 'up') : found('warn', 'restarted', { count: restartCount });
}

/** Whether clients outside of the studio's network have a way in. */
function address({ settings }: ApiDeps): Found {
  const { publicAddress, stunServer, turnUrls } = settings.media;
  if (publicAddress || stunServer) return found('good', turnUrls.length > 0 ? 'turn' : 'known');
  return found('warn', 'unknown');
}

function certificate(certFile: string): Found {
  const leaf = new X509Certificate(fs.readFileSync(certFile));
  const days = Math.floor((Date.parse(leaf.validTo) - Date.now()) / DAY_MS);
  if (days < 0) return found('bad', 'expired');
  if (days < CERTIFICATE_WARN_DAYS) return found('warn', 'soon', { days });
  return found('good', 'valid', { days });
}

async function clock({ store }: ApiDeps): Promise<Found> {
  const before = Date.now();
  const { now } = await store.main.one<{ now: Date }>('select clock_timestamp() as now');
  const half = (Date.now() - before) / 2;
  const ms = Math.round(Math.abs(now.getTime() - (before + half)));
  return ms > CLOCK_WARN_MS ? found('warn', 'apart', { ms }) : found('good', 'agree');
}

function push({ settings }: ApiDeps): Found {
  return settings.push.contact === '' ? found('warn', 'nobody') : found('good', 'contact');
}

async function operators({ accounts }: ApiDeps): Promise<Found> {
  const count = (await accounts.people({ role: 'operator', state: 'active' })).length;
  return count > 1 ? found('good', 'several', { count }) : found('warn', 'one');
}
