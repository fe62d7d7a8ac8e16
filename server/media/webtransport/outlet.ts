import { Broadcast, Group, Time, type Track } from '@moq/net';
import { TRACK_TIMESCALE, TRACKS, type TrackName } from '../../contract/index.ts';

/** What goes out to one page: the other side's broadcast, as far as lease and gate let it. */
export class Outlet {
  readonly broadcast = new Broadcast.Producer();
  readonly #tracks: Record<TrackName, Track.Producer>;
  /** Groups that are being written. */
  readonly #open = new Set<Group.Producer>();
  #isClosed = false;

  constructor() {
    const make = (name: TrackName) =>
      this.broadcast.createTrack(name, {
        timescale: Time.Timescale(TRACK_TIMESCALE),
        priority: TRACKS[name].priority,
        latencyMax: TRACKS[name].latencyMaxMs,
      });
    this.#tracks = { catalog: make('catalog'), feedback: make('feedback'), audio: make('audio'), video: make('video') };
  }

  /** A packet of sound under the number that the sender gave it. */
  sound(datagram: Track.Datagram): void {
    if (!this.#isClosed) this.#tracks.audio.writeDatagram(datagram);
  }

  /** A group of the picture under the number that the sender gave it; null when it cannot be sent. */
  begin(sequence: number): Group.Producer | null {
    if (this.#isClosed) return null;
    const group = new Group.Producer(sequence);
    try {
      this.#tracks.video.writeGroup(group);
    } catch {
      return null; // a number that was there already: the sender begins anew at another
    }
    this.#open.add(group);
    return group;
  }

  /** @param why resets the stream: what of it waits to be sent is dropped */
  end(group: Group.Producer, why?: Error): void {
    this.#open.delete(group);
    if (!group.isClosed) group.close(why);
  }

  /** Whether the group was ended here, and not by the page that reads it. */
  hasDropped(group: Group.Producer): boolean {
    return !this.#open.has(group);
  }

  say(name: 'catalog' | 'feedback', payload: Uint8Array): void {
    if (!this.#isClosed) this.#tracks[name].writeFrame({ payload, timestamp: Time.Timestamp.now() });
  }

  /** What waits to be sent is not sent any more. */
  drop(): void {
    for (const group of this.#open) this.end(group, new Error('cut'));
  }

  close(): void {
    this.#isClosed = true;
    this.drop();
    this.broadcast.close();
  }
}
