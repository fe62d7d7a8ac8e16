import Type, { type Static } from 'typebox';
import {
  type Currency,
  GRACE_MS,
  MINIMUM_MIN_MAX,
  PAYOUT_MINOR_MAX,
  RATE_MINOR_MAX,
  RATE_MINOR_MIN,
  Tariff,
  TOP_UP_MINOR_MAX,
  TransportChoice,
} from '../contract/index.ts';

const port = (fallback: number, description: string) =>
  Type.Integer({ minimum: 0, maximum: 65_535, default: fallback, description });

const text = (pattern: string, description: string) =>
  Type.String({ pattern, maxLength: 500, default: '', description });

/** Every setting, with its default, its range and what it is for. `docs/operating.md` and `docs/money.md` list them. */
export const settingsSchema = Type.Object(
  {
    name: Type.String({ minLength: 1, maxLength: 64, default: 'Parlour', description: 'The name that people read' }),
    data: Type.String({ default: '', description: 'Folder of database, keys and certificates' }),
    front: Type.Object(
      {
        host: Type.String({ default: '0.0.0.0', description: 'Address to listen on' }),
        port: port(8443, 'TCP port of pages, API and hub; 0 takes a free one'),
        names: Type.Array(Type.String({ minLength: 1 }), {
          maxItems: 20,
          default: [],
          description: 'More host names or addresses under which pages reach the appliance',
        }),
      },
      { additionalProperties: false },
    ),
    database: Type.Object(
      { url: Type.String({ default: '', description: 'A PostgreSQL to use instead of the embedded one' }) },
      { additionalProperties: false },
    ),
    media: Type.Object(
      {
        udpPort: port(8444, 'UDP port of WebRTC media; 0 takes a free one'),
        transport: Type.Unsafe<TransportChoice>({
          ...TransportChoice,
          default: 'auto',
          description:
            'How media goes: webtransport takes it where both pages have it, and WebRTC else; auto takes what measured better',
        }),
        webTransportPort: port(8445, 'UDP port of WebTransport media; 0 takes a free one'),
        address: Type.String({ default: '', description: 'Address to bind media to; empty: every address' }),
        publicAddress: text('^([A-Za-z0-9.:-]+)?$', 'Address or name that clients outside reach, if it is another'),
        stunServer: text(
          '^([A-Za-z0-9.-]+(:[0-9]{1,5})?)?$',
          'A STUN server that tells the public address when none is set; empty: nobody is asked',
        ),
        turnUrls: Type.Array(Type.String({ pattern: '^turns?:[^\\s]+$', maxLength: 200 }), {
          maxItems: 8,
          default: [],
          description: 'TURN servers for pages that cannot reach the media port',
        }),
        turnSecret: text('^[^\\s]*$', "The TURN servers' shared secret (coturn: static-auth-secret)"),
        turnMinutes: Type.Integer({
          minimum: 5,
          maximum: 1_440,
          default: 240,
          description: 'How long the TURN credentials of a page work; longer than any call',
        }),
      },
      { additionalProperties: false },
    ),
    money: Type.Object(
      {
        currency: Type.String({ pattern: '^[A-Z]{3}$', default: 'EUR', description: 'ISO 4217 code' }),
        minorDigits: Type.Integer({ minimum: 0, maximum: 3, default: 2, description: 'Digits of the minor unit' }),
        modelSharePercent: Type.Integer({
          minimum: 0,
          maximum: 100,
          default: 60,
          description: "The model's share of each charge; rounded down, the rest is the studio's",
        }),
        tariff: Type.Unsafe<Tariff>({ ...Tariff, default: 'per_minute', description: 'How time becomes charges' }),
        rateMinorMin: Type.Integer({
          minimum: RATE_MINOR_MIN,
          maximum: RATE_MINOR_MAX,
          default: RATE_MINOR_MIN,
          description: 'Lowest price a model may ask',
        }),
        rateMinorMax: Type.Integer({
          minimum: 1,
          maximum: RATE_MINOR_MAX,
          default: RATE_MINOR_MAX,
          description: 'Highest price a model may ask',
        }),
      },
      { additionalProperties: false },
    ),
    people: Type.Object(
      {
        minimumMinMax: Type.Integer({
          minimum: 0,
          maximum: MINIMUM_MIN_MAX,
          default: MINIMUM_MIN_MAX,
          description: 'Longest minimum call time a model may ask, in minutes',
        }),
        looksMax: Type.Integer({
          minimum: 1,
          maximum: 1_000,
          default: 3,
          description:
            'Confirmations with one model that a client may leave within 24 h before she is asked whether she takes another ring',
        }),
        looksPerDayMax: Type.Integer({
          minimum: 1,
          maximum: 10_000,
          default: 20,
          description:
            'Confirmations, with all models, that a client may leave within 24 h before no ring goes out any more',
        }),
        ringsPerMinuteMax: Type.Integer({
          minimum: 1,
          maximum: 1_000_000,
          default: 10,
          description: 'Rings of a client in a minute',
        }),
        ringsOfPairPerHourMax: Type.Integer({
          minimum: 1,
          maximum: 1_000_000,
          default: 20,
          description: 'Rings of a client at one model in an hour',
        }),
        showStaff: Type.Boolean({
          default: false,
          description: "Whether a model sees that a caller is one of the studio's staff",
        }),
      },
      { additionalProperties: false },
    ),
    payments: Type.Object(
      {
        amountMinMinor: Type.Integer({
          minimum: 1,
          maximum: TOP_UP_MINOR_MAX,
          default: 500,
          description: 'Least credit that a client can buy at once',
        }),
        amountMaxMinor: Type.Integer({
          minimum: 1,
          maximum: TOP_UP_MINOR_MAX,
          default: 100_000,
          description: 'Most credit that a client can buy at once',
        }),
        btcpayUrl: text('^(https?://[^\\s]+)?$', 'Address of a BTCPay Server; empty: none'),
        btcpayStoreId: text('^[A-Za-z0-9]*$', 'Its store'),
        btcpayApiKey: text('^[^\\s]*$', 'An API key of it that may create and view invoices'),
        btcpayWebhookSecret: text('^[^\\s]*$', "The secret of the store's webhook"),
        btcpayLabel: Type.String({ minLength: 1, maxLength: 64, default: 'Bitcoin', description: 'What people read' }),
        webhookSecret: text('^([^\\s]{32,})?$', 'Secret with which another provider signs; empty: none'),
        webhookLabel: Type.String({ minLength: 1, maxLength: 64, default: 'Card', description: 'What people read' }),
        webhookCheckoutUrl: text(
          '^(https?://[^\\s]+)?$',
          'Its page to pay on, with {paymentId}, {amount}, {currency} and {returnUrl} in it; empty: none',
        ),
        payoutMinMinor: Type.Integer({
          minimum: 1,
          maximum: PAYOUT_MINOR_MAX,
          default: 1,
          description: 'Least amount of a payout',
        }),
        payoutSecondApprovalMinor: Type.Integer({
          minimum: 0,
          maximum: PAYOUT_MINOR_MAX,
          default: 0,
          description: 'Payouts above it need two operators; 0: never',
        }),
      },
      { additionalProperties: false },
    ),
    watch: Type.Object(
      { port: port(0, 'TCP port on loopback of health and metrics, for programs of this machine; 0: none') },
      { additionalProperties: false },
    ),
    push: Type.Object(
      {
        contact: text(
          '^((mailto:|https://)[^\\s]+)?$',
          'Whom a push service can ask about this appliance: mailto:… or https://…; Apple refuses pushes without a real one',
        ),
        allowPrivate: Type.Boolean({
          default: false,
          description: 'Whether push services at private addresses and other ports are spoken to: for one of your own',
        }),
      },
      { additionalProperties: false },
    ),
    meter: Type.Object(
      {
        slowLinkKbps: Type.Integer({
          minimum: 0,
          maximum: 1_000_000,
          default: 12_000,
          description: 'Uplink under which a call is not charged',
        }),
        graceMs: Type.Integer({
          minimum: 1_000,
          maximum: 3_600_000,
          default: GRACE_MS,
          description: 'Grace after the credit ran out',
        }),
        capacity: Type.Integer({ minimum: 1, maximum: 1_000_000, default: 10_000, description: 'Calls at once' }),
      },
      { additionalProperties: false },
    ),
    log: Type.Object(
      {
        level: Type.Union(
          (['debug', 'info', 'warn', 'error'] as const).map((level) => Type.Literal(level)),
          { default: 'info', description: 'Least level that is logged' },
        ),
      },
      { additionalProperties: false },
    ),
  },
  { additionalProperties: false },
);

export type Settings = Readonly<Static<typeof settingsSchema>>;

export const currencyOf = (settings: Settings): Currency => ({
  code: settings.money.currency,
  minorDigits: settings.money.minorDigits,
});
