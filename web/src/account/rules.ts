import { PASSWORD_LENGTH_MIN, USERNAME_LENGTH_MAX, USERNAME_LENGTH_MIN } from '@contract/limits.ts';
import { t } from '~/i18n';

/** What is wrong with a user name, in words; undefined when nothing is. */
export function usernameProblem(username: string): string | undefined {
  if (username === '') return t('form.required');
  if (!/^[a-z0-9][a-z0-9._-]*$/.test(username)) return t('form.usernameShape');
  if (username.length < USERNAME_LENGTH_MIN || username.length > USERNAME_LENGTH_MAX)
    return t('form.usernameLength', { min: USERNAME_LENGTH_MIN, max: USERNAME_LENGTH_MAX });
  return undefined;
}

export function passwordProblem(password: string): string | undefined {
  if (password === '') return t('form.required');
  return password.length < PASSWORD_LENGTH_MIN ? t('form.passwordShort', { min: PASSWORD_LENGTH_MIN }) : undefined;
}

export function displayNameProblem(name: string): string | undefined {
  return name.trim() === '' ? t('form.required') : undefined;
}

/** A user name that fits a display name: "Mia Grün" gives "mia.grun". */
export function suggestUsername(displayName: string): string {
  return displayName
    .normalize('NFKD')
    .replace(/[\u0300-\u036f]/g, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '.')
    .replace(/^\.+|\.+$/g, '')
    .slice(0, USERNAME_LENGTH_MAX);
}
