// Module: tracker. The state of calls and money in a small window above everything else, so that a model sees it
// while she works in other windows: who calls and whether they have credit, the meter, the amount, the time left.
export { TrackerButton } from './tracker-button.tsx';
export { TrackerHost } from './tracker-host.tsx';
export { closeTracker, isTrackerOpen, openTracker } from './window.ts';
