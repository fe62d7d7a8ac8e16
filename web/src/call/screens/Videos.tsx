import VideoOff from 'lucide-solid/icons/video-off';
import Volume2 from 'lucide-solid/icons/volume-2';
import { createEffect, createSignal, onCleanup, Show } from 'solid-js';
import { useServices } from '~/app/services.tsx';
import { t } from '~/i18n';
import { Button } from '~/ui';

/** A crop beyond this would cut people off: the whole picture is shown instead. */
const CROP_MAX = 1.7;

/** Their picture and sound. Fills its place, and is dimmed while nothing new comes. */
export function RemoteVideo(props: { name: string; isDimmed: boolean; onPicture: (hasPicture: boolean) => void }) {
  const { call } = useServices();
  const [needsTap, setNeedsTap] = createSignal(false);
  const [isCropped, setCropped] = createSignal(true);
  let video!: HTMLVideoElement;

  const play = () =>
    video.play().then(
      () => setNeedsTap(false),
      (error: DOMException) => setNeedsTap(error.name === 'NotAllowedError'),
    );
  createEffect(() => {
    video.srcObject = call.leg.remote();
    if (video.srcObject) void play();
  });

  const fit = () => {
    if (!video.videoWidth || !video.clientHeight) return;
    props.onPicture(true);
    const ratio = video.videoWidth / video.videoHeight / (video.clientWidth / video.clientHeight);
    setCropped(Math.max(ratio, 1 / ratio) <= CROP_MAX);
  };
  const observer = new ResizeObserver(fit);
  createEffect(() => observer.observe(video));
  onCleanup(() => observer.disconnect());

  return (
    <>
      {/* biome-ignore lint/a11y/useMediaCaption: a live person has no captions */}
      <video
        ref={video}
        autoplay
        playsinline
        aria-label={t('call.theirPicture', { name: props.name })}
        onResize={fit}
        onLoadedMetadata={fit}
        onLoadedData={() => props.onPicture(video.videoWidth > 0)}
        onEmptied={() => props.onPicture(false)}
        class={`absolute inset-0 size-full transition-[filter,opacity] duration-500 ${isCropped() ? 'object-cover' : 'object-contain'} ${props.isDimmed ? 'opacity-35 blur-md' : ''}`}
      />
      <Show when={needsTap()}>
        <div class="absolute inset-0 z-20 flex items-center justify-center bg-black/50">
          <Button tone="stageGo" size="lg" icon={<Volume2 size={22} />} onClick={play}>
            {t('call.tapToHear', { name: props.name })}
          </Button>
        </div>
      </Show>
    </>
  );
}

/** One's own picture, mirrored as people expect it. */
export function SelfVideo() {
  const { call } = useServices();
  const hasPicture = () => (call.devices.stream()?.getVideoTracks().length ?? 0) > 0 && !call.isCameraOff();
  let video!: HTMLVideoElement;
  createEffect(() => {
    video.srcObject = call.devices.stream();
  });
  return (
    <div class="relative size-full bg-[#26201b]">
      <video
        ref={video}
        autoplay
        playsinline
        muted
        aria-label={t('call.yourPicture')}
        class={`size-full -scale-x-100 object-cover ${hasPicture() ? '' : 'invisible'}`}
      />
      <Show when={call.devices.stream() && !hasPicture()}>
        <div class="absolute inset-0 flex flex-col items-center justify-center gap-1 p-2 text-center text-sm text-on-stage-soft">
          <VideoOff size={22} aria-hidden="true" />
          {t('call.yourCameraOff')}
        </div>
      </Show>
    </div>
  );
}
