import { StoreUnavailable } from '../store/index.ts';

/**
 * Does the same with every row: one that fails does not keep the others from it. Without a database it ends
 * at once.
 * @throws the first failure, when all have been tried
 */
export async function each<T>(rows: readonly T[], act: (row: T) => Promise<unknown>): Promise<void> {
  const failures: unknown[] = [];
  for (const row of rows) {
    try {
      await act(row);
    } catch (error) {
      if (error instanceof StoreUnavailable) throw error;
      failures.push(error);
    }
  }
  if (failures.length > 0) throw failures[0];
}
