// The tree as one file: tar, packed by zstd, the same bytes for the same tree.
import fs from 'node:fs';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import zlib from 'node:zlib';
import { pack } from 'tar-stream';

const LEVEL = 12;

/**
 * @param {string} tree
 * @param {string} name folder that the archive unpacks to
 * @param {string} file
 */
export async function writeArchive(tree, name, file) {
  const tar = pack();
  const zstd = zlib.createZstdCompress({ params: { [zlib.constants.ZSTD_c_compressionLevel]: LEVEL } });
  const written = pipeline(tar, zstd, fs.createWriteStream(file));
  for (const entry of ['', ...fs.readdirSync(tree, { recursive: true }).sort()]) {
    const full = path.join(tree, entry);
    const { mode, mtime, size, ...stat } = statOf(full);
    const header = { name: path.posix.join(name, entry), mode, mtime, uid: 0, gid: 0, uname: 'root', gname: 'root' };
    await new Promise((resolve, reject) => {
      const done = (error) => (error ? reject(error) : resolve());
      if (stat.isDirectory) tar.entry({ ...header, type: 'directory' }, done);
      else if (stat.link !== null) tar.entry({ ...header, type: 'symlink', linkname: stat.link }, done);
      else fs.createReadStream(full).pipe(tar.entry({ ...header, size }, done));
    });
  }
  tar.finalize();
  await written;
}

function statOf(file) {
  const stat = fs.lstatSync(file);
  return {
    mode: stat.mode & 0o777,
    mtime: stat.mtime,
    size: stat.size,
    isDirectory: stat.isDirectory(),
    link: stat.isSymbolicLink() ? fs.readlinkSync(file) : null,
  };
}
