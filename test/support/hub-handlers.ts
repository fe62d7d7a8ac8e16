import type { MessageHandlers } from '../../server/hub/index.ts';

/** Handlers of which each does the same. */
export function handlersOf(act: () => Promise<{ callId?: number } | undefined>): MessageHandlers {
  return {
    'call.ring': act,
    'call.accept': act,
    'call.reject': act,
    'call.connect': act,
    'call.hangUp': act,
    'call.restart': act,
    'call.waive': act,
    'call.attach': act,
    'call.mute': act,
    'call.tip': act,
    'model.notifyMe': act,
    'message.send': act,
    'message.read': act,
    'media.answer': act,
    'media.candidate': act,
    'media.probed': act,
    'media.report': act,
    'media.failed': act,
    'media.stalled': act,
    'media.able': act,
    'connection.test': act,
  };
}
