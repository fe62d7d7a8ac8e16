import t from 'tap';
import { FreshCodes } from '../../server/payments/fresh-codes.ts';
import { digestOfCode, newCode, readCode } from '../../server/payments/voucher-code.ts';

const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const plainOf = (code: string) => code.replaceAll('-', '');
const many = Array.from({ length: 300 }, newCode);

t.test('a code is four groups of five, of all thirty-two characters', async (t) => {
  for (const code of many) t.match(code, /^([0-9A-HJKMNP-TV-Z]{5}-){3}[0-9A-HJKMNP-TV-Z]{5}$/);
  const chosen = many.map((code) => plainOf(code).slice(0, -1)).join('');
  t.equal(new Set(chosen).size, ALPHABET.length, 'without the last one, which checks');
  t.equal(new Set(many).size, many.length);
});

t.test('a code is read however it is typed', async (t) => {
  const typed: ((code: string) => string)[] = [
    (code) => ` ${code.toLowerCase().replaceAll('-', ' ')} `,
    (code) => plainOf(code).replaceAll('0', 'O').replaceAll('1', 'I'),
    (code) => plainOf(code).replaceAll('0', 'o').replaceAll('1', 'l'),
  ];
  for (const as of typed)
    t.same(
      many.map((code) => readCode(as(code))),
      many.map(plainOf),
    );
});

t.test('a code with one wrong character is none', async (t) => {
  const plain = plainOf(newCode());
  const typed = [...plain].flatMap((right, at) =>
    [...ALPHABET.replace(right, '')].map((wrong) => plain.slice(0, at) + wrong + plain.slice(at + 1)),
  );
  t.equal(typed.length, 20 * 31);
  t.same(
    typed.filter((code) => readCode(code) !== null),
    [],
  );
});

t.test('a code with two neighbours exchanged is none', async (t) => {
  const typed = many.map(plainOf).flatMap((plain) =>
    [...plain.slice(1)].flatMap((b, at) => {
      const a = plain[at] as string;
      // Luhn's algorithm does not tell its first character beside its last one from the two exchanged.
      const isSame = a === b || ['0Z', 'Z0'].includes(a + b);
      return isSame ? [] : [plain.slice(0, at) + b + a + plain.slice(at + 2)];
    }),
  );
  t.same(
    typed.filter((code) => readCode(code) !== null),
    [],
  );
});

t.test('a code that is too short is none, though its last character fits', async (t) => {
  let code = newCode();
  while (!code.startsWith('0')) code = newCode();
  t.equal(readCode(code.slice(1)), null);
});

t.test('a code with a character that no code has is none, whatever its last one', async (t) => {
  for (const last of ALPHABET) t.equal(readCode('!'.repeat(19) + last), null, last);
});

t.test('a code has one digest, with and without its hyphens', async (t) => {
  const code = newCode();
  t.same(digestOfCode(code), digestOfCode(plainOf(code)));
});

const order = (key: string, count = 2) => ({ key, count, amountMinor: 100, label: 'Kiosk' });

t.test('an order that comes again within ten minutes gets the same codes', async (t) => {
  const fresh = new FreshCodes();
  const codes = fresh.of(1, order('key-a'), 0);
  t.equal(codes?.length, 2);
  t.same(fresh.of(1, order('key-a'), 599_999), codes);
  t.notSame(fresh.of(1, order('key-a'), 600_000), codes);
});

t.test('one key is one order, of one operator', async (t) => {
  const fresh = new FreshCodes();
  const codes = fresh.of(1, order('key-a'), 0);
  t.equal(fresh.of(1, order('key-a', 3), 1), null);
  const others = fresh.of(2, order('key-a', 3), 1);
  t.equal(others?.length, 3);
  t.same(fresh.of(1, order('key-a'), 2), codes);
});

t.test('the codes of the last twenty orders are remembered', async (t) => {
  const fresh = new FreshCodes();
  const made = Array.from({ length: 21 }, (_, n) => fresh.of(1, order(`key-${n}`), n));
  t.same(fresh.of(1, order('key-1'), 30), made[1]);
  t.notSame(fresh.of(1, order('key-0'), 30), made[0]);
});
