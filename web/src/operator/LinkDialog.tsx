import type { SignInLink } from '@contract/api.ts';
import type { PersonRow } from '@contract/people.ts';
import { Show } from 'solid-js';
import { useServices } from '~/app/services.tsx';
import { t } from '~/i18n';
import { formatDateTime } from '~/money';
import { Button, CopyField } from '~/ui';
import { Dialog } from '~/ui/Dialog.tsx';

/** A one-time link to hand over. */
export function LinkDialog(props: { handed: { person: PersonRow; link: SignInLink } | null; onClose: () => void }) {
  const { locale } = useServices();
  return (
    <Show when={props.handed}>
      {(handed) => (
        <Dialog
          open
          onClose={props.onClose}
          title={t('operator.linkTitle', { name: handed().person.displayName })}
          lead={t('operator.linkLead', { when: formatDateTime(handed().link.expiresAt, locale) })}
        >
          <div class="grid gap-5">
            <CopyField label={t('operator.linkField')} value={handed().link.url} />
            <Button tone="quiet" wide onClick={props.onClose}>
              {t('operator.linkDone')}
            </Button>
          </div>
        </Dialog>
      )}
    </Show>
  );
}
