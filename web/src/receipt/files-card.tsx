import Download from 'lucide-solid/icons/download';
import { callFilePath, VERIFY_PROGRAM_PATH } from '~/api';
import { t } from '~/i18n';
import { Card, DownloadLink } from '~/ui';

/** What a person needs to check a call without the appliance. */
export function FilesCard(props: { callId: number }) {
  const icon = () => <Download size={18} aria-hidden="true" />;
  return (
    <div class="print:hidden">
      <Card title={t('receipt.files.title')}>
        <p class="max-w-prose text-ink-soft">{t('receipt.files.lead')}</p>
        <div class="mt-4 flex flex-wrap gap-3">
          <DownloadLink href={callFilePath(props.callId, 'receipt')} tone="quiet" icon={icon()}>
            {t('receipt.files.receipt')}
          </DownloadLink>
          <DownloadLink href={callFilePath(props.callId, 'log')} tone="quiet" icon={icon()}>
            {t('receipt.files.log')}
          </DownloadLink>
          <DownloadLink href={VERIFY_PROGRAM_PATH} tone="quiet" icon={icon()}>
            {t('receipt.files.program')}
          </DownloadLink>
        </div>
        <p class="mt-4 text-sm text-ink-soft">{t('receipt.files.how')}</p>
        <code class="figures mt-1 block rounded-xl bg-sunken px-4 py-3 text-sm break-words">
          node parlour-verify.mjs parlour-call-{props.callId}-log.json parlour-call-{props.callId}-receipt.json
        </code>
      </Card>
    </div>
  );
}
