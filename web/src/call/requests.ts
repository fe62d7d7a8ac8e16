import type { PageRequest } from '@contract/hub.ts';
import { toUserFacing } from '~/api';
import type { Hub, HubAnswer } from '~/hub';
import { errorText } from '~/i18n';
import { toast } from '~/ui';

/** Sends a request; what is refused is shown, and answered with null. */
export type Send = (message: PageRequest) => Promise<HubAnswer | null>;

export function createSend(hub: Hub): Send {
  return async (message) => {
    try {
      return await hub.request(message);
    } catch (thrown) {
      toast(errorText(toUserFacing(thrown)), 'bad');
      return null;
    }
  };
}
