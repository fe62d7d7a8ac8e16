// What Chromium has and TypeScript's DOM library does not tell yet: insertable streams of tracks
// (https://w3c.github.io/mediacapture-transform/, as windows have it), and newer parts of WebTransport.

interface MediaStreamTrackProcessorInit {
  readonly track: MediaStreamTrack;
  readonly maxBufferSize?: number;
}

declare class MediaStreamTrackProcessor<Frame extends VideoFrame | AudioData> {
  constructor(init: MediaStreamTrackProcessorInit);
  readonly readable: ReadableStream<Frame>;
}

declare class MediaStreamTrackGenerator extends MediaStreamTrack {
  constructor(init: { readonly kind: 'video' });
  readonly writable: WritableStream<VideoFrame>;
}

interface WebTransportOptions {
  readonly protocols?: readonly string[];
}

interface WebTransport {
  getStats?(): Promise<{ readonly smoothedRtt?: number | null; readonly estimatedSendRate?: number | null }>;
}
