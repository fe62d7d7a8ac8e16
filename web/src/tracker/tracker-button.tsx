import PictureInPicture2 from 'lucide-solid/icons/picture-in-picture-2';
import { t } from '~/i18n';
import { Button } from '~/ui';
import { closeTracker, isTrackerOpen, openTracker } from './window.ts';

/** Opens the tracker's window, or closes it. */
export function TrackerButton() {
  return (
    <Button
      tone="quiet"
      icon={<PictureInPicture2 size={18} aria-hidden="true" />}
      aria-pressed={isTrackerOpen()}
      onClick={() => (isTrackerOpen() ? closeTracker() : void openTracker(t('tracker.title')))}
    >
      {t(isTrackerOpen() ? 'trackerWindow.close' : 'trackerWindow.open')}
    </Button>
  );
}
