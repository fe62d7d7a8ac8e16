import { createSignal } from 'solid-js';

// Their picture in a small window above everything else. One video at a time can be there.

const [remoteVideo, setRemoteVideo] = createSignal<HTMLVideoElement | null>(null);
const [isInPicture, setInPicture] = createSignal(false);

export { isInPicture };

export const canPictureInPicture = (): boolean => document.pictureInPictureEnabled === true;

/** The video that goes into the window; call the answer when it is gone. */
export function offerVideo(video: HTMLVideoElement): () => void {
  const enter = () => setInPicture(true);
  const leave = () => setInPicture(false);
  video.addEventListener('enterpictureinpicture', enter);
  video.addEventListener('leavepictureinpicture', leave);
  setRemoteVideo(video);
  return () => {
    video.removeEventListener('enterpictureinpicture', enter);
    video.removeEventListener('leavepictureinpicture', leave);
    if (document.pictureInPictureElement === video) void document.exitPictureInPicture().catch(() => undefined);
    setRemoteVideo(null);
    setInPicture(false);
  };
}

/** Call it in a click. Answers false when the browser does not let it. */
export async function togglePictureInPicture(): Promise<boolean> {
  try {
    if (document.pictureInPictureElement) await document.exitPictureInPicture();
    else await remoteVideo()?.requestPictureInPicture();
    return true;
  } catch {
    return false;
  }
}
