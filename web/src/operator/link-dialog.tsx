import type { SignInLink } from '@contract/api.ts';
import type { PersonRow } from '@contract/people.ts';
import { createSignal, Show } from 'solid-js';
import { locale, t } from '~/i18n';
import { formatDateTime } from '~/money';
import { Button, CopyField, Select } from '~/ui';
import { Dialog } from '~/ui/dialog.tsx';
import { QrCode } from './qr-code.tsx';

type Handed = { person: PersonRow; link: SignInLink };

/** A one-time link to hand over: to copy, or for the camera of their phone. */
export function LinkDialog(props: { handed: Handed | null; onClose: () => void }) {
  return (
    <Show when={props.handed} keyed>
      {(handed) => (
        <Dialog
          open
          onClose={props.onClose}
          title={t('operator.linkTitle', { name: handed.person.displayName })}
          lead={t('operator.linkLead', { when: formatDateTime(handed.link.expiresAt, locale) })}
        >
          <Link handed={handed} onClose={props.onClose} />
        </Dialog>
      )}
    </Show>
  );
}

function Link(props: { handed: Handed; onClose: () => void }) {
  const urls = () => [...props.handed.link.otherUrls, props.handed.link.url];
  // Whoever is invited most likely sits at another device than the appliance.
  const [chosen, setChosen] = createSignal(urls()[0] ?? props.handed.link.url);
  const isHereOnly = () => chosen() === props.handed.link.url;
  return (
    <div class="grid gap-5">
      <Show when={props.handed.link.otherUrls.length > 0}>
        <div class="grid gap-1.5">
          <Select
            label={t('operator.linkWhere')}
            value={chosen()}
            onChange={setChosen}
            options={urls().map((url) => ({
              value: url,
              label:
                url === props.handed.link.url
                  ? t('operator.linkHere')
                  : t('operator.linkAt', { address: new URL(url).host }),
            }))}
          />
          <p class="text-sm text-ink-soft">{t(isHereOnly() ? 'operator.linkHereOnly' : 'operator.linkNetwork')}</p>
        </div>
      </Show>
      <CopyField label={t('operator.linkField')} value={chosen()} />
      <div class="flex flex-wrap items-center gap-4">
        <QrCode text={chosen()} label={t('operator.linkQr')} />
        <p class="min-w-0 flex-1 basis-40 text-ink-soft">{t('operator.linkQrWhy')}</p>
      </div>
      <Button tone="quiet" wide onClick={props.onClose}>
        {t('operator.linkDone')}
      </Button>
    </div>
  );
}
