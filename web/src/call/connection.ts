import type { LinkView } from '@contract/link.ts';
import { t } from '~/i18n';

// What a connection is like, in words.

export type Quality = 'good' | 'fair' | 'poor';

/** From here on people talk over each other, or notice that parts are missing. */
const RTT_MS = { fair: 200, poor: 400 };
const LOSS_PCT = { fair: 1.5, poor: 5 };

export function qualityOf({ rttMs, lossPct, uplinkVerdict }: LinkView): Quality {
  const isOver = (limit: 'fair' | 'poor') => (rttMs ?? 0) >= RTT_MS[limit] || (lossPct ?? 0) >= LOSS_PCT[limit];
  if (uplinkVerdict === 'fail' || isOver('poor')) return 'poor';
  return isOver('fair') ? 'fair' : 'good';
}

const mbps = (kbps: number): string => (kbps / 1_000).toFixed(1);

/** Round trip, loss and upload, as far as they are known. */
export function connectionFigures(link: LinkView): string[] {
  const figures: string[] = [];
  if (link.rttMs !== null) figures.push(t('link.rtt', { ms: link.rttMs }));
  if (link.lossPct !== null) figures.push(t('link.loss', { percent: link.lossPct }));
  if (link.uplinkVerdict === 'pass') figures.push(t('link.uploadEnough'));
  else if (link.uplinkKbps !== null) figures.push(t('link.upload', { mbps: mbps(link.uplinkKbps) }));
  if (link.downlinkKbps !== null) figures.push(t('link.download', { mbps: mbps(link.downlinkKbps) }));
  return figures;
}
