import type { Currency } from '@contract/money.ts';
import type { Accessor } from 'solid-js';
import { locale } from '~/i18n';
import { formatMinor } from '~/money';
import { useSession } from './session-context.ts';

/** The appliance's one currency. Pages are shown only once the appliance has answered, so that it is known. */
export function useCurrency(): Accessor<Currency> {
  const session = useSession();
  return () => {
    const appliance = session.appliance();
    if (!appliance) throw new Error('the currency is not known before the appliance has answered');
    return appliance.currency;
  };
}

/** Writes an amount in the appliance's currency, as this person's locale does. */
export function useMoney(): (minor: number) => string {
  const currency = useCurrency();
  return (minor) => formatMinor(minor, currency(), locale);
}
