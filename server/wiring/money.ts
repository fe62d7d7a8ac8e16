import type { Hub } from '../hub/index.ts';
import { Ledger } from '../ledger/index.ts';
import { Bookkeeper, MoneyEvents, openProviders, Payments, Payouts, Vouchers } from '../payments/index.ts';
import { currencyOf } from '../settings/index.ts';
import type { Base } from './base.ts';

/** The ledger and the ways of money into it and out of it. @throws CurrencyDiffers */
export async function openMoney({ store, settings, log, metrics, stops }: Base, hub: Hub) {
  const ledger = new Ledger(store);
  await ledger.holdCurrency(currencyOf(settings));
  const vouchers = new Vouchers(store.main, ledger);
  const payouts = new Payouts(store.main, ledger, settings.payments);
  const payments = new Payments({ database: store.main, ledger, log }, openProviders(settings), settings.payments);
  const events = new MoneyEvents((to) =>
    to === 'operators' ? hub.sendToRole('operator', { type: 'money' }) : hub.sendToPerson(to, { type: 'money' }),
  );
  stops.push(() => events.stop());
  vouchers.onChange(() => events.changed());
  for (const source of [payouts, payments]) source.onChange((personId) => events.changed(personId));
  const bookkeeper = new Bookkeeper({ ledger, vouchers, payouts, payments, log, metrics });
  return { ledger, vouchers, payouts, payments, bookkeeper, events };
}
