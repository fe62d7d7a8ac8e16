/** One small lie in the code. */
export interface Mutant {
  /** From the root of the project. */
  readonly file: string;
  /** Stands exactly once in the file. */
  readonly find: string;
  readonly replace: string;
  /** The rule that it breaks. */
  readonly breaks: string;
}

/** Tests that guard a module: a file that passes with exit code 0. */
export interface Suite {
  readonly name: string;
  /** From the root of the project. */
  readonly entry: string;
  /** It makes its databases in the server that all share. */
  readonly needsDatabase?: boolean;
  /** Time of the processor after which it hangs, in s, where the usual is too short. */
  readonly cpuSMax?: number;
}

export interface MutatedModule {
  readonly says: string;
  /** In the order in which they run; the first that fails has killed the mutant. */
  readonly suites: readonly Suite[];
  readonly mutants: readonly Mutant[];
}

export const inFile = (file: string, ...mutants: [find: string, replace: string, breaks: string][]): Mutant[] =>
  mutants.map(([find, replace, breaks]) => ({ file, find, replace, breaks }));

/** @throws Error when the text to be replaced does not stand in the source exactly once */
export function mutate({ file, find, replace }: Mutant, source: string): string {
  const parts = source.split(find);
  if (parts.length !== 2) throw new Error(`${file}: "${find}" stands ${parts.length - 1} times; once is wanted`);
  return parts.join(replace);
}

/**
 * @param sourceOf the text of a file of the project
 * @returns what is wrong with those that do not fit their source, or change nothing in it
 */
export const misfitsOf = (mutants: readonly Mutant[], sourceOf: (file: string) => string): string[] =>
  mutants.flatMap((mutant) => {
    const source = sourceOf(mutant.file);
    try {
      return mutate(mutant, source) === source ? [`${mutant.file}: "${mutant.breaks}" is no change`] : [];
    } catch (error) {
      return [(error as Error).message];
    }
  });
