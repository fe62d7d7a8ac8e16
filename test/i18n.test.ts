// The catalogues: each language says everything, with the same things filled in.
import t from 'tap';
import { ERRORS } from '../server/contract/errors.ts';
import { en } from '../web/src/i18n/en.ts';
import { enOperator } from '../web/src/i18n/en-operator.ts';
import { es } from '../web/src/i18n/es.ts';
import { esOperator } from '../web/src/i18n/es-operator.ts';
import { languageOf, localeOf } from '../web/src/i18n/languages.ts';

type Leaf = string | ((n: number) => string);
type Tree = { [key: string]: Leaf | Tree };

const leaves = (tree: Tree, path = ''): [string, Leaf][] =>
  Object.entries(tree).flatMap(([key, value]): [string, Leaf][] =>
    typeof value === 'object' ? leaves(value, `${path}${key}.`) : [[`${path}${key}`, value]],
  );
const textOf = (leaf: Leaf) => (typeof leaf === 'function' ? [leaf(0), leaf(1), leaf(7)].join(' ') : leaf);
const placeholders = (leaf: Leaf) => [...textOf(leaf).matchAll(/\{\{ (\w+) \}\}/g)].map(([, name]) => name).sort();

const english = new Map(leaves({ ...en, ...enOperator } as unknown as Tree));

/** The same in both languages, and rightly so. */
const SAME = new Set(['vouchers.codesOf']);

for (const [language, catalogue] of Object.entries({ es: { ...es, ...esOperator } })) {
  const words = new Map(leaves(catalogue as unknown as Tree));

  t.test(`${language}: no key is missing and none is too many`, async (t) => {
    t.same([...words.keys()].sort(), [...english.keys()].sort());
  });

  t.test(`${language}: each sentence fills in the same things`, async (t) => {
    for (const [key, leaf] of english) {
      const other = words.get(key);
      if (other === undefined) continue;
      t.same([...new Set(placeholders(other))], [...new Set(placeholders(leaf))], key);
      t.equal(typeof other, typeof leaf, key);
      t.not(textOf(other).trim(), '', key);
    }
  });

  t.test(`${language}: nothing was left in English`, async (t) => {
    const left = [...words].filter(([key, leaf]) => {
      const text = textOf(leaf);
      return text === textOf(english.get(key) as Leaf) && /[a-z]{4}.* .*[a-z]{4}/i.test(text) && !SAME.has(key);
    });
    t.same(left, []);
  });
}

t.test('every error that the appliance can send has words for people', async (t) => {
  /** Of sockets and machines: a page of ours never sees them. */
  const machines = new Set(['unknown_type', 'bad_signature']);
  for (const code of Object.keys(ERRORS)) {
    if (!machines.has(code)) t.ok(english.has(`error.${code}`), code);
  }
});

t.test(
  'what is said of settings is said of settings that there are; a new one shows its own description',
  async (t) => {
    const { settingsSchema } = await import('../server/settings/schema.ts');
    const sections = settingsSchema.properties as unknown as Record<string, { properties?: Record<string, unknown> }>;
    const keys = Object.entries(sections).flatMap(([section, { properties }]) =>
      properties
        ? Object.keys(properties).map((key) => `settings.about.${section}_${key}`)
        : [`settings.about.${section}`],
    );
    const about = [...english.keys()].filter((key) => key.startsWith('settings.about.'));
    t.same(
      about.filter((key) => !keys.includes(key)),
      [],
    );
    t.comment(`without words of their own: ${keys.filter((key) => !about.includes(key)).join(', ') || 'none'}`);
  },
);

t.test('the language is the chosen one, else the first of the browser that there is, else English', async (t) => {
  t.equal(languageOf('auto', ['es-MX', 'en']), 'es');
  t.equal(languageOf('auto', ['fr-FR', 'es']), 'es');
  t.equal(languageOf('auto', ['fr-FR']), 'en');
  t.equal(languageOf('en', ['es-ES']), 'en');
  t.equal(localeOf('es', ['en-GB', 'es-MX']), 'es-MX', 'dates as in Mexico');
  t.equal(localeOf('es', ['en-GB']), 'es');
});
