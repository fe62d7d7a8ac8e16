import Type, { type Static } from 'typebox';
import { nullable } from './nullable.ts';

/** What a line of a call's meter log tells; docs/receipt.md says what each carries. */
export const MeterLogKind = Type.Union([
  Type.Literal('started'),
  Type.Literal('recovered'),
  Type.Literal('charged'),
  Type.Literal('refused'),
  Type.Literal('released'),
  Type.Literal('paused'),
  Type.Literal('resumed'),
  Type.Literal('probed'),
  Type.Literal('low_on'),
  Type.Literal('low_off'),
  Type.Literal('suspended'),
  Type.Literal('restarted'),
  Type.Literal('grace_over'),
  Type.Literal('ended_by_both'),
  Type.Literal('minimum'),
  Type.Literal('media'),
  Type.Literal('closed'),
]);

/** One line of a call's meter log, as it is downloaded. */
export const MeterLogLine = Type.Object({
  /** From 1, without a gap. */
  seq: Type.Integer({ minimum: 1 }),
  kind: MeterLogKind,
  /** Wall clock, for people. */
  at: Type.String(),
  /** The machine's monotonic clock in whole ms: lengths are taken from it. Null in logs of older versions. */
  monoMs: nullable(Type.Integer()),
  /** Billable time at the moment of the line, in ms. */
  billableMs: Type.Integer({ minimum: 0 }),
  detail: Type.Record(Type.String(), Type.Unknown()),
});
export type MeterLogLine = Static<typeof MeterLogLine>;
