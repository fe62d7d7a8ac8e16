// What the documents promise is there.
import fs from 'node:fs';
import path from 'node:path';
import t from 'tap';

const root = path.resolve(import.meta.dirname, '..');
const read = (file: string) => fs.readFileSync(path.join(root, file), 'utf8');

const titlesIn = (file: string): string[] =>
  [...read(file).matchAll(/t\.test\(\s*(['"])((?:(?!\1)[^\\]|\\.)*)\1/g)].map(([, , title = '']) =>
    title.replaceAll("\\'", "'"),
  );

t.test('every sentence of the seeds has a page, and a test that is there', async (t) => {
  const rows = read('docs/seeds.md')
    .split('\n')
    .filter((line) => /^\| [AB]\d+ \|/.test(line))
    .map((line) => line.split('|').map((cell) => cell.trim()));
  const numbers = (letter: string) => rows.map((row) => row[1]).filter((name) => name?.startsWith(letter));
  t.same(
    numbers('A'),
    Array.from({ length: 31 }, (_, index) => `A${index + 1}`),
    'none of A is left out',
  );
  t.same(
    numbers('B'),
    Array.from({ length: 23 }, (_, index) => `B${index + 1}`),
    'none of B is left out',
  );
  for (const [, number, , where, proof] of rows) {
    if (!proof) {
      t.match(where, /\*Later\*/, `${number} has neither a test nor a word that it is for later`);
      continue;
    }
    const [, file = '', title = ''] = /^(\S+\.test\.ts): (.+)$/.exec(proof) ?? [];
    t.ok(titlesIn(`test/${file}`).includes(title), `${number}: test/${file} has no test of the title "${title}"`);
  }
});

t.test('the links between the documents lead somewhere', async (t) => {
  const files = [
    'README.md',
    'ARCHITECTURE.md',
    ...fs.readdirSync(path.join(root, 'docs')).map((file) => `docs/${file}`),
  ];
  for (const file of files.filter((one) => one.endsWith('.md'))) {
    for (const [, target = ''] of read(file).matchAll(/\]\(([^)#]+)[^)]*\)/g)) {
      if (/^https?:/.test(target)) continue;
      t.ok(fs.existsSync(path.join(root, path.dirname(file), target)), `${file} links to ${target}`);
    }
  }
});

t.test('every setting stands in the documents', async (t) => {
  const { settingsSchema } = await import('../server/settings/schema.ts');
  const words = ['operating', 'money', 'media']
    .map((name) => `docs/${name}.md`)
    .filter((file) => fs.existsSync(path.join(root, file)));
  const text = words.map(read).join('\n');
  const sections = settingsSchema.properties as unknown as Record<string, { properties?: Record<string, unknown> }>;
  for (const [section, { properties }] of Object.entries(sections)) {
    for (const key of properties ? Object.keys(properties) : ['']) {
      const name = key ? `${section}.${key}` : section;
      t.ok(new RegExp(`\\b${key || name}\\b`).test(text), `${name} is documented nowhere`);
    }
  }
});
