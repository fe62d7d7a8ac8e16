// How large and how good a picture a page sends. 720p30 is what every call begins with; 1080p follows where
// camera, processor and link have shown that they carry it, and goes again when they do not.

export type Level = '720p' | '1080p';

export const LEVELS: Record<Level, { width: number; height: number; bitrateMax: number }> = {
  '720p': { width: 1280, height: 720, bitrateMax: 2_500_000 },
  '1080p': { width: 1920, height: 1080, bitrateMax: 4_500_000 },
};

/** What the browser says of what it sends (W3C webrtc-stats). */
export type Sending = {
  /** availableOutgoingBitrate of the pair in use; null when the browser does not tell. */
  availableBps: number | null;
  qualityLimitationReason: string;
  framesPerSecond: number;
};

/** Room above the present limit before more is asked of the link; the estimate goes to twice the limit. */
const ROOM_RATIO = 1.4;
const FRAMES_PER_SECOND_MIN = 24;
/** Good looks in a row before going up; one bad one lowers it. */
export const LOOKS_UP = 3;
/** After going down once, so many more are asked for each time. */
const LOOKS_MORE = 6;

export type Judge = { look(sending: Sending): Level };

/** Decides, look by look; `height` is what the camera can give. */
export function createJudge(heightMax: number): Judge {
  let level: Level = '720p';
  let good = 0;
  let needed = LOOKS_UP;
  return {
    look({ availableBps, qualityLimitationReason, framesPerSecond }) {
      const isFree = qualityLimitationReason === 'none' && framesPerSecond >= FRAMES_PER_SECOND_MIN;
      if (level === '1080p') {
        if (isFree && (availableBps ?? 0) >= LEVELS['720p'].bitrateMax) return level;
        level = '720p';
        good = 0;
        needed += LOOKS_MORE;
        return level;
      }
      const hasRoom = availableBps !== null && availableBps >= LEVELS['720p'].bitrateMax * ROOM_RATIO;
      good = isFree && hasRoom ? good + 1 : 0;
      if (good >= needed && heightMax >= LEVELS['1080p'].height) level = '1080p';
      return level;
    },
  };
}
