import type { Peer } from '@contract/people.ts';
import type { IssueKind } from '@contract/trust.ts';
import { createSignal } from 'solid-js';
import { api } from '~/api';
import { t } from '~/i18n';
import { createForm, draftOf } from '~/state';
import { Button, FormError, toast } from '~/ui';
import { Dialog } from '~/ui/dialog.tsx';
import { IssueFields } from './issue-fields.tsx';
import { PERSON_ISSUES } from './issues.ts';

/** Tells the operator about a person; the person does not hear of it. */
export function ReportDialog(props: {
  open: boolean;
  onClose: () => void;
  peer: Pick<Peer, 'personId' | 'displayName'>;
  callId?: number | undefined;
}) {
  const [kind, setKind] = createSignal<IssueKind | null>(null);
  const [words, setWords] = draftOf('report', props.peer.personId);
  const form = createForm(
    () => kind() !== null,
    async () => {
      const callId = props.callId;
      await api.reportPerson(props.peer.personId, {
        kind: kind() ?? 'other',
        words: words().trim(),
        ...(callId !== undefined && { callId }),
      });
      toast(t('people.reported'));
      setKind(null);
      setWords('');
      props.onClose();
    },
  );
  return (
    <Dialog
      open={props.open}
      onClose={props.onClose}
      title={t('people.reportTitle', { name: props.peer.displayName })}
      lead={t('people.reportWhy')}
    >
      <form onSubmit={form.submit} class="grid gap-5" novalidate>
        <IssueFields
          kinds={PERSON_ISSUES}
          kind={kind()}
          words={words()}
          isTried={form.isTried()}
          onKind={setKind}
          onWords={setWords}
        />
        <FormError text={form.problem()} />
        <Button type="submit" wide size="lg" busy={form.isBusy()}>
          {t('people.reportSend')}
        </Button>
      </form>
    </Dialog>
  );
}
