import type { CallLine } from '@contract/calls.ts';
import { api } from '~/api';
import { createPaged, type Paged } from '~/state';

/** One's own calls; a call that goes on is asked for until it has ended. */
export function createCalls(): Paged<CallLine> {
  return createPaged<CallLine>(
    (line) => line.callId,
    async (page) => (await api.calls(page)).calls,
    { isPolling: (lines) => lines?.some((line) => line.outcome === null) ?? false },
  );
}
