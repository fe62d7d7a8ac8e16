// Adds the lockfile entries of optional packages for platforms that the registry in use does not
// carry. Without them `npm ci` refuses the lockfile ("Missing: … from lock file"), because the
// packages that name them as optional are in it. Run by `npm run lock`.
import fs from 'node:fs';

const OPERATING_SYSTEMS = [
  'android',
  'darwin',
  'freebsd',
  'linux',
  'win32',
  'openbsd',
  'netbsd',
  'sunos',
  'aix',
  'openharmony',
  'cygwin',
];
const ARCHITECTURES = ['arm64', 'arm', 'x64', 'ia32', 'ppc64', 'riscv64', 's390x', 'loong64', 'mips64el', 'wasm32'];

const lock = JSON.parse(fs.readFileSync('package-lock.json', 'utf8'));

/** Node's own look-up: the nearest node_modules above `from` that holds `name`. */
function isInstalledFor(from, name) {
  for (let folder = from; ; ) {
    if (lock.packages[`${folder ? `${folder}/` : ''}node_modules/${name}`]) return true;
    if (!folder) return false;
    const above = folder.lastIndexOf('/node_modules/');
    folder = above < 0 ? '' : folder.slice(0, above);
  }
}

function entryFor(name, range, parent) {
  const words = name.split(/[-/]/);
  const os = OPERATING_SYSTEMS.filter((o) => words.includes(o) || (o === 'win32' && words.includes('windows')));
  const cpu = ARCHITECTURES.filter((c) => words.includes(c));
  if (cpu.length === 0 && words.some((w) => w.startsWith('arm'))) cpu.push('arm');
  return {
    version: range.replace(/^[\^~>=\s]+/, ''),
    ...(cpu.length > 0 && { cpu }),
    ...(parent.dev && { dev: true }),
    optional: true,
    ...(os.length > 0 && { os }),
  };
}

let added = 0;
for (const [folder, pkg] of Object.entries({ ...lock.packages })) {
  for (const [name, range] of Object.entries(pkg.optionalDependencies ?? {})) {
    if (isInstalledFor(folder, name)) continue;
    lock.packages[`node_modules/${name}`] = entryFor(name, range, pkg);
    added += 1;
  }
}
const byPath = ([a], [b]) => (a < b ? -1 : a > b ? 1 : 0);
lock.packages = Object.fromEntries(Object.entries(lock.packages).sort(byPath));

// A download address would name the machine that made the lockfile; npm finds the package without it.
for (const pkg of Object.values(lock.packages)) if (/^https?:/.test(pkg.resolved ?? '')) delete pkg.resolved;

fs.writeFileSync('package-lock.json', `${JSON.stringify(lock, null, 2)}\n`);
console.log(`package-lock.json: ${added} optional packages of other platforms added`);
