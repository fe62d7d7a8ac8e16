// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are texts of sources
import { inFile, type MutatedModule } from './mutant.ts';

const CONNECTIONS = inFile(
  'server/hub/hub.ts',
  ['CONNECTIONS_PER_PERSON_MAX = 16', 'CONNECTIONS_PER_PERSON_MAX = 17', 'a person has sixteen pages at most'],
  ['CONNECTIONS_PER_PERSON_MAX = 16', 'CONNECTIONS_PER_PERSON_MAX = 15', 'a person may have sixteen pages'],
  ['const [oldest] = own;', 'const oldest = entry;', 'the oldest page gives way'],
  ["oldest?.socket.close(HUB_CLOSE_TOO_MANY, 'too many pages of one person');", '', 'the oldest page is closed'],
  ["    this.#write(entry, { type: 'hello', personId: entry.personId });\n", '', 'hello is the first message'],
  ['    this.#onOpen(entry);\n', '', 'others hear of a page that has come'],
  ['    this.#onClose(entry);\n', '', 'others hear of a page that has gone'],
  ['    this.#entries.delete(entry.connectionId);\n', '', 'a page that has gone is no longer there'],
  ['    own?.delete(entry);\n', '', 'a page that has gone hears nothing'],
  [
    'if (own?.size === 0) this.#byPerson',
    'if (own?.size === 1) this.#byPerson',
    'a person is online while a page is there',
  ],
  ['    if (own?.size === 0) this.#byPerson.delete(entry.personId);\n', '', 'a person without a page is offline'],
  [
    'const own = this.#byPerson.get(entry.personId) ?? new Set();',
    'const own = new Set<Entry>();',
    'every page of a person is kept',
  ],
  ['connectionId: this.#nextId++', 'connectionId: this.#nextId', 'each page has its own number'],
);

const MESSAGES = inFile(
  'server/hub/hub.ts',
  ['MESSAGE_BURST_MAX = 120', 'MESSAGE_BURST_MAX = 1_200', 'a hundred and twenty messages in a burst'],
  ['MESSAGE_BURST_MAX = 120', 'MESSAGE_BURST_MAX = 119', 'a hundred and twenty messages in a burst, not less'],
  ['MESSAGES_PER_SECOND_MAX = 30', 'MESSAGES_PER_SECOND_MAX = 300', 'thirty messages a second in the long run'],
  ['if (!entry.bucket.take() || !entry.budget', 'if (!entry.budget', 'a page that floods is refused'],
  ['take() || !entry.budget.takeMessage())', 'take())', 'all pages of a person have one budget'],
  [
    '    if (!entry.budget.takeCost(message.type)) return this.#refuseExcess(entry, text);\n',
    '',
    'dear messages count',
  ],
  ['id: id === undefined ? null : Number(id)', 'id: null', 'what is too much is answered with its id'],
  [
    'if (entry.budget.isExcessive()) entry.socket.close(HUB_CLOSE_TOO_MANY',
    'if (false) entry.socket.close(HUB_CLOSE_TOO_MANY',
    'who does not stop is closed',
  ],
  ["if (!handler) throw new UserError('unavailable');", '', 'before there are handlers, a page is told so'],
  [
    "this.#write(entry, { type: 'ok', id: message.id, ...result });",
    "this.#write(entry, { type: 'ok', id: message.id });",
    'the answer names the call',
  ],
  [
    "this.#write(entry, { type: 'ok', id: message.id, ...result });",
    "this.#write(entry, { type: 'ok', id: entry.connectionId, ...result });",
    'the answer has the id of the question',
  ],
  [
    "return this.#refuse(entry, null, new UserError('malformed', 'The message is not JSON.').toBody());",
    'return null;',
    'what is no JSON is answered',
  ],
  ['Number.isSafeInteger(id) ? (id as number) : null', 'null', 'a refusal has the id where there is one'],
  ['if (!validator) return this.#refuse(', 'if (false) return this.#refuse(', 'no type without a schema is handled'],
  ['if (!validator.Check(value)) {', 'if (false) {', 'a message fits its schema'],
  [
    "if (fault) return this.#refuse(entry, knownId, new UserError('malformed', fault).toBody());",
    '',
    'no message holds a NUL',
  ],
  ['    entry.badMessagesInARow = 0;\n', '', 'a good message starts the count anew'],
  ['entry.badMessagesInARow += 1;', 'entry.badMessagesInARow += 2;', 'three malformed messages, not two'],
  [
    'entry.badMessagesInARow >= HUB_BAD_MESSAGES_MAX',
    'entry.badMessagesInARow > HUB_BAD_MESSAGES_MAX',
    'the third malformed message ends it',
  ],
  ['entry.socket.close(HUB_CLOSE_BAD_MESSAGES,', 'entry.socket.close(HUB_CLOSE_TOO_MANY,', 'the close says why'],
  ['    if (error instanceof UserError) return error.toBody();\n', '', 'a refusal has its code'],
  [
    "if ((error as Error)?.name === 'StoreUnavailable') {",
    'if (false) {',
    'a database that is away is no fault of ours',
  ],
  [
    "return new UserError('internal').toBody();",
    'return { code: "internal", message: String(error) };',
    'what went wrong inside stays inside',
  ],
);

const DELIVERY = inFile(
  'server/hub/hub.ts',
  [
    'for (const entry of this.#byPerson.get(personId) ?? []) entry.socket.send(text);',
    'for (const entry of this.#byPerson.get(personId) ?? []) return entry.socket.send(text);',
    'every page of a person hears it',
  ],
  [
    'for (const entry of this.#byPerson.get(personId) ?? []) entry.socket.send(text);',
    'for (const entry of this.#entries.values()) entry.socket.send(text);',
    'nobody else hears it',
  ],
  ['if (first?.role !== role) continue;', '', 'only pages of the role hear it'],
  ['if (!message) continue;', 'if (!message) break;', 'who is to hear nothing keeps it from nobody else'],
  [
    'const text = texts.get(message) ?? JSON.stringify(message);',
    'const text = [...texts.values()][0] ?? JSON.stringify(message);',
    'each person hears their own',
  ],
  [
    'if (entry.role === role) entry.socket.send(text);',
    'entry.socket.send(text);',
    'what is for operators is heard by operators',
  ],
  [
    'if (which(entry)) entry.socket.close(code, reason);',
    'entry.socket.close(code, reason);',
    'only the named pages are closed',
  ],
  ['return this.#entries.has(connectionId);', 'return true;', 'a page that has gone is not connected'],
  ['return this.#byPerson.has(personId);', 'return this.#entries.size > 0;', 'a person is online by their own pages'],
);

const BUCKET = inFile(
  'server/rates/token-bucket.ts',
  [
    'Math.min(this.#burst, this.#tokens +',
    'Math.min(Number.MAX_VALUE, this.#tokens +',
    'tokens do not add up beyond the burst',
  ],
  ['/ 1_000) * this.#perSecond', '/ 100) * this.#perSecond', 'tokens come back at their rate'],
  ['    this.#filledAtMs = nowMs;\n  }\n}', '  }\n}', 'time is counted once'],
  [
    'if (this.#tokens < count) return false;',
    'if (this.#tokens < 0) return false;',
    'nothing is taken where nothing is',
  ],
  ['    this.#tokens -= count;\n', '', 'a token is used up'],
  ['    this.#tokens -= count;\n', '    this.#tokens -= 1;\n', 'as many as are asked for are used up'],
);

const BUDGET = inFile(
  'server/hub/person-budget.ts',
  ['BURST_MAX = 240', 'BURST_MAX = 480', 'two pages of messages in a burst'],
  ['(COSTS[type] ?? 1) - 1', '0', 'a message that makes work counts for several'],
  ['return !this.#excess.take();', 'return false;', 'what is refused is counted'],
  ['EXCESS_BURST_MAX = 300', 'EXCESS_BURST_MAX = 3_000', 'three hundred refusals close a page'],
  ['this.#byPerson.get(personId) ?? new PersonBudget()', 'new PersonBudget()', 'a person has one budget'],
);

const ADMISSION = inFile(
  'server/hub/admission.ts',
  ['SIGN_IN_MS_MAX = 5_000', 'SIGN_IN_MS_MAX = 50_000', 'a stranger stays for five seconds at most'],
  ['STRANGERS_PER_ADDRESS_MAX = 64', 'STRANGERS_PER_ADDRESS_MAX = 640', 'strangers of one address are few'],
  ['STRANGERS_MAX = 1_024', 'STRANGERS_MAX = 10_240', 'strangers are bounded'],
  ['HELD_MESSAGES_MAX = 16;', 'HELD_MESSAGES_MAX = 160;', 'a stranger says little'],
  ['HELD_CHARACTERS_MAX = 16 * 1024', 'HELD_CHARACTERS_MAX = 160 * 1024', 'what a stranger says is short'],
  ['this.#count < STRANGERS_MAX &&', 'this.#count <= STRANGERS_MAX &&', 'strangers are counted together'],
  ['?? 0) < STRANGERS_PER_ADDRESS_MAX', '?? 0) <= STRANGERS_PER_ADDRESS_MAX', 'strangers are counted by address'],
  ['    this.#add(address, 1);\n', '', 'a stranger is counted'],
  ['() => this.#add(address, -1)', '() => {}', 'who is known is no stranger any more'],
  ['this.#timer = setTimeout(unavailable, msMax);', '', 'a stranger does not stay'],
  ['      unavailable();\n    });', '    });', 'a database that is away closes the socket'],
  [
    'this.#held.length > HELD_MESSAGES_MAX ||',
    'this.#held.length >= HELD_MESSAGES_MAX ||',
    'sixteen messages are kept',
  ],
  ['this.#held.length > HELD_MESSAGES_MAX ||', '', 'no more than sixteen messages are kept'],
  ['|| this.#heldCharacters > HELD_CHARACTERS_MAX)', ')', 'what a stranger says is bounded in length'],
  ['    this.#heldCharacters += text.length;\n', '', 'what a stranger says is added up'],
  ['if (connection) this.#deps.hub.disconnect(connection);', '', 'a page that has gone leaves the hub'],
  [
    "    if (this.#state !== 'stranger') return;\n    if (person) this.#welcome(person);",
    '    if (person) this.#welcome(person);',
    'an answer that comes too late lets nobody in',
  ],
  [
    'if (person) this.#welcome(person);\n    else this.#refuse(',
    'this.#welcome(person ?? { personId: 1, role: "client" });\n    if (!person) this.#refuse(',
    'a session that is not good lets nobody in',
  ],
  [
    'if (this.#isGone()) return this.#deps.hub.disconnect(connection);',
    '',
    'who was closed at the first message leaves the hub',
  ],
  ['    for (const text of held) this.says(text);\n', '', 'what was said before is read afterwards'],
  [
    'for (const text of held) this.says',
    'for (const text of held.reverse()) this.says',
    'what was said before is read in its order',
  ],
  ["if (this.#state === 'stranger') this.#noStranger();", 'this.#noStranger();', 'a stranger is counted off once'],
);

const ORIGIN = inFile(
  'server/front/origin.ts',
  [
    'origin !== undefined && host !== undefined && origin === `https://${host}`',
    'origin === undefined || origin === `https://${host}`',
    'a page without an origin is not ours',
  ],
  ['origin === `https://${host}`', 'origin.endsWith(`${host}`)', 'an origin that ends like ours is not ours'],
);

const SOCKET = inFile(
  'server/hub/socket.ts',
  [
    'maxPayloadLength: HUB_MESSAGE_BYTES_MAX',
    'maxPayloadLength: 16 * HUB_MESSAGE_BYTES_MAX',
    'a message of a page has a limit',
  ],
  ["      return refuse('403 Forbidden', 'bad_origin');", '      void 0;', 'no page of another origin gets a socket'],
  ["if (!session) return refuse('401 Unauthorized', 'not_signed_in');", '', 'no socket without a session'],
  [
    "if (!this.#admission.hasRoomFor(address)) return refuse('429 Too Many Requests', 'too_many_requests');",
    '',
    'no socket beyond the bounds of strangers',
  ],
  ["message(ws, isBinary ? '' :", "message(ws, false ? '' :", 'a binary message is malformed'],
  ['      data.visitor?.leaves();\n', '', 'a socket that is closed leaves the hub'],
);

export const HUB: MutatedModule = {
  says: 'who is connected, what a page may say, and who hears what',
  suites: [
    { name: 'hub', entry: 'test/server/hub.test.ts' },
    { name: 'hub-admission', entry: 'test/server/hub-admission.test.ts' },
    { name: 'hub-socket', entry: 'test/integration/hub-socket.test.ts', needsDatabase: true },
  ],
  mutants: [...CONNECTIONS, ...MESSAGES, ...DELIVERY, ...BUCKET, ...BUDGET, ...ADMISSION, ...ORIGIN, ...SOCKET],
};
