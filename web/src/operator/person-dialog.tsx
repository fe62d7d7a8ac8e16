import { REASON_LENGTH_MAX } from '@contract/limits.ts';
import type { PersonRow } from '@contract/people.ts';
import { type JSX, Show } from 'solid-js';
import { t } from '~/i18n';
import { Field } from '~/ui';
import { Dialog } from '~/ui/dialog.tsx';

type Title =
  | 'operator.correctTitle'
  | 'operator.creditTitle'
  | 'operator.resetTitle'
  | 'operator.shareTitle'
  | 'operator.suspendTitle';

/** A dialog about one person, open while there is one; its title has their name. */
export function PersonDialog(props: {
  person: PersonRow | null;
  onClose: () => void;
  title: Title;
  lead?: (person: PersonRow) => string;
  children: (person: () => PersonRow) => JSX.Element;
}) {
  return (
    <Show when={props.person}>
      {(person) => (
        <Dialog
          open
          onClose={props.onClose}
          title={t(props.title, { name: person().displayName })}
          {...(props.lead && { lead: props.lead(person()) })}
        >
          {props.children(person)}
        </Dialog>
      )}
    </Show>
  );
}

/** Why something is done to somebody. */
export function ReasonField(props: {
  value: string;
  onValue: (value: string) => void;
  hint: string;
  error: string | undefined;
}) {
  return (
    <Field
      label={t('operator.reason')}
      maxlength={REASON_LENGTH_MAX}
      value={props.value}
      onInput={(event) => props.onValue(event.currentTarget.value)}
      hint={props.hint}
      error={props.error}
    />
  );
}
