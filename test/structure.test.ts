import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { leaveOut } from './support/leave-out.ts';

// The arrows of ARCHITECTURE.md. A room may import the doors of those rooms, and of no others.
const root = path.resolve(import.meta.dirname, '..');
const ARROWS: Record<string, readonly string[]> = {
  contract: [],
  clock: [],
  telemetry: [],
  settings: ['contract'],
  store: ['settings', 'telemetry', 'contract'],
  accounts: ['store', 'contract'],
  audit: ['store', 'telemetry', 'contract'],
  ledger: ['store', 'contract'],
  payments: ['clock', 'ledger', 'settings', 'store', 'telemetry', 'contract'],
  hub: ['telemetry', 'contract'],
  media: ['clock', 'telemetry', 'contract'],
  meter: ['core-wasm', 'store', 'clock', 'telemetry', 'contract'],
  receipt: ['contract'],
  trust: ['store', 'contract'],
  push: ['settings', 'store', 'telemetry', 'contract'],
  messages: ['meter', 'hub', 'trust', 'accounts', 'store', 'telemetry', 'contract'],
  calls: [
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
  main: [
    'front',
    'calls',
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
  cli: [
    'main',
    'calls',
    'receipt',
    'meter',
    'media',
    'ledger',
    'accounts',
    'settings',
    'store',
    'clock',
    'telemetry',
    'contract',
  ],
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

/** The room of a path: `server/<room>/…`, `server/main.ts`, `core-wasm/…`. */
function roomOf(file: string): string {
  const [top, second] = file.split(path.sep) as [string, string];
  return top === 'server' ? second.replace(/\.ts$/, '') : top;
}

const serverImports = filesBelow('server').flatMap(importsOf);
const crossing = serverImports.filter(({ file, target }) => roomOf(file) !== roomOf(target));

t.test('every room of server/ is drawn, and has a door that says what it is for', async (t) => {
  const rooms = fs
    .readdirSync(path.join(root, 'server'), { withFileTypes: true })
    .filter((entry) => entry.isDirectory());
  for (const { name } of rooms) {
    t.ok(ARROWS[name], `${name} has no arrows in this test`);
    const door = path.join(root, 'server', name, 'index.ts');
    t.ok(fs.existsSync(door), `server/${name} has no index.ts`);
    t.match(
      fs.readFileSync(door, 'utf8').slice(0, 40),
      `// Room: ${name}.`,
      `server/${name}/index.ts does not say what it is`,
    );
  }
});

t.test('imports point down only', async (t) => {
  t.ok(crossing.length > 50, 'the test sees the imports');
  for (const { file, target } of crossing) {
    t.ok(ARROWS[roomOf(file)]?.includes(roomOf(target)), `${file} imports ${target} against the arrows`);
  }
});

t.test('a room is entered through its door', async (t) => {
  for (const { file, target } of crossing) {
    const isDoor = path.basename(target) === 'index.ts' || target === path.join('server', 'main.ts');
    t.ok(isDoor, `${file} reaches past the door: ${target}`);
  }
});

t.test('there is no circle among the rooms', async (t) => {
  const visit = (room: string, above: string[]): void => {
    t.notOk(above.includes(room), `a circle: ${[...above, room].join(' → ')}`);
    if (!above.includes(room)) for (const next of ARROWS[room] ?? []) visit(next, [...above, room]);
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

t.test('pages: news never take away or rebuild what a person is in the middle of', async (t) => {
  for (const file of filesBelow('web/src')) {
    const text = fs.readFileSync(path.join(root, file), 'utf8');
    const isOnly = (name: string) => file === path.join('web/src', name);
    if (!isOnly('app/onChange.ts'))
      t.notMatch(text, /import \{[^}]*\bon\b[^}]*\} from 'solid-js'/, `${file}: effects on a value go by onChange()`);
    if (!isOnly('app/kept.ts'))
      t.notMatch(text, /\.latest\b/, `${file}: a resource is read by kept(), which never takes the page away`);
    // Pages are loaded by the router; a part of a page has a place to wait in, else the whole page goes meanwhile.
    if (/\blazy\(/.test(text) && !isOnly('app/App.tsx') && !isOnly('app/Home.tsx'))
      t.match(text, /<Suspense/, `${file}: what is lazy waits in a Suspense of its own`);
  }
});

t.test('the core imports nothing of ours, and no file of it needs Node', async (t) => {
  for (const { file, target } of filesBelow('core-wasm').flatMap(importsOf)) t.equal(roomOf(target), 'core-wasm', file);
});

t.test('nothing but the ledger names the tables of money', async (t) => {
  for (const file of filesBelow('server').filter((name) => roomOf(name) !== 'ledger')) {
    t.notMatch(fs.readFileSync(path.join(root, file), 'utf8'), /ledger_account|ledger_transfer/, file);
  }
});

t.test('doubles are typed against what they stand for', async (t) => {
  const cast = new RegExp(`(?<!\\w)as ${'never'}\\b`);
  const liars = filesBelow('test').filter((file) => cast.test(fs.readFileSync(path.join(root, file), 'utf8')));
  t.same(liars, [], 'what a double lacks must not compile');
});

t.test('the service unit is one that systemd takes', async (t) => {
  const verify = spawnSync('systemd-analyze', ['verify', path.join(root, 'ops/systemd/parlour.service')], {
    encoding: 'utf8',
  });
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
