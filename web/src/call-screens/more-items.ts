import type { CallView } from '@contract/calls.ts';
import AppWindow from 'lucide-solid/icons/app-window';
import Ban from 'lucide-solid/icons/ban';
import CircleStop from 'lucide-solid/icons/circle-stop';
import Flag from 'lucide-solid/icons/flag';
import Gift from 'lucide-solid/icons/gift';
import Maximize from 'lucide-solid/icons/maximize';
import Minimize from 'lucide-solid/icons/minimize';
import PictureInPicture2 from 'lucide-solid/icons/picture-in-picture-2';
import Settings2 from 'lucide-solid/icons/settings-2';
import type { Accessor } from 'solid-js';
import { t } from '~/i18n';
import { canPictureInPicture, isInPicture, togglePictureInPicture } from '~/media';
import { closeTracker, isTrackerOpen, openTracker } from '~/tracker';
import type { Asking } from './asked.tsx';
import { createFullScreen } from './full-screen.ts';
import type { MoreItem } from './more-menu.tsx';

/** What the menu of a live call offers to this side, in this browser. */
export function createMoreItems(view: Accessor<CallView>, ask: (what: Asking) => void): Accessor<MoreItem[]> {
  const fullScreen = createFullScreen();
  const tip: MoreItem = { label: t('tip.give'), icon: Gift, onSelect: () => ask('tip') };
  const devices: MoreItem = { label: t('device.choose'), icon: Settings2, onSelect: () => ask('devices') };
  const waive: MoreItem = { label: t('call.waive'), icon: CircleStop, onSelect: () => ask('waive') };
  const report: MoreItem = { label: t('people.report'), icon: Flag, onSelect: () => ask('report') };
  const block: MoreItem = { label: t('people.block'), icon: Ban, onSelect: () => ask('block'), isDanger: true };
  const full = (): MoreItem => ({
    label: t(fullScreen.isOn() ? 'call.leaveFullScreen' : 'call.fullScreen'),
    icon: fullScreen.isOn() ? Minimize : Maximize,
    onSelect: fullScreen.toggle,
  });
  const pictureInPicture = (): MoreItem => ({
    label: t(isInPicture() ? 'call.leavePictureInPicture' : 'call.pictureInPicture'),
    icon: PictureInPicture2,
    onSelect: () => void togglePictureInPicture(),
  });
  const tracker = (): MoreItem => ({
    label: t(isTrackerOpen() ? 'trackerWindow.close' : 'trackerWindow.open'),
    icon: AppWindow,
    onSelect: () => (isTrackerOpen() ? closeTracker() : void openTracker(t('tracker.title'))),
  });
  const canWaive = () => view().mySide === 'model' && !view().meter?.reasons.includes('model_waived');
  return () => [
    ...(view().mySide === 'client' ? [tip] : []),
    devices,
    ...(document.fullscreenEnabled ? [full()] : []),
    ...(canPictureInPicture() ? [pictureInPicture()] : []),
    tracker(),
    ...(canWaive() ? [waive] : []),
    report,
    block,
  ];
}
