// What a benchmark is: it runs, says what it measures as it goes, and returns figures and goals.

export interface Bench {
  says: string;
  run(options: { isQuick: boolean; say: (line: string) => void }): Promise<BenchResult>;
}

export interface BenchResult {
  /** Everything measured, for --json. */
  figures: Record<string, unknown>;
  goals: Goal[];
}

/** A figure with the bound that it should keep; `measured` is null where it could not be measured. */
export interface Goal {
  says: string;
  measured: number | null;
  atLeast?: number;
  atMost?: number;
}

export function isMet({ measured, atLeast, atMost }: Goal): boolean | null {
  if (measured === null) return null;
  return measured >= (atLeast ?? Number.NEGATIVE_INFINITY) && measured <= (atMost ?? Number.POSITIVE_INFINITY);
}
