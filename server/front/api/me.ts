import { type Person, pictureUrlOf } from '../../accounts/index.ts';
import type { Me } from '../../contract/index.ts';
import type { ApiDeps } from './session.ts';

/** A person as they see themselves. */
export async function meOf(person: Person, deps: ApiDeps): Promise<Me> {
  const { personId, role, username, displayName } = person;
  const terms = role === 'model' ? await deps.accounts.model(personId) : null;
  const until = terms?.availableUntil ?? null;
  return {
    personId,
    role,
    username,
    displayName,
    hasPassword: person.hasPassword,
    balanceMinor: role === 'operator' ? null : await deps.ledger.balanceOf(personId, role),
    profile: terms?.profile ?? null,
    isProfileSet: terms?.isProfileSet ?? false,
    pictureUrl: pictureUrlOf(person),
    isVerified: person.verifiedAt !== null,
    rating: role === 'model' ? await deps.ratings.summaryOf(personId) : null,
    refusesLooks: terms?.refusesLooks ?? false,
    sharePercent: terms ? (terms.sharePercent ?? deps.settings.money.modelSharePercent) : null,
    availableUntil: until && until.getTime() > Date.now() ? until.toISOString() : null,
  };
}
