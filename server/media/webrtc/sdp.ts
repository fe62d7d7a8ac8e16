// The one SDP of the appliance (RFC 8866, RFC 8829). The appliance offers the same text to both legs: same payload
// types, same header extension ids. So every RTP and RTCP packet can pass from one leg to the other
// bit for bit, and congestion control, NACK and PLI work from page to page.

import type { TransportDescription } from '../../contract/index.ts';
import { isUsableCandidate } from '../answer.ts';

/** abs-send-time: when the page sent each packet, on its own clock. */
export const SEND_TIME_EXTENSION_ID = 2;

const EXTENSIONS: readonly [id: number, uri: string, kinds: string][] = [
  [1, 'urn:ietf:params:rtp-hdrext:ssrc-audio-level', 'audio'],
  [SEND_TIME_EXTENSION_ID, 'http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time', 'audio video'],
  [3, 'http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01', 'audio video'],
  [4, 'urn:ietf:params:rtp-hdrext:sdes:mid', 'audio video'],
  [5, 'urn:3gpp:video-orientation', 'video'],
];

interface Codec {
  readonly payloadType: number;
  readonly rtpmap: string;
  readonly fmtp?: string;
}

/** Browsers of Chromium's family begin with this many kbps instead of 300: the picture is sharp at once. */
const START_BITRATE = 'x-google-start-bitrate=1500';

const VIDEO_CODECS: readonly Codec[] = [
  { payloadType: 96, rtpmap: 'VP8/90000', fmtp: START_BITRATE },
  { payloadType: 97, rtpmap: 'rtx/90000', fmtp: 'apt=96' },
  {
    payloadType: 102,
    rtpmap: 'H264/90000',
    fmtp: `level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f;${START_BITRATE}`,
  },
  { payloadType: 103, rtpmap: 'rtx/90000', fmtp: 'apt=102' },
];
export const AUDIO_PAYLOAD_TYPE = 111;

/** Payload types that carry pictures, not repairs. */
export const PICTURE_PAYLOAD_TYPES: ReadonlySet<number> = new Set([96, 102]);

/** The candidate for the same port at another address, for an appliance behind a router. */
export function withAddress(candidate: string, address: string): string {
  const words = candidate.split(' ');
  words[0] = `${words[0]}p`;
  words[4] = address;
  return words.join(' ');
}

/**
 * The offer for a page. It has no candidates: they follow once its answer was applied, since
 * libdatachannel can miss a DTLS handshake that begins earlier.
 */
export function applianceOffer(local: TransportDescription, sessionId: number): string {
  const transport = [
    'c=IN IP4 0.0.0.0',
    `a=ice-ufrag:${local.ufrag}`,
    `a=ice-pwd:${local.pwd}`,
    `a=fingerprint:${local.fingerprint}`,
    'a=setup:actpass',
  ];
  const extensions = (kind: 'audio' | 'video') =>
    EXTENSIONS.filter(([, , kinds]) => kinds.includes(kind)).map(([id, uri]) => `a=extmap:${id} ${uri}`);
  const media = (mid: number, kind: 'audio' | 'video') => [
    ...transport,
    'a=rtcp:9 IN IP4 0.0.0.0',
    `a=mid:${mid}`,
    ...extensions(kind),
    'a=sendrecv',
    `a=msid:peer ${kind}`,
    'a=rtcp-mux',
  ];
  const lines = [
    'v=0',
    `o=- ${sessionId} 1 IN IP4 127.0.0.1`,
    's=-',
    't=0 0',
    'a=group:BUNDLE 0 1 2',
    'a=extmap-allow-mixed',
    'a=msid-semantic: WMS *',
    `m=audio 9 UDP/TLS/RTP/SAVPF ${AUDIO_PAYLOAD_TYPE}`,
    ...media(0, 'audio'),
    `a=rtpmap:${AUDIO_PAYLOAD_TYPE} opus/48000/2`,
    `a=rtcp-fb:${AUDIO_PAYLOAD_TYPE} transport-cc`,
    // Sound like a room's, not like a telephone's: repair in band, no gaps in silence, bits enough for music.
    `a=fmtp:${AUDIO_PAYLOAD_TYPE} minptime=10;useinbandfec=1;usedtx=0;stereo=0;maxaveragebitrate=64000`,
    `m=video 9 UDP/TLS/RTP/SAVPF ${VIDEO_CODECS.map((codec) => codec.payloadType).join(' ')}`,
    ...media(1, 'video'),
    'a=rtcp-rsize',
    ...VIDEO_CODECS.flatMap(videoCodecLines),
    'm=application 9 UDP/DTLS/SCTP webrtc-datachannel',
    ...transport,
    'a=mid:2',
    'a=sctp-port:5000',
    'a=max-message-size:262144',
  ];
  return `${lines.join('\r\n')}\r\n`;
}

function videoCodecLines({ payloadType, rtpmap, fmtp }: Codec): string[] {
  const feedback = rtpmap.startsWith('rtx') ? [] : ['ccm fir', 'nack', 'nack pli', 'transport-cc'];
  return [
    `a=rtpmap:${payloadType} ${rtpmap}`,
    ...feedback.map((kind) => `a=rtcp-fb:${payloadType} ${kind}`),
    ...(fmtp ? [`a=fmtp:${payloadType} ${fmtp}`] : []),
  ];
}

/**
 * The page's answer as libdatachannel sees it: one video section that stands for every RTP and RTCP
 * packet of the bundle, and the data channel. It is written anew from the parts that were read, so
 * nothing else of what a page sends reaches the library.
 */
export function pipeAnswer(page: TransportDescription, mids: { video: string; data: string }): string {
  const transport = [
    'c=IN IP4 0.0.0.0',
    `a=ice-ufrag:${page.ufrag}`,
    `a=ice-pwd:${page.pwd}`,
    `a=fingerprint:${page.fingerprint}`,
    'a=setup:active',
  ];
  const lines = [
    'v=0',
    'o=- 1 1 IN IP4 127.0.0.1',
    's=-',
    't=0 0',
    `a=group:BUNDLE ${mids.video} ${mids.data}`,
    'm=video 9 UDP/TLS/RTP/SAVPF 96',
    ...transport,
    `a=mid:${mids.video}`,
    'a=sendrecv',
    'a=rtcp-mux',
    'a=rtpmap:96 VP8/90000',
    ...page.candidates.filter(isUsableCandidate).map((candidate) => `a=${candidate}`),
    'm=application 9 UDP/DTLS/SCTP webrtc-datachannel',
    ...transport,
    `a=mid:${mids.data}`,
    'a=sctp-port:5000',
    'a=max-message-size:262144',
  ];
  return `${lines.join('\r\n')}\r\n`;
}

/** The `mid` of each section of a description, in order. */
export function readMids(sdp: string): string[] {
  return [...sdp.matchAll(/^a=mid:(\S+)\r?$/gm)].map((match) => match[1] as string);
}
