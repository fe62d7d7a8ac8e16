import { t } from '~/i18n';
import { Dialog } from '~/ui/dialog.tsx';
import { PasswordForm } from './password-form.tsx';

export default function PasswordDialog(props: { open: boolean; onClose: () => void }) {
  return (
    <Dialog open={props.open} onClose={props.onClose} title={t('password.choose')} lead={t('password.why')}>
      <PasswordForm onSet={props.onClose} />
    </Dialog>
  );
}
