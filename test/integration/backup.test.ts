// Everything as one file, and back on another machine: whole and right, or nothing.
import { spawn, spawnSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { generateIdentity, identityToRecipient } from 'age-encryption';
import t from 'tap';
import { type Entry, readContainer, writeContainer } from '../../server/backup/container.ts';
import { TestAppliance } from '../support/appliance.ts';
import { leaveOut } from '../support/leave-out.ts';
import { joinTestStore, temporaryFolder } from '../support/store.ts';

const program = path.resolve(import.meta.dirname, '../../dist/server/parlour.mjs');
const folder = temporaryFolder('backup');
const inFolder = (name: string, text?: string | Buffer) => {
  const file = path.join(folder, name);
  if (text !== undefined) fs.writeFileSync(file, text);
  return file;
};
const PASSPHRASE = { passphrase: 'correct horse battery' };
const locked = ['--passphrase-file', inFolder('passphrase', `${PASSPHRASE.passphrase}\n`)];
const identity = await generateIdentity();
const recipient = await identityToRecipient(identity);

const appliance = new TestAppliance();
const other = new TestAppliance();
t.teardown(async () => {
  await appliance.end();
  await other.end();
  fs.rmSync(folder, { recursive: true });
});

const environmentOf = ({ data }: TestAppliance) => ({ PATH: process.env.PATH ?? '', PARLOUR_DATA: data });
const run = (on: TestAppliance, ...args: string[]) =>
  spawnSync(process.execPath, [program, ...args], { cwd: on.data, encoding: 'utf8', env: environmentOf(on) });

await appliance.start();
const operator = await appliance.becomeOperator();
const alex = await appliance.makePerson(operator, 'client', 'Alex');
const mia = await appliance.makePerson(operator, 'model', 'Mia');
// Large and not to be packed, so that most of a backup comes after it.
const picture = Buffer.concat([Buffer.from([0xff, 0xd8, 0xff, 0xe0]), randomBytes(300_000)]);
await appliance.upload('/api/picture', picture, 'image/jpeg', await appliance.signIn(mia.linkUrl));
const alexCookie = await appliance.signIn(alex.linkUrl);
for (const amountMinor of [5_000, 70, 1]) await appliance.addCredit(operator, alex.personId, amountMinor);
fs.writeFileSync(path.join(appliance.data, 'parlour.toml'), 'name = "Studio"\n');
const backup = inFolder('monday.age');

/** What is in a backup: every entry but the first, which has its time. */
async function contentOf(file: string): Promise<[string, string][]> {
  const entries: [string, string][] = [];
  for await (const { name, bytes } of readContainer(file, PASSPHRASE)) entries.push([name, bytes.toString('latin1')]);
  return entries.slice(1);
}

/** A backup with some of its entries changed, by somebody who knows the passphrase. */
async function forged(name: string, change: (entry: Entry) => Entry | null): Promise<string> {
  const file = inFolder(name);
  await writeContainer(file, PASSPHRASE, async (write) => {
    for await (const entry of readContainer(backup, PASSPHRASE)) {
      const changed = change(entry);
      if (changed) await write(changed);
    }
  });
  return file;
}

const inEntry = (name: string, from: string | RegExp, to: string) => (entry: Entry) =>
  entry.name === name ? { name, bytes: Buffer.from(entry.bytes.toString().replace(from, to)) } : entry;

t.test('a backup is written while the appliance runs, for nobody else to read', async (t) => {
  const { status, stdout, stderr } = run(appliance, 'backup', backup, ...locked);
  t.equal(status, 0, stderr);
  t.equal(stdout, `${backup}\n`);
  t.match(stderr, /\d+ rows of \d+ tables, .*\nhead \d+:[0-9a-f]{64}\nwritten in/);
  t.equal(fs.statSync(backup).mode & 0o777, 0o600);
  t.notOk(fs.readFileSync(backup).includes('Alex'), 'nothing in it can be read without the passphrase');
  t.match(run(appliance, 'backup', backup, ...locked), { status: 1, stderr: /is there already/ });
  t.equal((await appliance.request('GET', '/api/session', { cookie: alexCookie })).status, 200, 'it still runs');
});

t.test('a backup is not written without a way to open it', async (t) => {
  const file = inFolder('never.age');
  t.match(run(appliance, 'backup', file), { status: 1, stderr: /Say how it is locked: --passphrase-file <file>, or/ });
  const short = inFolder('short', 'abc\n');
  t.match(run(appliance, 'backup', file, '--passphrase-file', short), {
    status: 1,
    stderr: /3 characters; at least 8/,
  });
  t.match(run(appliance, 'backup', file, '--passphrase-file', inFolder('none')), { stderr: /cannot be read: ENOENT/ });
  t.match(run(appliance, 'backup', file, '--recipient', 'age1x'), {
    status: 1,
    stderr: /"age1x" is no recipient of age/,
  });
  const both = run(appliance, 'backup', file, ...locked, '--recipient', recipient);
  t.match(both, { status: 1, stderr: /cannot be used with option '--passphrase-file/ });
  const nowhere = run(appliance, 'backup', path.join(folder, 'nowhere/never.age'), ...locked);
  t.match(nowhere, { status: 1, stderr: /never\.age cannot be written: ENOENT/ });
  t.notMatch(nowhere.stderr, /\n\s+at /, 'a sentence, not a trace');
  t.same(
    fs.readdirSync(folder).filter((name) => name.startsWith('never')),
    [],
    'and leaves no file',
  );
});

t.test('a disk that is full while a backup is written leaves nothing behind, and is said', async (t) => {
  const disk = inFolder('disk');
  fs.mkdirSync(disk);
  const mount = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=100k', 'tmpfs', disk]);
  if (mount.status !== 0) return void leaveOut(t, 'no small disk can be mounted here (it needs root)');
  t.teardown(() => spawnSync('umount', ['-l', disk]));
  const full = run(appliance, 'backup', path.join(disk, 'large.age'), ...locked);
  t.match(full, { status: 1, stderr: /large\.age cannot be written: ENOSPC/ });
  t.notMatch(full.stderr, /\n\s+at /, 'a sentence, not a trace');
  t.same(fs.readdirSync(disk), []);
});

t.test('a backup that is not good is refused with its reason, and nothing is there after', async (t) => {
  const bytes = fs.readFileSync(backup);
  const flipped = Buffer.from(bytes);
  flipped[bytes.length >> 1] = (flipped[bytes.length >> 1] as number) ^ 1;
  const bad: [file: string, says: RegExp][] = [
    [inFolder('absent.age'), /There is no file/],
    [inFolder('foreign.age', 'PK\x03\x04 something else'), /is no backup of Parlour/],
    [inFolder('flipped.age', flipped), /is damaged/],
    [inFolder('cut.age', bytes.subarray(0, bytes.length >> 1)), /is damaged/],
    [await forged('head.age', (entry) => (entry.name === 'backup.json' ? null : entry)), /holds no backup of Parlour/],
    [await forged('end.age', (entry) => (entry.name === 'sums.json' ? null : entry)), /ends before its end/],
    [
      await forged('format.age', inEntry('backup.json', '"format":1', '"format":2')),
      /format 2, .* Use a newer Parlour/,
    ],
    [
      await forged(
        'newer.age',
        inEntry('backup.json', '"migrations":[', '"migrations":[{"number":999,"name":"later","digest":""},'),
      ),
      /made by a newer version of Parlour .*999, later/,
    ],
    [await forged('edited.age', inEntry('tables/person/0', 'Alex', 'Axel')), /the table person is not as it was/],
    [
      await forged('path.age', (entry) => ({ ...entry, name: entry.name.replace('files/tls/', 'files/tls/../../') })),
      /none of Parlour's/,
    ],
  ];
  for (const [file, says] of bad) {
    const { status, stderr } = run(other, 'restore', file, ...locked);
    t.match({ status, stderr }, { status: 1, stderr: says }, path.basename(file));
    t.notMatch(stderr, /\n\s+at /, 'a sentence, not a trace');
  }
  const wrong = inFolder('wrong', 'another passphrase\n');
  t.match(run(other, 'restore', backup, '--passphrase-file', wrong), {
    status: 1,
    stderr: /it was locked with another/,
  });
  await other.start();
  t.not(other.setUpToken, '', 'nobody is in it');
  t.match(run(other, 'restore', backup, ...locked), { status: 1, stderr: /Another Parlour runs on/ });
  await other.killTree();
});

/** The same change in a table and in what its sums say, as an attacker would make it. */
function forgedWithSums(name: string, table: string, from: string | RegExp, to: string): Promise<string> {
  let was = '';
  let is = '';
  return forged(name, (entry) => {
    const changed = inEntry(`tables/${table}/0`, from, to)(entry);
    if (entry.name === `tables/${table}/0`) [was, is] = [digest(entry.bytes), digest(changed.bytes)];
    return inEntry('sums.json', was, is)(changed);
  });
}
const digest = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');

t.test('books that somebody changed in a backup are not taken for ours', async (t) => {
  const more = await forgedWithSums('more.age', 'ledger_account', /\t5071\t/, '\t9071\t');
  t.match(run(other, 'restore', more, ...locked), { status: 1, stderr: /The books of the backup do not add up/ });
  const reason = await forgedWithSums('reason.age', 'ledger_transfer', /\ttest\t/, '\tgift\t');
  t.match(run(other, 'restore', reason, ...locked), {
    status: 1,
    stderr: /ledger of the backup was changed.*does not fit/,
  });
  const deed = await forgedWithSums('deed.age', 'audit_entry', /person_made/, 'person_kept');
  t.match(run(other, 'restore', deed, ...locked), {
    status: 1,
    stderr: /audit log of the backup was changed, at line \d+/,
  });
  const orphan = await forgedWithSums('orphan.age', 'session', /\t1\t/, '\t999\t');
  t.match(run(other, 'restore', orphan, ...locked), { status: 1, stderr: /The backup contradicts itself: .*session/ });
});

t.test('a restore brings everything back on another machine: people, pages, money, keys', async (t) => {
  const verified = run(appliance, 'ledger', 'verify').stdout;
  const { status, stdout, stderr } = run(other, 'restore', backup, ...locked);
  t.equal(status, 0, stderr);
  t.match(
    verified,
    stdout.split('\n').find((line) => line.startsWith('head ')) ?? 'no head',
    'the head is that of before',
  );
  t.equal(
    fs.readFileSync(path.join(other.data, 'tls/authority.pem'), 'utf8'),
    fs.readFileSync(path.join(appliance.data, 'tls/authority.pem'), 'utf8'),
    'devices that trust the old machine trust the new one',
  );
  t.equal(fs.readFileSync(path.join(other.data, 'restored-parlour.toml'), 'utf8'), 'name = "Studio"\n');
  const second = inFolder('second.age');
  fs.copyFileSync(path.join(other.data, 'restored-parlour.toml'), path.join(other.data, 'parlour.toml'));
  t.match(run(other, 'backup', second, ...locked), { status: 0 });
  t.same(await contentOf(second), await contentOf(backup), 'a backup of it is the same, byte for byte');
  other.setUpToken = 'there is an operator already';
  await other.start();
  t.equal(await other.balance(operator, alex.personId), 5_071, 'with the session that was open before');
  t.match(await other.request('GET', '/api/people', { cookie: operator }), { body: { people: { length: 3 } } });
  const { linkUrl } = await other.makePerson(operator, 'client', 'Bea');
  t.ok(await other.signIn(linkUrl), 'and it goes on from there');
  t.match(run(other, 'ledger', 'verify').stdout, /sums right\nchain intact/);
  await other.killTree();
});

t.test('an appliance that is not empty is replaced only when that is asked for', async (t) => {
  t.match(run(other, 'restore', backup, ...locked), { status: 1, stderr: /not empty. --replace puts/ });
  t.match(run(other, 'restore', backup, ...locked, '--replace'), { status: 0 });
  await other.start();
  t.match(
    await other.request('GET', '/api/people', { cookie: operator }),
    { body: { people: { length: 3 } } },
    'Bea is gone',
  );
  await other.killTree();
});

/** Until the restore on the other appliance is in the middle: it holds the tables, and waits for the rest of the file. */
async function untilTablesAreDropped(): Promise<void> {
  const store = await joinTestStore(other);
  const held = `select count(*)::integer as count from pg_locks where mode = 'AccessExclusiveLock' and granted`;
  while ((await store.main.one<{ count: number }>(held)).count < 10) await setTimeout(20);
  await store.close();
}

t.test('a restore that is killed in the middle leaves what was there', async (t) => {
  const fifo = inFolder('half.age');
  spawnSync('mkfifo', [fifo]);
  await other.start();
  await other.makePerson(operator, 'client', 'Cleo');
  await other.killTree();
  const restoring = spawn(process.execPath, [program, 'restore', fifo, ...locked, '--replace'], {
    cwd: other.data,
    env: environmentOf(other),
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  await once(restoring.stderr, 'data'); // it has the folder, and the database runs
  const bytes = fs.readFileSync(backup);
  const half = fs.createWriteStream(fifo);
  half.on('error', () => {}); // its reader is killed
  half.write(bytes.subarray(0, bytes.length - 1_000));
  await untilTablesAreDropped();
  const ended = once(restoring, 'exit');
  restoring.kill('SIGKILL');
  await ended;
  half.destroy();
  await other.start();
  t.match(await other.request('GET', '/api/people', { cookie: operator }), { body: { people: { length: 4 } } });
  t.match(run(other, 'ledger', 'verify').stdout, /sums right\nchain intact/);
});

t.test('a timer locks its backups for a key that is elsewhere', async (t) => {
  const file = inFolder('timer.age');
  t.match(run(appliance, 'backup', file, '--recipient', recipient), { status: 0 });
  await other.killTree();
  const key = inFolder('key.txt', `# created: today\n# public key: ${recipient}\n${identity}\n`);
  t.match(run(other, 'restore', file, '--identity-file', key, '--replace'), { status: 0 });
  t.match(run(other, 'restore', file, ...locked, '--replace'), { status: 1, stderr: /locked with another/ });
});
