import { createSignal, onCleanup } from 'solid-js';
import { useCall } from '~/call';
import { testUplink, type UplinkTest } from '~/connection-tests';
import { useHub } from '~/hub';

/** `unsure`: it could not be told; she may know better. */
export type CheckState = 'waiting' | 'running' | 'good' | 'bad' | 'unsure';

/** Louder than this, of 1, a microphone is heard. */
const HEARD_LEVEL = 0.02;

/** How loud a microphone is, until it is stopped. @param onHeard it was loud enough to be heard */
function createLoudness(onHeard: () => void) {
  const [level, setLevel] = createSignal(0);
  let context: AudioContext | null = null;
  let frame = 0;
  return {
    level,
    listen(stream: MediaStream) {
      context = new AudioContext();
      const analyser = context.createAnalyser();
      context.createMediaStreamSource(stream).connect(analyser);
      const samples = new Float32Array(analyser.fftSize);
      const look = () => {
        analyser.getFloatTimeDomainData(samples);
        const loudest = samples.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0);
        setLevel(loudest);
        if (loudest > HEARD_LEVEL) onHeard();
        frame = requestAnimationFrame(look);
      };
      look();
    },
    stop() {
      cancelAnimationFrame(frame);
      void context?.close();
      context = null;
      setLevel(0);
    },
  };
}

/** Before going online: camera, microphone and uplink are measured, the speaker is confirmed by ear. */
export function createDeviceCheck() {
  const call = useCall();
  const hub = useHub();
  const [camera, setCamera] = createSignal<CheckState>('waiting');
  const [microphone, setMicrophone] = createSignal<CheckState>('waiting');
  const [speaker, setSpeaker] = createSignal<CheckState>('waiting');
  const [uplink, setUplink] = createSignal<CheckState>('waiting');
  const [uplinkResult, setUplinkResult] = createSignal<UplinkTest | null>(null);
  let abort = new AbortController();
  const loudness = createLoudness(() => setMicrophone('good'));

  async function testDevices() {
    setCamera('running');
    setMicrophone('running');
    const hasMicrophone = await call.devices.open();
    const stream = call.devices.stream();
    const [picture] = stream?.getVideoTracks() ?? [];
    setCamera(picture?.readyState === 'live' ? 'good' : 'bad');
    if (!hasMicrophone || !stream) return void setMicrophone('bad');
    loudness.listen(stream);
  }

  async function testLink() {
    setUplink('running');
    setUplinkResult(null);
    try {
      const result = await testUplink(hub, abort.signal);
      setUplinkResult(result);
      setUplink(result.verdict === 'pass' ? 'good' : result.verdict === 'fail' ? 'bad' : 'unsure');
    } catch {
      if (!abort.signal.aborted) setUplink('unsure');
    }
  }

  function stop() {
    abort.abort();
    loudness.stop();
    if (call.view() === null) call.devices.close();
  }
  onCleanup(stop);

  return {
    camera,
    microphone,
    speaker,
    uplink,
    uplinkResult,
    level: loudness.level,
    setSpeaker,
    start() {
      abort = new AbortController();
      void testDevices();
      void testLink();
    },
    testDevices,
    testLink,
    stop,
    isPassed: () => [camera(), microphone(), speaker(), uplink()].every((state) => state === 'good'),
  };
}

export type DeviceCheck = ReturnType<typeof createDeviceCheck>;
