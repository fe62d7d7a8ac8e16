import type { Role } from '@contract/people.ts';

/** Pages that are some roles' only, by the first part of their address; all others are everybody's. */
const ONLY: Record<string, readonly Role[]> = {
  operator: ['operator'],
  wallet: ['client'],
  payments: ['client'],
  models: ['client'],
  earnings: ['model'],
  profile: ['model'],
  messages: ['client', 'model'],
};

/** Whether a page is for this role. The appliance decides over what it shows; this spares a page of refusals. */
export function isOpenTo(role: Role, path: string): boolean {
  const [, first = ''] = path.split('/');
  return ONLY[first]?.includes(role) ?? true;
}
