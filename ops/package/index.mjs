// npm run package: one self-contained tree, wrapped as .deb, as tar.zst and as an OCI image, with sums and a bill of
// materials, in dist/packages. Usage: npm run package -- --help
import '../build/runtime.mjs';
import { spawnSync } from 'node:child_process';
import { createHash, createPrivateKey, createPublicKey, sign } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { buildStale, root } from '../build/build.mjs';
import { writeArchive } from './archive.mjs';
import { gapsIn } from './closure.mjs';
import { addToRepository, writeDeb } from './deb.mjs';
import { writeImage } from './image.mjs';
import { billOfMaterials } from './sbom.mjs';
import { ARCHITECTURES, copyTree, makeTree } from './tree.mjs';

const FORMS = ['deb', 'tar', 'image', 'tree'];
const HELP = `npm run package [-- forms…] [options]

Forms: ${FORMS.join(', ')} (none named: deb and tar; an image also needs root, debootstrap and buildah; tree is
the folder that they wrap)

  --arch x64,arm64     for which processors (default: this machine's)
  --out DIR            where they go (default: dist/packages)
  --sign FILE          Ed25519 private key in PEM that signs SHA256SUMS
  --repository DIR     also takes the .deb into a repository for apt, by reprepro …
  --repository-key ID  … signed by this key of GnuPG
  --mirror URL         where debootstrap takes Debian from`;

class Refused extends Error {}

function optionsOf(args) {
  const texts = ['arch', 'out', 'sign', 'repository', 'repository-key', 'mirror'];
  const options = Object.fromEntries(texts.map((name) => [name, { type: 'string' }]));
  let parsed;
  try {
    parsed = parseArgs({ args, allowPositionals: true, options: { ...options, help: { type: 'boolean' } } });
  } catch (error) {
    throw new Refused(`${error.message}\n\n${HELP}`);
  }
  const { values, positionals } = parsed;
  const unknown = positionals.find((form) => !FORMS.includes(form));
  if (unknown) throw new Refused(`There is no form "${unknown}"; there are ${FORMS.join(', ')}.`);
  const arches = (values.arch ?? process.arch).split(',');
  const strange = arches.find((arch) => !Object.hasOwn(ARCHITECTURES, arch));
  if (strange !== undefined)
    throw new Refused(`There is no package for "${strange}"; there are ${Object.keys(ARCHITECTURES).join(', ')}.`);
  if ((values.repository === undefined) !== (values['repository-key'] === undefined))
    throw new Refused('--repository and --repository-key go together: apt takes no repository that nobody signed.');
  if (values.sign && !fs.existsSync(values.sign)) throw new Refused(`There is no key at ${values.sign}.`);
  const forms = positionals.length > 0 ? positionals : ['deb', 'tar'];
  if (values.repository && !forms.includes('deb')) throw new Refused('A repository for apt takes a .deb: name deb.');
  return { ...values, forms, arches, out: path.resolve(values.out ?? path.join(root, 'dist/packages')) };
}

/** Of every file in a package: the last commit's, so that one commit gives one set of bytes. */
function dateOfSources() {
  const given = process.env.SOURCE_DATE_EPOCH;
  const { stdout } = spawnSync('git', ['log', '-1', '--format=%ct'], { cwd: root, encoding: 'utf8' });
  return new Date(Number(given ?? (stdout?.trim() || 0)) * 1_000);
}

async function packageFor(arch, { forms, out, mirror, version, date }) {
  const work = path.join(root, 'dist/package', arch);
  const tree = path.join(work, 'tree');
  fs.rmSync(work, { recursive: true, force: true });
  fs.mkdirSync(tree, { recursive: true });
  console.error(`putting the tree for ${arch} together …`);
  makeTree(arch, tree, date);
  const gaps = gapsIn(tree, arch);
  if (gaps.length > 0) throw new Refused(`The tree for ${arch} is not whole:\n${gaps.join('\n')}`);
  const what = { tree, arch, version, date, out, mirror };
  const files = [];
  for (const form of forms) {
    console.error(`writing ${form} for ${arch} …`);
    if (form === 'deb') files.push(writeDeb(what));
    if (form === 'image') files.push(writeImage(what));
    if (form === 'tree') copyTree(tree, path.join(out, `parlour-${version}-linux-${arch}`));
    if (form === 'tar') {
      const name = `parlour-${version}-linux-${arch}`;
      files.push(path.join(out, `${name}.tar.zst`));
      await writeArchive(tree, name, files.at(-1));
    }
  }
  return files;
}

/** Sums of all files, and who vouches for them. */
function writeSums(files, out, keyFile) {
  const sums = path.join(out, 'SHA256SUMS');
  const digest = (file) => createHash('sha256').update(fs.readFileSync(file)).digest('hex');
  fs.writeFileSync(
    sums,
    files
      .map((file) => `${digest(file)}  ${path.basename(file)}\n`)
      .sort()
      .join(''),
  );
  for (const stale of ['SHA256SUMS.sig', 'parlour.pub']) fs.rmSync(path.join(out, stale), { force: true });
  if (!keyFile) return console.error('not signed: name a key with --sign');
  const key = createPrivateKey(fs.readFileSync(keyFile));
  if (key.asymmetricKeyType !== 'ed25519') throw new Refused(`The key at ${keyFile} is not one of Ed25519.`);
  fs.writeFileSync(`${sums}.sig`, sign(null, fs.readFileSync(sums), key));
  fs.writeFileSync(path.join(out, 'parlour.pub'), createPublicKey(key).export({ type: 'spki', format: 'pem' }));
}

async function main(args) {
  if (args.includes('--help')) return console.log(HELP);
  const options = optionsOf(args);
  await buildStale();
  const { version } = JSON.parse(fs.readFileSync(path.join(root, 'package.json'), 'utf8'));
  const date = dateOfSources();
  fs.mkdirSync(options.out, { recursive: true });
  const files = [];
  for (const arch of options.arches) files.push(...(await packageFor(arch, { ...options, version, date })));
  files.push(path.join(options.out, `parlour-${version}.cdx.json`));
  fs.writeFileSync(files.at(-1), billOfMaterials(version, date));
  writeSums(files, options.out, options.sign);
  if (options.repository) {
    const packages = files.filter((file) => file.endsWith('.deb'));
    addToRepository(packages, path.resolve(options.repository), options['repository-key']);
  }
  for (const file of files) console.log(`${path.relative(process.cwd(), file)}  ${fs.statSync(file).size} bytes`);
}

try {
  await main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof Refused)) throw error;
  console.error(error.message);
  process.exitCode = 2;
}
