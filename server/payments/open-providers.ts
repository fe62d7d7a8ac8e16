import { currencyOf, type Settings, SettingsError } from '../settings/index.ts';
import { BtcPay } from './btcpay.ts';
import type { Provider } from './provider.ts';
import { SignedWebhook } from './signed-webhook.ts';

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
