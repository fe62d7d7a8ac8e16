// What the lockfile says of packages: which ones a package needs, and which of them are for a platform.

/**
 * The packages named, and all that they need, by where they are installed.
 * @param {Iterable<string>} names
 * @param {{ packages: Record<string, object> }} lock package-lock.json
 * @param {(entry: object) => boolean} [takes] which of them count; what only they need does not either
 * @returns {Map<string, object>} entries of the lockfile by place, such as `node_modules/fastify`
 */
export function closureOf(names, lock, takes = () => true) {
  const found = new Map();
  const visit = (name, from) => {
    for (let at = from; ; at = at.slice(0, Math.max(0, at.lastIndexOf('node_modules/') - 1))) {
      const place = at === '' ? `node_modules/${name}` : `${at}/node_modules/${name}`;
      const entry = lock.packages[place];
      if (entry) {
        if (found.has(place) || !takes(entry)) return;
        found.set(place, entry);
        const target = entry.link ? { ...entry, ...lock.packages[entry.resolved] } : entry;
        for (const needed of Object.keys({ ...target.dependencies, ...target.optionalDependencies }))
          visit(needed, place);
        return;
      }
      if (at === '') return;
    }
  };
  for (const name of names) visit(name, '');
  return found;
}

/** Whether a package is for a platform with glibc, by what its entry names; one that names nothing is for all. */
export const isFor =
  ({ os, cpu }) =>
  (entry) =>
    (!entry.os || entry.os.includes(os)) &&
    (!entry.cpu || entry.cpu.includes(cpu)) &&
    (!entry.libc || entry.libc.includes('glibc'));
