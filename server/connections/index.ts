// Module: connections. How good people's connections are. In: counters of media legs, reports of pages, requests for
// a test. Out: bursts that pages are asked for, evidence for the meter, figures for both people. It measures and
// judges; whether the meter stands for it is the core's decision.
export { ConnectionQuality } from './connection-quality.ts';
export { type ConnectionTestResult, ConnectionTests, type IceServersFor } from './connection-tests.ts';
export { Prober } from './prober.ts';
