import type { Command } from 'commander';
import nativeParts from './native-parts.json' with { type: 'json' };
import { version } from './parts.ts';

/** What a library is linked with; a date is the last day on which its project mends it, null where it names none. */
interface Link {
  readonly name: string;
  readonly version: string;
  readonly supportEnds: string | null;
}

/** One entry of server/cli/native-parts.json: a part that is machine code, and so not protected by JavaScript. */
export interface NativePart extends Link {
  /** Its package in the lockfile. */
  readonly package: string;
  readonly does: string;
  /** Who can reach it, and by what. */
  readonly exposure: string;
  readonly links: readonly Link[];
  readonly replacedBy: string;
  /** Why it ships although its support, or that of what it links, has ended or has no date; and until when that holds. */
  readonly waiver: { readonly until: string; readonly because: string } | null;
}

const natives: readonly NativePart[] = nativeParts;

export function registerVersion(program: Command): void {
  program
    .command('version')
    .description('the versions of Parlour, of Node, and of each native part with what it links')
    .option('--json', 'as one JSON object, with exposure, end of support and waivers')
    .action(({ json }: { json?: boolean }) => {
      const platform = `${process.platform}-${process.arch}`;
      if (json) console.log(JSON.stringify({ version, node: process.version, platform, natives }));
      else console.log([`Parlour ${version}, Node ${process.version}, ${platform}`, ...natives.map(lineOf)].join('\n'));
    });
}

function lineOf({ name, version: ofPart, supportEnds, links }: NativePart): string {
  const linked = links.map((link) => `${link.name} ${link.version}${ended(link.supportEnds)}`);
  return `  ${name} ${ofPart}${ended(supportEnds)}${linked.length > 0 ? `, with ${linked.join(', ')}` : ''}`;
}

function ended(date: string | null): string {
  if (!date) return '';
  return Date.parse(date) < Date.now() ? ` (ended ${date})` : ` (until ${date})`;
}
