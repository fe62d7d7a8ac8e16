// The Huffman code of HPACK, which QPACK uses too (RFC 7541 appendix B).

/**
 * Length in bits of each symbol's code, in base 36; the 257th is EOS. The code is canonical, so that
 * its lengths say all: codes of one length follow each other in the order of their symbols.
 */
const LENGTHS =
  'dnsssssssoussussssssssusssssssss6aacd68baa8b8666555666666678f6cad67777777777777777777777878djde6f56565666577666567655677777fbedskmkkmmmnmnnnnnonoomnonnnnlmnmnnomlkmmnnlnmmolmnnllmlnmnnkmmmnmmnqqkjmnmpqqqrrqopjlqrrqrollqqsrrrkoklmllnmmppooqnqrqqrrrrrsrrrrrqu';
const EOS = 256;
const PADDING_BITS_MAX = 7;

type Node = [Node | number | null, Node | number | null];

function buildTree(): Node {
  const symbols = [...LENGTHS].map((digit, symbol) => ({ bits: Number.parseInt(digit, 36), symbol }));
  symbols.sort((a, b) => a.bits - b.bits || a.symbol - b.symbol);
  const root: Node = [null, null];
  let code = 0;
  let bitsBefore = symbols[0]?.bits ?? 0;
  for (const { bits, symbol } of symbols) {
    code *= 2 ** (bits - bitsBefore);
    bitsBefore = bits;
    let node = root;
    for (let bit = bits - 1; bit > 0; bit--) {
      const side = (Math.floor(code / 2 ** bit) & 1) as 0 | 1;
      node[side] ??= [null, null];
      node = node[side] as Node;
    }
    node[(code & 1) as 0 | 1] = symbol;
    code += 1;
  }
  return root;
}

const ROOT = buildTree();

/** @throws Error when the bits are no code, hold EOS, or are padded with anything but up to seven ones */
export function huffmanDecode(bytes: Buffer): string {
  const out: number[] = [];
  let node: Node = ROOT;
  let bitsSinceSymbol = 0;
  let isAllOnes = true;
  for (const byte of bytes) {
    for (let bit = 7; bit >= 0; bit--) {
      const side = ((byte >> bit) & 1) as 0 | 1;
      const next: Node | number | null = node[side];
      bitsSinceSymbol += 1;
      isAllOnes &&= side === 1;
      if (next === null || next === EOS) throw new Error('no Huffman code');
      if (typeof next === 'number') {
        out.push(next);
        node = ROOT;
        bitsSinceSymbol = 0;
        isAllOnes = true;
      } else {
        node = next;
      }
    }
  }
  if (bitsSinceSymbol > PADDING_BITS_MAX || !isAllOnes) throw new Error('wrong Huffman padding');
  return Buffer.from(out).toString('latin1');
}
