import type { CallRecord } from '../../server/calls/records.ts';
import { bootId } from '../../server/clock/index.ts';
import type { CallId, Peer, PersonId } from '../../server/contract/index.ts';

type Terms = Pick<CallRecord, 'clientId' | 'modelId' | 'rateMinor' | 'minimumMin' | 'tariff' | 'sharePercent'>;

/** A call's row as it is when it begins to ring. */
export function callRow(callId: CallId, terms: Terms): CallRecord {
  return {
    ...terms,
    callId,
    client: peer(terms.clientId),
    model: peer(terms.modelId),
    state: 'ringing',
    rangAt: new Date(),
    acceptedAt: null,
    liveAt: null,
    suspendedAt: null,
    endedAt: null,
    outcome: null,
    endedBy: null,
    rejectReason: null,
    isWaived: false,
    billableMs: 0,
    chargedMinor: 0,
    agrees: null,
    bootId,
    rangMonoMs: null,
    acceptedMonoMs: null,
    endBalanceMinor: null,
  };
}

const peer = (personId: PersonId): Peer => ({
  personId,
  displayName: `${personId}`,
  pictureUrl: null,
  isVerified: false,
});
