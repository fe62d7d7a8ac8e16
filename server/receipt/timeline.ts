interface Change {
  readonly atMs: number;
  readonly billableMs: number;
  readonly isRunning: boolean;
}

/** When the meter ran and stood since its (re)start, so that a pause that is noticed late can be dated back exactly. */
export class Timeline {
  #changes: Change[];

  constructor(atMs: number, billableMs: number, isRunning: boolean) {
    this.#changes = [{ atMs, billableMs, isRunning }];
  }

  get #last(): Change {
    return this.#changes.at(-1) as Change;
  }

  get isRunning(): boolean {
    return this.#last.isRunning;
  }

  /** Billable time with which it began. */
  get baseMs(): number {
    return (this.#changes[0] as Change).billableMs;
  }

  /** Billable time since it began. */
  ranMs(atMs: number): number {
    return this.at(atMs) - this.baseMs;
  }

  /** Billable time at that moment, as far as is known now. */
  at(atMs: number): number {
    const change = this.#changes.findLast((each) => each.atMs <= atMs) ?? (this.#changes[0] as Change);
    return change.billableMs + (change.isRunning ? Math.max(0, atMs - change.atMs) : 0);
  }

  run(atMs: number): void {
    if (!this.isRunning) this.#changes.push({ atMs, billableMs: this.#last.billableMs, isRunning: true });
  }

  /** The meter has stood since `sinceMs`, whatever was known until now. */
  standSince(sinceMs: number): void {
    while (this.#changes.length > 1 && this.#last.atMs >= sinceMs) this.#changes.pop();
    if (!this.isRunning) return;
    const atMs = Math.max(sinceMs, this.#last.atMs);
    this.#changes.push({ atMs, billableMs: this.at(atMs), isRunning: false });
  }
}
