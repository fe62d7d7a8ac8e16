import type { HubMessage } from '@contract/hub.ts';
import { createLegChannel, isUsefulCandidate, openProbeLeg, type ProbeLeg } from '~/connection-tests';
import type { Hub } from '~/hub';
import { keepQuality, limitVideo } from './quality.ts';
import { type MediaStats, readStats } from './stats.ts';
import type { LegState } from './transport-leg.ts';

type Offer = Extract<HubMessage, { type: 'media.offer' }>;

/** How often camera and bitrate are fitted to what the link carries. */
const QUALITY_MS = 5_000;

/** One RTCPeerConnection, from the appliance's offer to its end. */
export type RtcConnection = {
  readonly legId: number;
  receive(message: HubMessage): void;
  setLocal(stream: MediaStream | null): void;
  stats(): Promise<MediaStats>;
  close(): void;
};

type Events = { state(state: LegState): void; remote(stream: MediaStream): void };

export function openRtcConnection(hub: Hub, offer: Offer, stream: MediaStream | null, events: Events): RtcConnection {
  const { legId } = offer;
  const pc = new RTCPeerConnection({ iceServers: iceServersOf(offer), bundlePolicy: 'max-bundle' });
  const channel = createLegChannel(hub, pc, legId);
  const stopQuality = keepQuality(pc, QUALITY_MS);
  const steps = createSteps();
  let probeLeg: ProbeLeg | null = null;
  let local = stream;
  let isStarted = false;
  let isClosed = false;

  const incoming = new MediaStream();
  pc.ontrack = ({ track }) => {
    incoming.addTrack(track);
    events.remote(incoming);
  };
  pc.onconnectionstatechange = () => {
    if (!isClosed) events.state(pc.connectionState === 'connected' ? 'up' : 'connecting');
  };
  const sendCandidates = trickle(hub, pc, legId);
  steps.add(() => answer(hub, pc, offer, local, sendCandidates));
  const attachTracks = () => steps.add(async () => void (isStarted && local && (await sendTracks(pc, local))));

  return {
    legId,
    stats: () => readStats(pc),
    receive(message) {
      if (message.type === 'connection.offer') {
        if (message.besideLegId !== legId) return;
        probeLeg?.close();
        probeLeg = openProbeLeg(hub, message);
        return;
      }
      probeLeg?.receive(message);
      if (!('legId' in message) || message.legId !== legId) return;
      if (message.type === 'media.candidates') steps.add(() => addCandidates(pc, message.candidates));
      if (message.type === 'media.start') {
        isStarted = true;
        attachTracks();
      }
    },
    setLocal(next) {
      local = next;
      attachTracks();
    },
    close() {
      isClosed = true;
      steps.end();
      channel.close();
      stopQuality();
      probeLeg?.close();
      pc.close();
    },
  };
}

const iceServersOf = (offer: Offer): RTCIceServer[] =>
  offer.iceServers.map(({ urls, username, credential }) => ({
    urls,
    ...(username === undefined ? {} : { username }),
    ...(credential === undefined ? {} : { credential }),
  }));

/** Steps of one connection in order: the answer before the candidates. What has not begun when it ends is left out. */
function createSteps() {
  let last: Promise<void> = Promise.resolve();
  let isOver = false;
  return {
    add(step: () => Promise<void>) {
      last = last.then(() => (isOver ? undefined : step())).catch((error) => console.error('leg:', error));
    },
    end() {
      isOver = true;
    },
  };
}

/** Sends this page's candidates. @returns what says that the answer is out: the appliance takes them only after it */
function trickle(hub: Hub, pc: RTCPeerConnection, legId: number): () => void {
  const early: string[] = [];
  let isAnswered = false;
  const send = (candidate: string) => {
    hub
      .request({ type: 'media.candidate', legId, candidate })
      .catch((error) => console.debug('candidate:', error.code));
  };
  pc.onicecandidate = ({ candidate }) => {
    if (pc.signalingState === 'closed' || !candidate || !isUsefulCandidate(candidate.candidate)) return;
    if (isAnswered) send(candidate.candidate);
    else early.push(candidate.candidate);
  };
  return () => {
    isAnswered = true;
    early.forEach(send);
  };
}

async function answer(hub: Hub, pc: RTCPeerConnection, offer: Offer, local: MediaStream | null, onSent: () => void) {
  await pc.setRemoteDescription({ type: 'offer', sdp: offer.sdp });
  for (const transceiver of pc.getTransceivers()) {
    transceiver.direction = 'sendrecv';
    if (local) transceiver.sender.setStreams?.(local);
  }
  const description = await pc.createAnswer();
  await pc.setLocalDescription(description);
  const accepted = hub.request({ type: 'media.answer', legId: offer.legId, sdp: description.sdp ?? '' });
  onSent();
  await accepted;
}

async function addCandidates(pc: RTCPeerConnection, candidates: readonly string[]) {
  for (const candidate of candidates) await pc.addIceCandidate({ candidate, sdpMid: '0' });
}

async function sendTracks(pc: RTCPeerConnection, local: MediaStream) {
  for (const { sender, receiver } of pc.getTransceivers()) {
    const track = local.getTracks().find((one) => one.kind === receiver.track.kind) ?? null;
    if (sender.track === track) continue;
    await sender.replaceTrack(track);
    if (track?.kind === 'video') await limitVideo(sender, '720p');
  }
}
