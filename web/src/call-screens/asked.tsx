import type { CallView } from '@contract/calls.ts';
import { DevicesDialog, useCall } from '~/call';
import { t } from '~/i18n';
import { BlockDialog, ReportDialog } from '~/people';
import { onChange } from '~/state';
import { Choice } from '~/ui/choice.tsx';
import { Dialog } from '~/ui/dialog.tsx';
import { AddCredit } from '~/wallet';
import { TipDialog } from './tip-dialog.tsx';

/** What lies over the call and waits for an answer. */
export type Asking = 'none' | 'hangUp' | 'waive' | 'credit' | 'tip' | 'devices' | 'report' | 'block';

const OF_LIVE_CALLS: readonly Asking[] = ['hangUp', 'waive', 'tip'];

/** What is asked over the stage, live or in the grace: what is written in it outlives the way from one to the other. */
export function Asked(props: { view: CallView; asking: Asking; onDone: () => void }) {
  const call = useCall();
  const name = () => props.view.peer.displayName;
  const act = (action: () => Promise<void>) => {
    props.onDone();
    void action();
  };
  // The grace has a question of its own; what has only to do with a live call makes way.
  onChange(
    () => props.view.state === 'suspended',
    (isSuspended) => isSuspended && OF_LIVE_CALLS.includes(props.asking) && props.onDone(),
  );
  return (
    <>
      <Dialog
        open={props.asking === 'hangUp'}
        onClose={props.onDone}
        title={t('call.hangUpTitle')}
        lead={t('call.hangUpMinimum', { minutes: t('common.minutes', props.view.minimumMin) })}
      >
        <Choice yes={t('call.hangUpConfirm')} no={t('call.stay')} onYes={() => act(call.hangUp)} onNo={props.onDone} />
      </Dialog>
      <Dialog
        open={props.asking === 'waive'}
        onClose={props.onDone}
        title={t('call.waiveTitle')}
        lead={t('call.waiveWhy', { name: name() })}
      >
        <Choice
          yes={t('call.waiveConfirm')}
          no={t('common.cancel')}
          onYes={() => act(call.waive)}
          onNo={props.onDone}
        />
      </Dialog>
      <Dialog
        open={props.asking === 'credit'}
        onClose={props.onDone}
        title={t('call.creditTitle')}
        lead={t(props.view.state === 'suspended' ? 'suspended.creditWhy' : 'call.creditWhy')}
      >
        <AddCredit isInCall onAdded={props.onDone} />
      </Dialog>
      <TipDialog open={props.asking === 'tip'} onClose={props.onDone} view={props.view} />
      <DevicesDialog open={props.asking === 'devices'} onClose={props.onDone} />
      <ReportDialog
        open={props.asking === 'report'}
        onClose={props.onDone}
        peer={props.view.peer}
        callId={props.view.callId}
      />
      <BlockDialog open={props.asking === 'block'} onClose={props.onDone} peer={props.view.peer} isInCall />
    </>
  );
}
