import type { HubMessage } from '@contract/hub.ts';
import type { Hub } from '~/hub';
import { isUsefulCandidate } from './candidates.ts';
import { createLegChannel } from './probe.ts';

type ProbeOffer = Extract<HubMessage, { type: 'connection.offer' }>;

/** A connection of its own for one probe, which carries no picture of anybody. */
export type ProbeLeg = {
  readonly legId: number;
  /** Messages about other legs are left alone. */
  receive(message: HubMessage): void;
  close(): void;
};

/** @param options.track something to send beside the burst; in a call its own media does that */
export function openProbeLeg(
  hub: Hub,
  offer: ProbeOffer,
  options: { isRelayOnly?: boolean; track?: MediaStreamTrack } = {},
): ProbeLeg {
  const { legId } = offer;
  const pc = new RTCPeerConnection({
    iceServers: offer.iceServers as RTCIceServer[],
    iceTransportPolicy: options.isRelayOnly ? 'relay' : 'all',
    bundlePolicy: 'max-bundle',
  });
  const channel = createLegChannel(hub, pc, legId);

  async function answer() {
    await pc.setRemoteDescription({ type: 'offer', sdp: offer.sdp });
    if (options.track) {
      for (const transceiver of pc.getTransceivers()) transceiver.direction = 'sendrecv';
      const video = pc.getTransceivers().find(({ receiver }) => receiver.track.kind === 'video');
      await video?.sender.replaceTrack(options.track);
    }
    const description = await pc.createAnswer();
    await pc.setLocalDescription(description);
    await hub.request({ type: 'media.answer', legId, sdp: description.sdp ?? '' });
  }
  // A leg that cannot be used ends as an inconclusive probe; the appliance says so.
  const answered = answer().then(
    () => true,
    () => false,
  );
  pc.onicecandidate = async ({ candidate }) => {
    if (!candidate || !isUsefulCandidate(candidate.candidate) || !(await answered)) return;
    hub.request({ type: 'media.candidate', legId, candidate: candidate.candidate }).catch(() => {});
  };

  async function addCandidates(candidates: string[]) {
    if (!(await answered)) return;
    for (const candidate of candidates) {
      if (pc.signalingState !== 'closed') await pc.addIceCandidate({ candidate, sdpMid: '0' });
    }
  }

  function close() {
    channel.close();
    pc.close();
  }

  return {
    legId,
    receive(message) {
      if (!('legId' in message) || message.legId !== legId) return;
      if (message.type === 'media.probe') void channel.probe(message);
      if (message.type === 'media.candidates') void addCandidates(message.candidates);
      if (message.type === 'media.closed') close();
    },
    close,
  };
}
