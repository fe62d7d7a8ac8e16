// Module: telemetry. In: what the other modules say of themselves. Out: one log line a fact (pino, JSON
// on standard error) and the metrics that Prometheus reads. Nothing of money or calls is decided here.

export { createLog, type Log } from './log.ts';
export { createMetrics, type Metrics } from './metrics.ts';
