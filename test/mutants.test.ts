// The lies of `npm run mutants` are about the code as it is: one that no longer fits it would be tried no more.
import fs from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { MODULES } from './mutants/modules.ts';
import { misfitsOf } from './mutants/mutant.ts';

const root = path.resolve(import.meta.dirname, '..');

t.test('every mutant fits the sources, once', async (t) => {
  const sources = new Map<string, string>();
  const sourceOf = (file: string): string => {
    const text = sources.get(file) ?? fs.readFileSync(path.join(root, file), 'utf8');
    sources.set(file, text);
    return text;
  };
  for (const [name, { mutants }] of Object.entries(MODULES)) t.same(misfitsOf(mutants, sourceOf), [], name);
});

t.test('no rule is broken twice in the same way', async (t) => {
  for (const [name, { mutants }] of Object.entries(MODULES)) {
    const forms = mutants.map(({ file, find, replace }) => JSON.stringify([file, find, replace]));
    t.same(
      forms.filter((form, index) => forms.indexOf(form) !== index),
      [],
      name,
    );
  }
});

t.test('what a mutant is tried with is there', async (t) => {
  for (const { suites } of Object.values(MODULES)) {
    for (const { entry } of suites) t.ok(fs.existsSync(path.join(root, entry)), entry);
  }
});
