import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';

export type InvoiceStatus = 'New' | 'Processing' | 'Settled' | 'Expired' | 'Invalid';

/** An invoice as Greenfield gives it, as far as its documentation goes (docs.btcpayserver.org/API/Greenfield/v1). */
export interface Invoice {
  id: string;
  storeId: string;
  amount: string;
  currency: string;
  type: 'Standard';
  checkoutLink: string;
  createdTime: number;
  expirationTime: number;
  status: InvoiceStatus;
  additionalStatus: 'None' | 'PaidLate' | 'PaidOver' | 'PaidPartial' | 'Marked';
  metadata: Record<string, unknown>;
}

/** A store of BTCPay Server on loopback: invoices are made, read and settled; webhooks are signed as documented. */
export class BtcPayDouble {
  readonly storeId = 'StoreForTests1';
  readonly apiKey = 'key-that-may-make-invoices';
  readonly webhookSecret = 'secret-of-the-webhook';
  readonly invoices = new Map<string, Invoice>();
  isDown = false;
  /** Answers after the invoice was made get lost. */
  losesAnswers = false;
  /** Ids of invoices that cannot be read. */
  readonly broken = new Set<string>();
  readonly #server = http.createServer((request, response) => void this.#answer(request, response));
  #deliveries = 0;

  async start(): Promise<void> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  stop(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  set(invoiceId: string, status: InvoiceStatus): void {
    (this.invoices.get(invoiceId) as Invoice).status = status;
  }

  /** A delivery with its signature over exactly these bytes. */
  delivery(type: string, invoiceId: string, more: object = {}): { text: string; headers: Record<string, string> } {
    const deliveryId = `delivery-${++this.#deliveries}`;
    const text = JSON.stringify({
      deliveryId,
      webhookId: 'webhook-1',
      originalDeliveryId: deliveryId,
      isRedelivery: false,
      type,
      timestamp: Math.floor(Date.now() / 1_000),
      storeId: this.storeId,
      invoiceId,
      ...more,
    });
    const signature = createHmac('sha256', this.webhookSecret).update(text).digest('hex');
    return { text, headers: { 'BTCPay-Sig': `sha256=${signature}` } };
  }

  async #answer(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    let body = '';
    for await (const chunk of request) body += chunk;
    const send = (status: number, answer: object) =>
      response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(answer));
    if (this.isDown) return void request.socket.destroy();
    if (request.headers.authorization !== `token ${this.apiKey}`) return void send(401, { code: 'unauthenticated' });
    const base = `/api/v1/stores/${this.storeId}/invoices`;
    if (request.method === 'POST' && request.url === base) {
      const invoice = this.#make(JSON.parse(body));
      if (this.losesAnswers) return void request.socket.destroy();
      return void send(200, invoice);
    }
    const invoice = request.url?.startsWith(`${base}/`) && this.invoices.get(request.url.slice(base.length + 1));
    if (invoice && this.broken.has(invoice.id)) return void send(500, { code: 'generic-error' });
    if (invoice) return void send(200, invoice);
    send(404, { code: 'invoice-not-found', message: 'The invoice was not found' });
  }

  #make(order: { amount: string; currency: string; metadata?: Record<string, unknown> }): Invoice {
    const id = `Invoice${this.invoices.size + 1}`;
    const now = Math.floor(Date.now() / 1_000);
    const invoice: Invoice = {
      id,
      storeId: this.storeId,
      amount: order.amount,
      currency: order.currency,
      type: 'Standard',
      checkoutLink: `${this.url}/i/${id}`,
      createdTime: now,
      expirationTime: now + 900,
      status: 'New',
      additionalStatus: 'None',
      metadata: order.metadata ?? {},
    };
    this.invoices.set(id, invoice);
    return invoice;
  }
}
