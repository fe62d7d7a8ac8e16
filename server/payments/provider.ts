import type { Minor } from '../contract/index.ts';

/** What a page has asked to pay. */
export interface Order {
  readonly paymentId: number;
  readonly amountMinor: Minor;
  /** Where the browser goes when it is done. */
  readonly returnUrl: string;
}

/** A request of a provider, exactly as it came. */
export interface RawNotification {
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Uint8Array;
  readonly nowMs: number;
}

/** How a payment stands, by its provider's word, of which every signature and amount has been checked. */
export interface PaymentUpdate {
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
   * Reads what the provider sent; null for what says nothing of payments of ours.
   * @throws UserError `bad_signature`, `malformed`, `provider_unavailable`
   */
  read(notification: RawNotification): Promise<PaymentUpdate | null>;
  /** Asks how a payment stands, for a notification that never came; null where the provider cannot be asked. */
  readonly ask: ((externalId: string) => Promise<PaymentUpdate | null>) | null;
}
