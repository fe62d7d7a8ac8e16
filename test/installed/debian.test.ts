// The package for Debian as an administrator meets it: on Debian 12 and 13, booted by their own systemd, without Node.
import { type SpawnSyncReturns, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import t, { type Test } from 'tap';
import { TestAppliance } from '../support/appliance.ts';
import { leaveOut } from '../support/leave-out.ts';
import { temporaryFolder } from '../support/store.ts';

const root = path.resolve(import.meta.dirname, '../..');
const BOOT_MS_MAX = 240_000;
const INCLUDED = ['systemd', 'systemd-sysv', 'adduser', 'ca-certificates', 'libstdc++6'];
/** systemd 257 boots only so where control groups are of the first version. */
const COMMAND_LINE = 'systemd.unified_cgroup_hierarchy=0 SYSTEMD_CGROUP_ENABLE_LEGACY_FORCE=1';
const NSPAWN = ['--quiet', '--boot', '--private-network', '--register=no', '--keep-unit', '--console=pipe'];
const UNIT = `[Unit]
After=multi-user.target
[Service]
Type=oneshot
ExecStart=/bin/bash /srv/lifecycle.sh
`;
const READY = '200 {"status":"ready","faults":{}}';

const tool = (name: string) => spawnSync(name, ['--version']).error === undefined;
const canBoot = process.getuid?.() === 0 && ['debootstrap', 'systemd-nspawn', 'dpkg-deb'].every(tool);
const run = (file: string, ...args: string[]): SpawnSyncReturns<string> =>
  spawnSync(file, args, { cwd: root, encoding: 'utf8' });

const work = temporaryFolder('debian');
t.teardown(() => fs.rmSync(work, { recursive: true, force: true }));

/** The package of this commit. */
function buildPackage(): string {
  const { status, stderr } = run(process.execPath, 'ops/package/index.mjs', 'deb', '--out', work);
  if (status !== 0) throw new Error(stderr);
  return path.join(work, fs.readdirSync(work).find((name) => name.endsWith('.deb')) as string);
}

/** A backup of an appliance with one client who has 12.34, made here and not there. */
async function makeBackup(): Promise<string> {
  const appliance = new TestAppliance();
  await appliance.start();
  const operator = await appliance.becomeOperator();
  const { personId } = await appliance.makePerson(operator, 'client', 'Alex');
  await appliance.addCredit(operator, personId, 1_234);
  const [file, passphrase] = [path.join(work, 'backup.age'), path.join(work, 'passphrase')];
  fs.writeFileSync(passphrase, 'a long passphrase\n');
  const { status, stderr } = spawnSync(
    process.execPath,
    [path.join(root, 'dist/server/parlour.mjs'), 'backup', file, '--passphrase-file', passphrase],
    { encoding: 'utf8', env: { PATH: process.env.PATH ?? '', PARLOUR_DATA: appliance.data } },
  );
  await appliance.end();
  if (status !== 0) throw new Error(stderr);
  return file;
}

/** Boots a Debian that was just made, lets the script run in it, and gives what it found. */
async function lifecycleOn(suite: string, deb: string, backup: string): Promise<Record<string, string>> {
  const system = path.join(work, suite);
  const made = spawn('debootstrap', ['--variant=minbase', `--include=${INCLUDED}`, suite, system], { stdio: 'ignore' });
  const [code] = await once(made, 'exit');
  if (code !== 0) throw new Error(`debootstrap ended with ${code}`);
  fs.copyFileSync(deb, path.join(system, 'srv/parlour.deb'));
  fs.copyFileSync(backup, path.join(system, 'srv/backup.age'));
  fs.copyFileSync(path.join(import.meta.dirname, 'lifecycle.sh'), path.join(system, 'srv/lifecycle.sh'));
  fs.writeFileSync(path.join(system, 'etc/systemd/system/lifecycle.service'), UNIT);
  const wants = path.join(system, 'etc/systemd/system/default.target.wants');
  fs.mkdirSync(wants, { recursive: true });
  fs.symlinkSync('../lifecycle.service', path.join(wants, 'lifecycle.service'));
  const machine = spawn('systemd-nspawn', [...NSPAWN, '-E', `SYSTEMD_PROC_CMDLINE=${COMMAND_LINE}`, '-D', system], {
    stdio: 'ignore',
  });
  const timer = setTimeout(() => machine.kill('SIGKILL'), BOOT_MS_MAX);
  await once(machine, 'exit');
  clearTimeout(timer);
  const lines = fs.readFileSync(path.join(system, 'srv/found'), 'utf8').trim().split('\n');
  return Object.fromEntries(lines.map((line) => [line.split('=')[0], line.slice(line.indexOf('=') + 1)]));
}

function check(t: Test, found: Record<string, string>): void {
  t.equal(found.node_before, 'none', 'no Node in PATH');
  t.equal(found.installed, 'active', 'installing starts it');
  t.match(found.version, /^Parlour \d+\.\d+\.\d+, Node v24/);
  t.equal(found.ready_at_once, READY, 'started means open');
  t.match(found.operator, /^https:\/\/localhost:8443\/sign-in#/, 'the command finds the data of the service');
  t.ok(Number(found.exposure) < 1.5, `systemd finds it exposed by ${found.exposure}`);
  t.equal(found.after_media_killed, READY);
  t.equal(found.after_main_killed, READY);
  t.equal(found.wrong_settings, 'NRestarts=0 ExecMainStatus=78 ActiveState=failed ');
  t.equal(found.right_settings, 'active');
  t.equal(found.without_media, 'activating', 'what cannot carry calls is not said to be active');
  t.match(found.restored, /^head \S+ transfers 1 /);
  t.equal(found.after_restore, READY);
  t.match(found.verified, /intact|whole|adds up/i);
  t.equal(found.upgraded, 'active');
  t.equal(found.after_upgrade, READY);
  t.equal(found.removed, 'inactive');
  t.equal(found.data_after_remove, '/var/lib/parlour/postgres', 'removing leaves the data');
  t.equal(found.left_after_purge, '', 'purging leaves nothing');
}

t.test('the package lives on Debian 12 and on Debian 13: installed, killed, upgraded, removed', async (t) => {
  if (!canBoot) return void leaveOut(t, 'no Debian can be booted here (root, debootstrap, systemd-container)');
  const [deb, backup] = [buildPackage(), await makeBackup()];
  const [bookworm, trixie] = await Promise.all(['bookworm', 'trixie'].map((suite) => lifecycleOn(suite, deb, backup)));
  await t.test('Debian 12', async (t) => check(t, bookworm ?? {}));
  await t.test('Debian 13', async (t) => check(t, trixie ?? {}));
});
