/** Resolves after so many ms, or a little later. */
export const wait = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
