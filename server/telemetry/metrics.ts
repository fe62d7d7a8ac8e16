import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

/** The appliance's metrics, by the name that Prometheus sees. */
export function createMetrics() {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const registers = [registry];
  return { registry, ...callMetrics(registers), ...moneyMetrics(registers), ...mediaMetrics(registers) };
}

export type Metrics = ReturnType<typeof createMetrics>;

/** People and calls. */
function callMetrics(registers: Registry[]) {
  return {
    sockets: new Gauge({ name: 'parlour_hub_sockets', help: 'Pages connected to the hub', registers }),
    callsOpen: new Gauge({ name: 'parlour_calls_open', help: 'Calls that have not ended', registers }),
    callsEnded: new Counter({
      name: 'parlour_calls_ended_total',
      help: 'Calls ended',
      labelNames: ['outcome'],
      registers,
    }),
    pushes: new Counter({
      name: 'parlour_pushes_total',
      help: 'Notifications by what became of them: sent, gone, refused, failed, dropped',
      labelNames: ['result'],
      registers,
    }),
    sweepFindings: new Counter({
      name: 'parlour_sweep_findings_total',
      help: 'Calls and people that would have stuck, and that the sweep set right',
      registers,
    }),
  };
}

/** Charges, the ledger, receipts. */
function moneyMetrics(registers: Registry[]) {
  return {
    charges: new Counter({
      name: 'parlour_charges_total',
      help: "Charges by the ledger's answer",
      labelNames: ['answer'],
      registers,
    }),
    chargeSeconds: new Histogram({
      name: 'parlour_charge_seconds',
      help: "Time from a charge falling due to the ledger's answer",
      buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.5, 1, 2, 5],
      registers,
    }),
    ledgerBalanced: new Gauge({
      name: 'parlour_ledger_balanced',
      help: '1 while all accounts add up to zero and to their transfers, by the last check',
      registers,
    }),
    ledgerCheckedAt: new Gauge({
      name: 'parlour_ledger_checked_timestamp_seconds',
      help: 'when the last whole check of the ledger ended, in Unix time; 0 before the first',
      registers,
    }),
    ledgerChainIntact: new Gauge({
      name: 'parlour_ledger_chain_intact',
      help: "1 while the ledger's chain of hashes is intact, by the last check",
      registers,
    }),
    transfers: new Gauge({
      name: 'parlour_transfers',
      help: 'Transfers in the ledger, by the last check',
      registers,
    }),
    disagreements: new Counter({
      name: 'parlour_receipt_disagreements_total',
      help: 'Closed calls whose log, ledger and receipt disagree',
      registers,
    }),
  };
}

/** Media, and what is known of connections. */
function mediaMetrics(registers: Registry[]) {
  return {
    mediaRestarts: new Counter({
      name: 'parlour_media_restarts_total',
      help: 'Restarts of the media process',
      registers,
    }),
    mediaRecycles: new Counter({
      name: 'parlour_media_recycles_total',
      help: 'Idle media processes replaced by fresh ones',
      registers,
    }),
    mediaProcess: new Gauge({
      name: 'parlour_media_process',
      help: 'What a media process holds: rss_bytes, fds, threads, legs',
      labelNames: ['transport', 'what'],
      registers,
    }),
    mediaTraffic: new Counter({
      name: 'parlour_media_total',
      help: 'Packets (WebTransport: frames) and bytes from pages, what was held back, seconds of CPU of a media process',
      labelNames: ['transport', 'what'],
      registers,
    }),
    sessionsFailed: new Counter({
      name: 'parlour_webtransport_failed_total',
      help: 'WebTransport sessions that failed in a call, which went on over WebRTC',
      registers,
    }),
    probes: new Counter({
      name: 'parlour_probes_total',
      help: 'Probes of uplinks by verdict',
      labelNames: ['verdict'],
      registers,
    }),
    unpaidMedia: new Histogram({
      name: 'parlour_unpaid_media_seconds',
      help: 'Media that reached a client beyond billable time and the pauses in which the rules let it flow, a call.',
      buckets: [0.1, 0.5, 1, 2, 5, 10, 60],
      registers,
    }),
  };
}
