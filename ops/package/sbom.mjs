// What is in a package, as a bill of materials in CycloneDX 1.6: every package of the lockfile that ships, and what native
// parts are linked with. (npm's own `npm sbom` refuses a lockfile in which any peer is overridden.)
import fs from 'node:fs';
import path from 'node:path';
import { root } from '../build/build.mjs';
import { licenceOf, shippedPackages } from '../build/licences.mjs';

const purlOf = (name, version) => `pkg:npm/${name.replace('@', '%40')}@${version}`;

function componentOf({ name, version, entry, place }) {
  const [algorithm, digest] = entry.integrity?.split('-') ?? [];
  const purl = purlOf(name, version);
  return {
    type: 'library',
    'bom-ref': purl,
    name,
    version,
    purl,
    licenses: [{ license: { name: licenceOf(name, place, entry) } }],
    ...(algorithm === 'sha512' && {
      hashes: [{ alg: 'SHA-512', content: Buffer.from(digest, 'base64').toString('hex') }],
    }),
  };
}

/** What native parts have within them, as their register says: these have no entry in any lockfile. */
function linkedComponents() {
  const natives = JSON.parse(fs.readFileSync(path.join(root, 'server/cli/native-parts.json'), 'utf8'));
  return natives.flatMap(({ name: into, links }) =>
    links.map(({ name, version }) => ({
      type: 'library',
      'bom-ref': `${name}@${version} in ${into}`,
      name,
      version,
      properties: [{ name: 'parlour:linkedInto', value: into }],
    })),
  );
}

/** @param {string} version of Parlour @param {Date} date @returns {string} JSON, the same for the same sources */
export function billOfMaterials(version, date) {
  const components = shippedPackages().map(componentOf);
  const unique = new Map([...components, ...linkedComponents()].map((component) => [component['bom-ref'], component]));
  const bill = {
    $schema: 'http://cyclonedx.org/schema/bom-1.6.schema.json',
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    version: 1,
    metadata: {
      timestamp: date.toISOString(),
      component: { type: 'application', 'bom-ref': 'parlour', name: 'parlour', version },
    },
    components: [...unique.values()].sort((a, b) => (a['bom-ref'] < b['bom-ref'] ? -1 : 1)),
  };
  return `${JSON.stringify(bill, null, 2)}\n`;
}
