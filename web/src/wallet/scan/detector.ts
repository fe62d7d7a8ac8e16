// Finds QR codes in a moving picture: by the browser's own detector where it has one (W3C Shape Detection),
// else by a decoder in JavaScript, which is only loaded then.

/** Reads the picture as it is now; null when no QR code is in it. */
type Detect = (video: HTMLVideoElement) => Promise<string | null>;

interface NativeDetector {
  detect(source: HTMLVideoElement): Promise<{ rawValue: string }[]>;
}
interface NativeDetectorClass {
  new (options: { formats: string[] }): NativeDetector;
  getSupportedFormats(): Promise<string[]>;
}

/** The longer side of what the decoder looks at, in pixels: enough for a code in the hand, and quick. */
const SIDE_PIXELS_MAX = 800;

export async function createDetect(): Promise<Detect> {
  return (await nativeDetect()) ?? (await decoderDetect());
}

async function nativeDetect(): Promise<Detect | null> {
  const Native = (globalThis as { BarcodeDetector?: NativeDetectorClass }).BarcodeDetector;
  const formats: string[] | undefined = await Native?.getSupportedFormats().catch(() => []);
  if (!Native || !formats?.includes('qr_code')) return null;
  const detector = new Native({ formats: ['qr_code'] });
  return async (video) => (await detector.detect(video))[0]?.rawValue ?? null;
}

async function decoderDetect(): Promise<Detect> {
  const { decodeQR } = await import('qr/decode.js');
  const canvas = document.createElement('canvas');
  const context = canvas.getContext('2d', { willReadFrequently: true });
  return async (video) => {
    const scale = Math.min(1, SIDE_PIXELS_MAX / Math.max(video.videoWidth, video.videoHeight));
    canvas.width = Math.round(video.videoWidth * scale);
    canvas.height = Math.round(video.videoHeight * scale);
    if (!context || canvas.width === 0 || canvas.height === 0) return null;
    context.drawImage(video, 0, 0, canvas.width, canvas.height);
    try {
      return decodeQR(context.getImageData(0, 0, canvas.width, canvas.height));
    } catch {
      return null; // it throws where nothing is found
    }
  };
}
