import { REASON_LENGTH_MAX } from '@contract/limits.ts';
import { createSignal, For } from 'solid-js';
import { t } from '~/i18n';
import { Button, Field } from '~/ui';
import { Dialog } from '~/ui/dialog.tsx';

/** A word with the rejection: the client reads it. */
export function RejectDialog(props: {
  open: boolean;
  onClose: () => void;
  name: string;
  onReject: (reason: string) => void;
}) {
  const [reason, setReason] = createSignal('');
  const ready = () => [t('ring.reasons.soon'), t('ring.reasons.later'), t('ring.reasons.message')];
  const send = (words: string) => {
    props.onClose();
    props.onReject(words);
  };
  return (
    <Dialog
      open={props.open}
      onClose={props.onClose}
      title={t('ring.rejectTitle')}
      lead={t('ring.rejectWhy', { name: props.name })}
    >
      <div class="grid gap-4">
        <div class="grid gap-2">
          <For each={ready()}>
            {(words) => (
              <Button tone="quiet" wide onClick={() => send(words)}>
                {words}
              </Button>
            )}
          </For>
        </div>
        <form
          class="grid gap-3"
          onSubmit={(event) => {
            event.preventDefault();
            send(reason().trim());
          }}
        >
          <Field
            label={t('ring.ownReason')}
            maxLength={REASON_LENGTH_MAX}
            value={reason()}
            onInput={(event) => setReason(event.currentTarget.value)}
          />
          <Button type="submit" tone="danger" wide>
            {t('ring.reject')}
          </Button>
        </form>
      </div>
    </Dialog>
  );
}
