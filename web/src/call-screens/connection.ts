import type { ConnectionView } from '@contract/connection.ts';
import { t } from '~/i18n';

// What a connection is like, in words.

export type Quality = 'good' | 'fair' | 'poor';

/** From here on people talk over each other, or notice that parts are missing. */
const RTT_MS = { fair: 200, poor: 400 };
const LOSS_PCT = { fair: 1.5, poor: 5 };

export function qualityOf({ rttMs, lossPct, uplinkVerdict }: ConnectionView): Quality {
  const isOver = (limit: 'fair' | 'poor') => (rttMs ?? 0) >= RTT_MS[limit] || (lossPct ?? 0) >= LOSS_PCT[limit];
  if (uplinkVerdict === 'fail' || isOver('poor')) return 'poor';
  return isOver('fair') ? 'fair' : 'good';
}

const mbps = (kbps: number): string => (kbps / 1_000).toFixed(1);

/** Round trip, loss and upload, as far as they are known. */
export function connectionFigures(connection: ConnectionView): string[] {
  const figures: string[] = [];
  if (connection.rttMs !== null) figures.push(t('connection.rtt', { ms: connection.rttMs }));
  if (connection.lossPct !== null) figures.push(t('connection.loss', { percent: connection.lossPct }));
  if (connection.uplinkVerdict === 'pass') figures.push(t('connection.uploadEnough'));
  else if (connection.uplinkKbps !== null) figures.push(t('connection.upload', { mbps: mbps(connection.uplinkKbps) }));
  if (connection.downlinkKbps !== null) figures.push(t('connection.download', { mbps: mbps(connection.downlinkKbps) }));
  return figures;
}
