import VideoOff from 'lucide-solid/icons/video-off';
import Volume2 from 'lucide-solid/icons/volume-2';
import { createEffect, createSignal, onCleanup, onMount, Show } from 'solid-js';
import { useCall } from '~/call';
import { t } from '~/i18n';
import { canChooseSpeaker, chosen, offerVideo } from '~/media';
import { Button } from '~/ui';

/** A crop beyond this would cut people off: the whole picture is shown instead. */
const CROP_MAX = 1.7;

/** Their picture and sound. Fills its place, and is dimmed while nothing new comes. */
export function RemoteVideo(props: { name: string; isDimmed: boolean; onPicture: (hasPicture: boolean) => void }) {
  const call = useCall();
  const [needsTap, setNeedsTap] = createSignal(false);
  const [isCropped, setCropped] = createSignal(true);
  const [isPainted, setPainted] = createSignal(false);
  const [hasStill, setHasStill] = createSignal(false);
  let video!: HTMLVideoElement;
  let still!: HTMLCanvasElement;

  const play = () =>
    video.play().then(
      () => setNeedsTap(false),
      (error: DOMException) => setNeedsTap(error.name === 'NotAllowedError'),
    );
  createEffect(() => {
    video.srcObject = call.leg.remote();
    if (video.srcObject) void play();
  });

  // A closed connection leaves a black video: its last picture is kept beside it.
  createEffect(() => {
    if (call.leg.state() !== 'closed' || !video.videoWidth) return;
    still.width = video.videoWidth;
    still.height = video.videoHeight;
    still.getContext('2d')?.drawImage(video, 0, 0);
    setHasStill(true);
    setPainted(false);
  });
  createEffect(() => props.onPicture(isPainted()));
  const isStill = () => hasStill() && !isPainted();
  const shape = () =>
    `absolute inset-0 size-full transition-[filter,opacity] duration-500 ${isCropped() ? 'object-cover' : 'object-contain'}`;

  const fit = () => {
    if (!video.videoWidth || !video.clientHeight) return;
    setPainted(true);
    const ratio = video.videoWidth / video.videoHeight / (video.clientWidth / video.clientHeight);
    setCropped(Math.max(ratio, 1 / ratio) <= CROP_MAX);
  };
  const observer = new ResizeObserver(fit);
  createEffect(() => observer.observe(video));
  onCleanup(() => observer.disconnect());
  onMount(() => onCleanup(offerVideo(video)));
  createEffect(() => {
    const speaker = chosen().audiooutput;
    if (speaker && canChooseSpeaker()) void video.setSinkId(speaker).catch(() => undefined);
  });

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
        onLoadedData={() => setPainted(video.videoWidth > 0)}
        onEmptied={() => setPainted(false)}
        class={`${shape()} ${props.isDimmed ? 'opacity-35 blur-md' : ''} ${isStill() ? 'invisible' : ''}`}
      />
      <canvas ref={still} class={`${shape()} opacity-35 blur-md`} classList={{ hidden: !isStill() }} />
      <Show when={needsTap()}>
        <TapToHear name={props.name} onTap={play} />
      </Show>
    </>
  );
}

/** A browser that plays no sound before a press. */
function TapToHear(props: { name: string; onTap: () => void }) {
  return (
    <div class="absolute inset-0 z-20 flex items-center justify-center bg-black/50">
      <Button tone="stageGo" size="lg" icon={<Volume2 size={22} />} onClick={() => props.onTap()}>
        {t('call.tapToHear', { name: props.name })}
      </Button>
    </div>
  );
}

/** One's own picture, mirrored as people expect it. */
export function SelfVideo() {
  const call = useCall();
  const hasCamera = () => (call.devices.stream()?.getVideoTracks().length ?? 0) > 0;
  const hasPicture = () => hasCamera() && !call.isCameraOff();
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
          {hasCamera() ? t('call.yourCameraOff') : t('device.noCamera')}
        </div>
      </Show>
    </div>
  );
}
