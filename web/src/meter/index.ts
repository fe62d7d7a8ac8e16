// Module: meter. A call's figures between two views, a running clock, and the labels of meter and outcome.
export { createClock } from './clock.ts';
export { lostSide, type MeterLabels, meterLabels, outcomeText, outcomeTone } from './labels.ts';
export {
  createLiveMeter,
  isMinimumOpen,
  type LiveMeter,
  leftAt,
  type MeterFigures,
  nextUnitMinor,
} from './meter-figures.ts';
