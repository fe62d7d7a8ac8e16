import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import t from 'tap';
import ts from 'typescript';
import { leaveOut } from './support/leave-out.ts';

// The arrows of ARCHITECTURE.md. A module may import the public APIs of those modules, and of no others.
const root = path.resolve(import.meta.dirname, '..');
const ARROWS: Record<string, readonly string[]> = {
  contract: [],
  clock: [],
  rates: [],
  telemetry: [],
  settings: ['contract'],
  store: ['settings', 'telemetry', 'contract'],
  accounts: ['store', 'contract'],
  audit: ['rates', 'store', 'telemetry', 'contract'],
  ledger: ['store', 'contract'],
  payments: ['clock', 'rates', 'ledger', 'settings', 'store', 'telemetry', 'contract'],
  hub: ['rates', 'telemetry', 'contract'],
  presence: ['hub', 'trust', 'accounts', 'telemetry', 'contract'],
  connections: ['meter', 'media', 'hub', 'clock', 'telemetry', 'contract'],
  media: ['clock', 'telemetry', 'contract'],
  meter: ['core-wasm', 'store', 'clock', 'telemetry', 'contract'],
  receipt: ['contract'],
  trust: ['store', 'contract'],
  push: ['settings', 'store', 'telemetry', 'contract'],
  backup: ['audit', 'ledger', 'store', 'telemetry', 'contract'],
  messages: ['rates', 'meter', 'hub', 'trust', 'accounts', 'store', 'telemetry', 'contract'],
  calls: [
    'rates',
    'connections',
    'presence',
    'meter',
    'receipt',
    'media',
    'ledger',
    'hub',
    'trust',
    'accounts',
    'core-wasm',
    'store',
    'clock',
    'telemetry',
    'contract',
  ],
  front: [
    'calls',
    'presence',
    'messages',
    'payments',
    'media',
    'ledger',
    'hub',
    'push',
    'trust',
    'audit',
    'accounts',
    'settings',
    'store',
    'telemetry',
    'contract',
  ],
  wiring: [
    'front',
    'calls',
    'presence',
    'messages',
    'payments',
    'meter',
    'media',
    'ledger',
    'hub',
    'push',
    'trust',
    'audit',
    'accounts',
    'settings',
    'store',
    'telemetry',
    'contract',
  ],
  main: ['wiring', 'calls', 'meter', 'media', 'ledger', 'hub', 'accounts', 'settings', 'store', 'telemetry'],
  cli: [
    'main',
    'backup',
    'calls',
    'receipt',
    'meter',
    'media',
    'ledger',
    'accounts',
    'audit',
    'settings',
    'store',
    'clock',
    'telemetry',
    'contract',
  ],
};

// The arrows of the pages: ARCHITECTURE.md, "The pages". Beside these a module may import contract and core.
const WEB_ARROWS: Record<string, readonly string[]> = {
  api: [],
  context: [],
  i18n: ['api'],
  money: ['i18n'],
  ui: ['i18n'],
  hub: ['api', 'context'],
  state: ['hub', 'money', 'i18n', 'api', 'context'],
  push: ['ui', 'i18n', 'api'],
  'connection-tests': ['hub'],
  media: ['connection-tests', 'hub'],
  meter: ['ui', 'i18n'],
  people: ['state', 'money', 'ui', 'i18n', 'api'],
  payouts: ['money', 'ui', 'i18n'],
  wallet: ['state', 'money', 'ui', 'i18n', 'api'],
  call: ['media', 'connection-tests', 'meter', 'state', 'hub', 'ui', 'i18n', 'api', 'context'],
  tracker: ['call', 'meter', 'state', 'hub', 'money', 'ui', 'i18n'],
  messages: ['people', 'meter', 'state', 'hub', 'money', 'ui', 'i18n', 'api', 'context'],
  history: ['people', 'meter', 'state', 'money', 'ui', 'i18n', 'api'],
  receipt: ['people', 'state', 'money', 'ui', 'i18n', 'api'],
  account: ['push', 'people', 'wallet', 'state', 'hub', 'money', 'ui', 'i18n', 'api'],
  'call-screens': [
    'tracker',
    'messages',
    'wallet',
    'people',
    'call',
    'media',
    'meter',
    'state',
    'hub',
    'money',
    'ui',
    'i18n',
    'api',
  ],
  client: ['history', 'account', 'people', 'call', 'media', 'state', 'hub', 'ui', 'i18n', 'api', 'context'],
  model: [
    'tracker',
    'history',
    'account',
    'payouts',
    'people',
    'call',
    'media',
    'connection-tests',
    'state',
    'hub',
    'money',
    'ui',
    'i18n',
    'api',
  ],
  operator: ['wallet', 'account', 'payouts', 'people', 'state', 'hub', 'money', 'ui', 'i18n', 'api'],
  app: [
    'operator',
    'model',
    'client',
    'call-screens',
    'receipt',
    'history',
    'messages',
    'tracker',
    'account',
    'wallet',
    'push',
    'call',
    'state',
    'hub',
    'ui',
    'i18n',
  ],
  main: ['app', 'ui', 'i18n'],
};

interface Import {
  readonly file: string;
  readonly target: string;
}

function filesBelow(folder: string): string[] {
  return fs
    .readdirSync(path.join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name))
    .map((entry) => path.relative(root, path.join(entry.parentPath, entry.name)));
}

function importsOf(file: string): Import[] {
  const text = fs.readFileSync(path.join(root, file), 'utf8');
  const found = text.matchAll(/(?:from|import\()\s*['"](\.[^'"]+)['"]/g);
  return [...found].map((match) => ({ file, target: path.join(path.dirname(file), match[1] as string) }));
}

/** The module of a path: `server/<module>/…`, `server/main.ts`, `core-wasm/…`. */
function moduleOf(file: string): string {
  const [top, second] = file.split(path.sep) as [string, string];
  return top === 'server' ? second.replace(/\.ts$/, '') : top;
}

const serverImports = filesBelow('server').flatMap(importsOf);
const crossing = serverImports.filter(({ file, target }) => moduleOf(file) !== moduleOf(target));

t.test('every module of server/ is drawn, and its index.ts says what it is for', async (t) => {
  const deps = fs
    .readdirSync(path.join(root, 'server'), { withFileTypes: true })
    .filter((entry) => entry.isDirectory());
  for (const { name } of deps) {
    t.ok(ARROWS[name], `${name} has no arrows in this test`);
    const index = path.join(root, 'server', name, 'index.ts');
    t.ok(fs.existsSync(index), `server/${name} has no index.ts`);
    t.match(
      fs.readFileSync(index, 'utf8').slice(0, 40),
      `// Module: ${name}.`,
      `server/${name}/index.ts does not say what it is`,
    );
  }
});

t.test('imports point down only', async (t) => {
  t.ok(crossing.length > 50, 'the test sees the imports');
  for (const { file, target } of crossing) {
    t.ok(ARROWS[moduleOf(file)]?.includes(moduleOf(target)), `${file} imports ${target} against the arrows`);
  }
});

t.test('a module is entered through its index.ts', async (t) => {
  for (const { file, target } of crossing) {
    const isPublic = path.basename(target) === 'index.ts' || target === path.join('server', 'main.ts');
    t.ok(isPublic, `${file} reaches past the public API: ${target}`);
  }
});

t.test('there is no circle among the deps', async (t) => {
  const visit = (name: string, above: string[]): void => {
    t.notOk(above.includes(name), `a circle: ${[...above, name].join(' → ')}`);
    if (!above.includes(name)) for (const next of ARROWS[name] ?? []) visit(next, [...above, name]);
  };
  visit('cli', []);
});

t.test('pages know the contract and the core, and nothing else of the server', async (t) => {
  for (const file of filesBelow('web')) {
    const text = fs.readFileSync(path.join(root, file), 'utf8');
    for (const [, target] of text.matchAll(/from\s+['"]([^'"]*server\/[^'"]*)['"]/g)) {
      t.match(target, /server\/contract\//, `${file} imports ${target}`);
    }
  }
});

/** Parts that most pages do not need at first: each is loaded with the page that uses it, and entered by its file. */
const LATE = ['ui/dialog.tsx', 'ui/choice.tsx'];

/** A function is read on one screen. */
const FUNCTION_LINES_MAX = 70;

interface PageImport extends Import {
  /** Loaded when it is needed, as the router loads its pages. */
  readonly isLazy: boolean;
}

/** What a file of the pages imports of web/src, by paths from there. */
function pageImportsOf(file: string): PageImport[] {
  const text = fs.readFileSync(path.join(root, file), 'utf8');
  const own = path.relative('web/src', file);
  return [...text.matchAll(/(from|import|import\()\s*['"]((?:~\/|\.{1,2}\/)[^'"?]+)[^'"]*['"]/g)].map(
    ([, how, spec = '']) => {
      const target = spec.startsWith('~/') ? spec.slice(2) : path.join(path.dirname(own), spec);
      return { file: own, target, isLazy: how === 'import(' };
    },
  );
}

const pageModuleOf = (file: string): string => (file.split(path.sep)[0] as string).replace(/\.tsx?$/, '');
const pageFiles = filesBelow('web/src');
const pageImports = pageFiles.flatMap(pageImportsOf);
const pageCrossing = pageImports.filter(({ file, target }) => pageModuleOf(file) !== pageModuleOf(target));

t.test('pages: every module is drawn, and its index.ts says what it is for', async (t) => {
  for (const name of fs.readdirSync(path.join(root, 'web/src'))) {
    if (!fs.statSync(path.join(root, 'web/src', name)).isDirectory()) continue;
    t.ok(WEB_ARROWS[name], `web/src/${name} has no arrows in this test`);
    const index = path.join(root, 'web/src', name, 'index.ts');
    t.ok(fs.existsSync(index), `web/src/${name} has no index.ts`);
    if (fs.existsSync(index)) t.match(fs.readFileSync(index, 'utf8').slice(0, 60), `// Module: ${name}.`, name);
  }
});

t.test('pages: every file and folder is named in kebab-case', async (t) => {
  const entries = fs.readdirSync(path.join(root, 'web'), { recursive: true, encoding: 'utf8' });
  for (const entry of entries)
    t.match(path.basename(entry), /^[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9]+)*$/, `web/${entry} is not in kebab-case`);
});

t.test('pages: imports point down only, and no arrow is drawn that nothing follows', async (t) => {
  t.ok(pageCrossing.length > 500, 'the test sees the imports');
  for (const { file, target } of pageCrossing)
    t.ok(
      WEB_ARROWS[pageModuleOf(file)]?.includes(pageModuleOf(target)),
      `${file} imports ${target} against the arrows`,
    );
  const used = new Set(pageCrossing.map(({ file, target }) => `${pageModuleOf(file)} → ${pageModuleOf(target)}`));
  for (const [name, below] of Object.entries(WEB_ARROWS))
    for (const one of below) t.ok(used.has(`${name} → ${one}`), `nothing follows the arrow ${name} → ${one}`);
});

/** Lines of each function of a file, from its first to its last: components and what stands in them, too. */
function functionsOf(file: string): { name: string; lines: number }[] {
  const source = ts.createSourceFile(
    file,
    fs.readFileSync(path.join(root, file), 'utf8'),
    ts.ScriptTarget.Latest,
    true,
    file.endsWith('x') ? ts.ScriptKind.TSX : ts.ScriptKind.TS,
  );
  const found: { name: string; lines: number }[] = [];
  const lineOf = (position: number) => source.getLineAndCharacterOfPosition(position).line;
  const visit = (node: ts.Node): void => {
    if (ts.isFunctionLike(node) && 'body' in node && node.body) {
      const name = node.name?.getText(source) ?? 'a function';
      found.push({
        name: `${file}: ${name} in line ${lineOf(node.getStart(source)) + 1}`,
        lines: lineOf(node.end) - lineOf(node.getStart(source)) + 1,
      });
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

t.test('every function and component is at most 70 lines', async (t) => {
  const functions = ['web', 'server', 'core-wasm'].flatMap(filesBelow).flatMap(functionsOf);
  t.ok(functions.length > 2_000, 'the test sees the functions');
  const long = functions.filter(({ lines }) => lines > FUNCTION_LINES_MAX);
  t.same(long, [], 'what is longer holds more than one idea');
});

t.test('pages: there is no circle among the modules', async (t) => {
  const visit = (name: string, above: string[]): void => {
    t.notOk(above.includes(name), `a circle: ${[...above, name].join(' → ')}`);
    if (!above.includes(name)) for (const next of WEB_ARROWS[name] ?? []) visit(next, [...above, name]);
  };
  visit('main', []);
});

t.test('pages: a module is entered through its index.ts, a page by the router', async (t) => {
  for (const { file, target, isLazy } of pageCrossing) {
    const isIndex = !target.includes(path.sep) || isLazy || LATE.includes(target) || target === 'ui/theme.css';
    t.ok(isIndex, `${file} reaches past the public API: ${target}`);
  }
});

t.test('pages: news never take away or rebuild what a person is in the middle of', async (t) => {
  for (const file of filesBelow('web/src')) {
    const text = fs.readFileSync(path.join(root, file), 'utf8');
    const isOnly = (name: string) => file === path.join('web/src', name);
    if (!isOnly('state/on-change.ts'))
      t.notMatch(text, /import \{[^}]*\bon\b[^}]*\} from 'solid-js'/, `${file}: effects on a value go by onChange()`);
    if (!isOnly('state/kept.ts'))
      t.notMatch(text, /\.latest\b/, `${file}: a resource is read by kept(), which never takes the page away`);
    // Pages are loaded by the router; a part of a page has a place to wait in, else the whole page goes meanwhile.
    if (/\blazy\(/.test(text) && !isOnly('app/app.tsx') && !isOnly('app/home.tsx'))
      t.match(text, /<Suspense/, `${file}: what is lazy waits in a Suspense of its own`);
  }
});

t.test('no file imports in a circle, types included', async (t) => {
  const files = new Set([...filesBelow('server'), ...filesBelow('core-wasm')]);
  const placeOf = (target: string) =>
    ['', '.ts', '/index.ts'].map((end) => target + end).find((file) => files.has(file));
  const imports = new Map(
    [...files].map((file) => [file, importsOf(file).flatMap(({ target }) => placeOf(target) ?? [])]),
  );
  const done = new Set<string>();
  const visit = (file: string, above: readonly string[]): void => {
    if (above.includes(file)) return void t.fail([...above.slice(above.indexOf(file)), file].join(' → '));
    if (done.has(file)) return;
    for (const next of imports.get(file) ?? []) visit(next, [...above, file]);
    done.add(file);
  };
  for (const file of files) visit(file, []);
  t.ok(done.size > 200, 'the test sees the files');
});

t.test('files of server, core, tests and benches are named in kebab-case', async (t) => {
  for (const file of ['server', 'core-wasm', 'test', 'bench'].flatMap(filesBelow))
    t.match(path.basename(file), /^[a-z0-9]+([-.][a-z0-9]+)*$/, file);
});

/** Words that we leave, as they would stand in a name; CONTRIBUTING.md has the words that we take. */
const WORDS_LEFT = /(?<![A-Za-z])(rooms|doors?|house|news|story|stories|tells?|told)(?![A-Za-z])/i;

t.test('names are the words of the field', async (t) => {
  for (const file of filesBelow('server')) {
    const text = fs.readFileSync(path.join(root, file), 'utf8');
    const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
    const visit = (node: ts.Node): void => {
      if (ts.isIdentifier(node) || ts.isPrivateIdentifier(node)) {
        const words = node.text.replace(/([a-z])([A-Z])/g, '$1 $2');
        if (WORDS_LEFT.test(words)) t.fail(`${file}: ${node.text}`);
      }
      ts.forEachChild(node, visit);
    };
    visit(source);
  }
});

/** Each table, the module that owns it, and the modules that read it beside. */
const TABLES: Record<string, readonly [owner: string, ...readers: string[]]> = {
  audit_entry: ['audit'],
  audit_head: ['audit'],
  block: ['trust', 'messages'],
  call: ['calls', 'ledger', 'messages', 'trust'],
  favourite: ['trust'],
  free_notice: ['trust'],
  issue_report: ['trust'],
  ledger_account: ['ledger'],
  ledger_batch: ['ledger'],
  ledger_currency: ['ledger'],
  ledger_head: ['ledger'],
  ledger_transfer: ['ledger'],
  message: ['messages'],
  message_read: ['messages'],
  meter_log: ['meter'],
  model_profile: ['accounts'],
  payment: ['payments'],
  payout: ['payments'],
  payout_step: ['payments'],
  person: ['accounts', 'audit', 'calls', 'ledger', 'payments', 'trust'],
  person_picture: ['accounts', 'calls'],
  push_subscription: ['push'],
  rating: ['trust'],
  session: ['accounts', 'push'],
  sign_in_link: ['accounts'],
  store_probe: ['store'],
  voucher: ['payments'],
  voucher_batch: ['payments'],
};

t.test('each table has one module that writes it, and those that read it are declared', async (t) => {
  const migrations = path.join(root, 'server/store/migrations');
  const made = fs
    .readdirSync(migrations)
    .map((name) => fs.readFileSync(path.join(migrations, name), 'utf8'))
    .flatMap((sql) =>
      [...sql.matchAll(/create table (?:if not exists )?([a-z_]+)/g)].map(([, name]) => name as string),
    );
  t.same([...new Set(made)].sort(), Object.keys(TABLES).sort(), 'every table is in the list');
  for (const file of filesBelow('server')) {
    const text = fs.readFileSync(path.join(root, file), 'utf8');
    for (const [, verb, table = ''] of text.matchAll(/\b(from|join|into|update|delete from)\s+([a-z_]+)\b/g)) {
      const [owner, ...readers] = TABLES[table] ?? [];
      if (owner === undefined || owner === moduleOf(file)) continue;
      const isRead = verb === 'from' || verb === 'join';
      t.ok(isRead && readers.includes(moduleOf(file)), `${file}: ${verb} ${table}, which is ${owner}'s`);
    }
  }
});

t.test('the list of third-party licences is that of the lockfile', async (t) => {
  const { status, stderr } = spawnSync(process.execPath, ['ops/build/licences.mjs', '--check'], {
    cwd: root,
    encoding: 'utf8',
  });
  t.equal(status, 0, stderr);
});

t.test('a subject of a commit names its area, and is short', async (t) => {
  const message = (subject: string) => {
    const file = path.join(t.testdir({ message: subject }), 'message');
    return spawnSync(process.execPath, ['ops/build/check-subjects.mjs', '--message', file], { cwd: root }).status;
  };
  t.equal(message('ledger: refuse a refund of a refund'), 0);
  t.equal(message('Ledger: refuse a refund of a refund'), 1);
  t.equal(message('refuse a refund of a refund'), 1);
  t.equal(message(`ledger: ${'x'.repeat(72)}`), 1);
  t.equal(message('Revert "ledger: refuse a refund"'), 0);
});

t.test('the core imports nothing of ours, and no file of it needs Node', async (t) => {
  for (const { file, target } of filesBelow('core-wasm').flatMap(importsOf))
    t.equal(moduleOf(target), 'core-wasm', file);
});

t.test('nothing but the ledger names the tables of money', async (t) => {
  for (const file of filesBelow('server').filter((name) => moduleOf(name) !== 'ledger')) {
    t.notMatch(fs.readFileSync(path.join(root, file), 'utf8'), /ledger_account|ledger_transfer/, file);
  }
});

t.test('doubles are typed against what they stand for', async (t) => {
  const cast = new RegExp(`(?<!\\w)as ${'never'}\\b`);
  const liars = filesBelow('test').filter((file) => cast.test(fs.readFileSync(path.join(root, file), 'utf8')));
  t.same(liars, [], 'what a double lacks must not compile');
});

t.test('the service unit is one that systemd takes', async (t) => {
  const unit = fs.readFileSync(path.join(root, 'ops/systemd/parlour.service'), 'utf8');
  const here = t.testdir({ 'parlour.service': unit.replaceAll('/usr/bin/parlour', process.execPath) });
  const verify = spawnSync('systemd-analyze', ['verify', path.join(here, 'parlour.service')], { encoding: 'utf8' });
  if ((verify.error as NodeJS.ErrnoException | undefined)?.code === 'ENOENT')
    return void leaveOut(t, 'no systemd here (Debian: apt-get install systemd)');
  t.equal(verify.status, 0, verify.stderr);
  t.notMatch(verify.stderr, /parlour\.service/);
});

t.test('no path of a machine and no file left by a tool is in the project', async (t) => {
  const { stdout } = spawnSync('git', ['ls-files'], { cwd: root, encoding: 'utf8' });
  const files = stdout
    .split('\n')
    .filter((file) => /\.(ts|tsx|mjs|md|json|sql|service)$/.test(file) && file !== 'package-lock.json');
  for (const file of files) {
    if (!fs.existsSync(path.join(root, file))) continue;
    t.notMatch(fs.readFileSync(path.join(root, file), 'utf8'), /(\/home\/\w+|\/root\/|\/work\/)/, file);
  }
});
