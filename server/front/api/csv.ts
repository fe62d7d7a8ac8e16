import type { FastifyReply } from 'fastify';

export type Cell = string | number | null;

/**
 * A table as a file (RFC 4180). A text that a spreadsheet would take for a formula gets an apostrophe in
 * front: names and reasons are written by people. Numbers, and amounts given as `Amount`, stay as they are.
 */
export function sendCsv(reply: FastifyReply, name: string, head: string[], rows: (Cell | Amount)[][]): FastifyReply {
  const lines = [head, ...rows].map((row) => row.map(cellOf).join(','));
  return reply
    .header('Content-Disposition', `attachment; filename="${name}.csv"`)
    .type('text/csv; charset=utf-8')
    .send(`${lines.join('\r\n')}\r\n`);
}

/** A decimal number, which may be below zero without being a formula. */
export class Amount {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

function cellOf(cell: Cell | Amount): string {
  if (cell === null) return '';
  if (typeof cell === 'number') return String(cell);
  if (cell instanceof Amount) return cell.text;
  const text = /^[=+\-@\t\r]/.test(cell) ? `'${cell}` : cell;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
