import type { Peer } from '@contract/people.ts';
import { api } from '~/api';
import { t } from '~/i18n';
import { createForm } from '~/state';
import { FormError, toast } from '~/ui';
import { Choice } from '~/ui/choice.tsx';
import { Dialog } from '~/ui/dialog.tsx';

/** Asks before a block: in a call it ends the call. */
export function BlockDialog(props: {
  open: boolean;
  onClose: () => void;
  peer: Pick<Peer, 'personId' | 'displayName'>;
  isInCall?: boolean;
  onBlocked?: () => void;
}) {
  const form = createForm(
    () => true,
    async () => {
      await api.block(props.peer.personId);
      toast(t('people.blocked', { name: props.peer.displayName }));
      props.onClose();
      props.onBlocked?.();
    },
  );
  return (
    <Dialog
      open={props.open}
      onClose={props.onClose}
      title={t('people.blockTitle', { name: props.peer.displayName })}
      lead={t(props.isInCall ? 'people.blockInCallWhy' : 'people.blockWhy')}
    >
      <FormError text={form.problem()} />
      <Choice
        yes={t('people.block')}
        no={t('common.cancel')}
        busy={form.isBusy()}
        onYes={() => form.submit()}
        onNo={props.onClose}
      />
    </Dialog>
  );
}
