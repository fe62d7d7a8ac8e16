/** Longer steps than this are our own lateness: what came meanwhile has not been read yet. */
const STEP_MS_MAX = 250;

/**
 * How long nothing has come from a page's browser, not even an acknowledgement. Asked of QUIC and not of the page,
 * which may be busy while its line is well; counted in steps, so that who is late himself takes nobody for gone.
 */
export class QuietLine {
  #bytes = -1;
  #quietMs = 0;
  #atMs = 0;

  /** @param bytesReceived of the connection so far. @returns ms since it last grew */
  look(bytesReceived: number, nowMs: number): number {
    const stepMs = Math.min(STEP_MS_MAX, nowMs - this.#atMs);
    this.#quietMs = bytesReceived === this.#bytes ? this.#quietMs + stepMs : 0;
    this.#bytes = bytesReceived;
    this.#atMs = nowMs;
    return this.#quietMs;
  }
}
