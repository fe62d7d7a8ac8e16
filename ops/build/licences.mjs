// Writes the two pages of docs on what is not ours: third-party.md, every package that ships with the appliance, in its
// bundles, its pages or beside them, with its version and licence, as the installed packages say themselves; and
// native-parts.md, from server/cli/native-parts.json. Usage: npm run licences [-- --check]
import fs from 'node:fs';
import { builtinModules } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { closureOf } from './lockfile.mjs';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
/** Packages whose own package.json is silent, and what their projects say. */
const STATED_ELSEWHERE = [
  [/^@matrixai\/quic-/, 'Apache-2.0'],
  [/^uWebSockets\.js$/, 'Apache-2.0'],
];

function* sourcesBelow(folder) {
  for (const entry of fs.readdirSync(path.join(root, folder), { withFileTypes: true })) {
    const place = path.join(folder, entry.name);
    if (entry.isDirectory()) yield* sourcesBelow(place);
    else if (/\.(tsx?|css)$/.test(entry.name)) yield place;
  }
}

/** Names of the packages that the sources of a folder import. */
function importsOf(folder) {
  const names = new Set();
  for (const file of sourcesBelow(folder)) {
    const text = fs.readFileSync(path.join(root, file), 'utf8');
    for (const [, name] of text.matchAll(/(?:from|import|import\()\s*['"]((?:@[\w.-]+\/)?[\w.-]+)(?:\/[^'"]*)?['"]/g)) {
      if (!name.startsWith('.') && !builtinModules.includes(name)) names.add(name);
    }
  }
  return names;
}

/**
 * The licence as the lockfile has it, for every platform alike; where it has none, as the installed package says, or its
 * project elsewhere.
 */
export function licenceOf(name, place, entry) {
  const stated = STATED_ELSEWHERE.find(([pattern]) => pattern.test(name))?.[1];
  if (stated ?? entry.license) return stated ?? entry.license;
  const file = path.join(root, place, 'package.json');
  if (!fs.existsSync(file)) return 'not stated';
  const { license, licenses } = JSON.parse(fs.readFileSync(file, 'utf8'));
  return license?.type ?? license ?? licenses?.map(({ type }) => type).join(' OR ') ?? 'not stated';
}

/** Every package that ships, in the bundles, in the pages or beside them. */
export function shippedPackages() {
  const lock = JSON.parse(fs.readFileSync(path.join(root, 'package-lock.json'), 'utf8'));
  const own = JSON.parse(fs.readFileSync(path.join(root, 'package.json'), 'utf8'));
  const names = [...Object.keys(own.dependencies), ...Object.keys(own.optionalDependencies), ...importsOf('web/src')];
  return [...closureOf(names, lock)].map(([place, entry]) => ({
    place,
    entry,
    name: place.slice(place.lastIndexOf('node_modules/') + 'node_modules/'.length),
    version: entry.version ?? JSON.parse(fs.readFileSync(path.join(root, place, 'package.json'), 'utf8')).version,
  }));
}

function thirdParties() {
  const lines = new Set();
  for (const { place, entry, name, version } of shippedPackages()) {
    lines.add(`| ${name} | ${version} | ${licenceOf(name, place, entry)} |`);
  }
  return `# Third-party software

What ships with Parlour, in its bundles, its pages or beside them. Written by \`npm run licences\` from the lockfile; each package brings the text of its licence along.

| package | version | licence |
| --- | --- | --- |
${[...lines].sort().join('\n')}
`;
}

const dateOf = (supportEnds) => supportEnds ?? 'none named';
const textOf = ({ name, version, supportEnds }) => `${name} ${version} (end of support: ${dateOf(supportEnds)})`;

function nativeParts() {
  const parts = JSON.parse(fs.readFileSync(path.join(root, 'server/cli/native-parts.json'), 'utf8'));
  const sections = parts.map(
    (part) => `## ${part.name} ${part.version}

${part.does} Package \`${part.package}\`.

- **End of support**: ${dateOf(part.supportEnds)}
- **Links**: ${part.links.map(textOf).join('; ') || 'nothing of others'}
- **Exposure**: ${part.exposure}
- **Replaced by**: ${part.replacedBy}
${part.waiver ? `- **Waiver until ${part.waiver.until}**: ${part.waiver.because}\n` : ''}`,
  );
  return `# Native parts

Machine code that ships with Parlour: what it is linked with, who can reach it, how long its project mends it. Written by \`npm run licences\` from \`server/cli/native-parts.json\`; \`parlour version --json\` prints the same. A part whose support, or that of what it links, has ended or has no date ships only with a waiver, in words and with a day on which it ends; a test fails on that day.

${sections.join('\n')}`;
}

function write() {
  for (const [file, text] of [
    ['docs/third-party.md', thirdParties()],
    ['docs/native-parts.md', nativeParts()],
  ]) {
    const out = path.join(root, file);
    if (!process.argv.includes('--check')) fs.writeFileSync(out, text);
    else if (!fs.existsSync(out) || fs.readFileSync(out, 'utf8') !== text) {
      console.error(`${file} is not what the lockfile and the register of native parts say. Run: npm run licences`);
      process.exitCode = 1;
    }
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) write();
