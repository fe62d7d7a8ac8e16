export type FlowNews =
  | { readonly type: 'flowing'; readonly atMs: number }
  | { readonly type: 'silent'; readonly sinceMs: number };

/** No media for so long, and the side counts as silent (charging rules: `no_media`). */
const SILENCE_MS = 2_000;

/** Whether media of one side flows. With microphone and camera off by its person's will, signs of life stand for it. */
export class MediaFlow {
  /** The page's person has switched everything off. */
  isSilentByWill = false;
  readonly #tell: (news: FlowNews) => void;
  #isFlowing = false;
  /** Anything at all of the page: media, reports, a word. */
  #lastSignMs: number | null = null;
  #lastMediaMs: number | null = null;

  constructor(tell: (news: FlowNews) => void) {
    this.#tell = tell;
  }

  get lastMediaMs(): number | null {
    return this.#lastMediaMs;
  }

  /** Media has come. */
  media(nowMs: number): void {
    this.#lastSignMs = nowMs;
    this.#lastMediaMs = nowMs;
    if (!this.#isFlowing) this.#flow(nowMs);
  }

  /** Something else has come. */
  sign(nowMs: number): void {
    this.#lastSignMs = nowMs;
    if (this.isSilentByWill && !this.#isFlowing && this.#lastMediaMs !== null) this.#flow(nowMs);
  }

  /** Tells when media has stopped. Called several times a second. */
  watch(nowMs: number): void {
    if (!this.#isFlowing || this.#lastMediaMs === null) return;
    const lastMs = this.isSilentByWill ? (this.#lastSignMs ?? this.#lastMediaMs) : this.#lastMediaMs;
    if (nowMs - lastMs <= SILENCE_MS) return;
    this.#isFlowing = false;
    this.#tell({ type: 'silent', sinceMs: lastMs });
  }

  #flow(nowMs: number): void {
    this.#isFlowing = true;
    this.#tell({ type: 'flowing', atMs: nowMs });
  }
}
