import type { HubMessage } from '@contract/hub.ts';
import { createSignal } from 'solid-js';
import type { Hub } from '~/hub';
import { isUsefulCandidate } from './candidates.ts';
import type { LegState, TransportLeg } from './leg.ts';
import { readStats } from './measure.ts';
import { createLegChannel, type LegChannel } from './probe.ts';
import { openProbeLeg, type ProbeLeg } from './probeLeg.ts';
import { keepQuality, limitVideo } from './quality.ts';

type Offer = Extract<HubMessage, { type: 'media.offer' }>;

/** How often camera and bitrate are fitted to what the link carries. */
const QUALITY_MS = 5_000;

/** Media over WebRTC: one RTCPeerConnection at a time, offered by the appliance. */
export function createRtcLeg(hub: Hub): TransportLeg {
  const [remote, setRemote] = createSignal<MediaStream | null>(null);
  const [state, setState] = createSignal<LegState>('none');
  let pc: RTCPeerConnection | null = null;
  let channel: LegChannel | null = null;
  let probeLeg: ProbeLeg | null = null;
  let stopQuality = () => {};
  let legId = 0;
  let isStarted = false;
  let local: MediaStream | null = null;
  /** Steps of one leg in order: the answer before the candidates. */
  let steps: Promise<void> = Promise.resolve();

  function then(step: () => Promise<void>) {
    const mine = pc;
    steps = steps.then(() => (pc === mine ? step() : undefined)).catch((error) => console.error('leg:', error));
  }

  function closeConnection() {
    // Told first: the last picture can be kept only while the connection still has it.
    if (pc) setState('closed');
    channel?.close();
    stopQuality();
    probeLeg?.close();
    probeLeg = null;
    pc?.close();
    pc = null;
    channel = null;
    legId = 0;
    isStarted = false;
  }

  function open(offer: Offer) {
    closeConnection();
    const mine = new RTCPeerConnection({
      iceServers: offer.iceServers.map(({ urls, username, credential }) => ({
        urls,
        ...(username === undefined ? {} : { username }),
        ...(credential === undefined ? {} : { credential }),
      })),
      bundlePolicy: 'max-bundle',
    });
    pc = mine;
    legId = offer.legId;
    channel = createLegChannel(hub, mine, legId);
    stopQuality = keepQuality(mine, QUALITY_MS);
    setState('connecting');
    const incoming = new MediaStream();
    mine.ontrack = ({ track }) => {
      incoming.addTrack(track);
      setRemote(incoming);
    };
    mine.onconnectionstatechange = () => {
      if (pc === mine) setState(mine.connectionState === 'connected' ? 'up' : 'connecting');
    };
    mine.onicecandidate = ({ candidate }) => {
      if (pc !== mine || !candidate || !isUsefulCandidate(candidate.candidate)) return;
      if (isAnswered) trickle(candidate.candidate);
      else early.push(candidate.candidate);
    };
    // The appliance takes candidates only after the answer.
    const early: string[] = [];
    let isAnswered = false;
    const trickle = (candidate: string) => {
      const message = { type: 'media.candidate', legId: offer.legId, candidate } as const;
      hub.request(message).catch((error) => console.debug('candidate:', error.code));
    };
    then(() =>
      answer(mine, offer, () => {
        isAnswered = true;
        early.forEach(trickle);
      }),
    );
  }

  async function answer(mine: RTCPeerConnection, offer: Offer, onSent: () => void) {
    await mine.setRemoteDescription({ type: 'offer', sdp: offer.sdp });
    for (const transceiver of mine.getTransceivers()) {
      transceiver.direction = 'sendrecv';
      if (local) transceiver.sender.setStreams?.(local);
    }
    const description = await mine.createAnswer();
    await mine.setLocalDescription(description);
    const accepted = hub.request({ type: 'media.answer', legId: offer.legId, sdp: description.sdp ?? '' });
    onSent();
    await accepted;
  }

  async function attachTracks() {
    if (!pc || !isStarted || !local) return;
    for (const { sender, receiver } of pc.getTransceivers()) {
      const track = local.getTracks().find((one) => one.kind === receiver.track.kind) ?? null;
      if (sender.track === track) continue;
      await sender.replaceTrack(track);
      if (track?.kind === 'video') await limitVideo(sender, '720p');
    }
  }

  return {
    remote,
    state,
    legId: () => legId,
    stats: () => readStats(pc),
    receive(message) {
      if (message.type === 'media.offer') return open(message);
      if (message.type === 'link.offer') {
        if (!pc || message.besideLegId !== legId) return;
        probeLeg?.close();
        probeLeg = openProbeLeg(hub, message);
        return;
      }
      probeLeg?.receive(message);
      if (!pc || !('legId' in message) || message.legId !== legId) return;
      const mine = pc;
      if (message.type === 'media.candidates')
        then(async () => {
          for (const candidate of message.candidates) await mine.addIceCandidate({ candidate, sdpMid: '0' });
        });
      if (message.type === 'media.start') {
        isStarted = true;
        then(attachTracks);
      }
      if (message.type === 'media.closed') closeConnection();
    },
    setLocal(stream) {
      local = stream;
      then(attachTracks);
    },
    close() {
      closeConnection();
      setRemote(null);
      setState('none');
    },
  };
}
