import type { Minor } from '../contract/index.ts';
import { currencyOf, type Settings, SettingsError } from '../settings/index.ts';
import { BtcPay } from './btcpay.ts';
import { SignedWebhook } from './signed-webhook.ts';

/** What a page has asked to pay. */
export interface Order {
  readonly paymentId: number;
  readonly amountMinor: Minor;
  /** Where the browser goes when it is done. */
  readonly returnUrl: string;
}

/** A request of a provider, exactly as it came. */
export interface RawNews {
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Uint8Array;
  readonly nowMs: number;
}

/** How a payment stands, by its provider's word, of which every signature and amount has been checked. */
export interface News {
  readonly externalId: string;
  readonly state: 'open' | 'pending' | 'settled' | 'expired' | 'failed';
  /** What was paid, or is to be paid. */
  readonly amountMinor: Minor;
  /** A payment that a page had started, or the client's user name. */
  readonly paymentId: number | null;
  readonly username: string | null;
  /** What an operator has to look at, in words; null when all is as it should be. */
  readonly trouble: string | null;
}

/** A way for credit to come in. */
export interface Provider {
  readonly name: 'btcpay' | 'webhook';
  readonly label: string;
  /** @throws UserError `provider_unavailable`; null when it has no page to send people to */
  readonly checkout: ((order: Order) => Promise<{ externalId: string | null; checkoutUrl: string }>) | null;
  /**
   * Reads what the provider sent; null for news that say nothing of payments of ours.
   * @throws UserError `bad_signature`, `malformed`, `provider_unavailable`
   */
  read(news: RawNews): Promise<News | null>;
  /** Asks how a payment stands, for news that never came; null where the provider cannot be asked. */
  readonly ask: ((externalId: string) => Promise<News | null>) | null;
}

/** The providers that the settings name. @throws SettingsError when one is named by half */
export function openProviders(settings: Settings): Provider[] {
  const { payments } = settings;
  const currency = currencyOf(settings);
  const providers: Provider[] = [];
  const btcpay = {
    btcpayUrl: payments.btcpayUrl,
    btcpayStoreId: payments.btcpayStoreId,
    btcpayApiKey: payments.btcpayApiKey,
    btcpayWebhookSecret: payments.btcpayWebhookSecret,
  };
  const missing = Object.entries(btcpay).filter(([, value]) => value === '');
  if (missing.length === 0) providers.push(new BtcPay({ ...btcpay, label: payments.btcpayLabel }, currency));
  else if (missing.length < Object.keys(btcpay).length) {
    const names = missing.map(([key]) => `payments.${key}`).join(', ');
    throw new SettingsError(`BTCPay Server is set up by half: ${names} is missing.`);
  }
  if (payments.webhookSecret !== '') {
    const { webhookSecret: secret, webhookLabel: label, webhookCheckoutUrl: checkoutUrl } = payments;
    providers.push(new SignedWebhook({ secret, label, checkoutUrl }, currency));
  } else if (payments.webhookCheckoutUrl !== '') {
    throw new SettingsError(
      'payments.webhookCheckoutUrl needs payments.webhookSecret, or no payment would ever arrive.',
    );
  }
  return providers;
}
