import { createHash } from 'node:crypto';
import { once } from 'node:events';
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';

/** Another appliance runs on this data folder. */
export class DataFolderInUse extends Error {
  override readonly name = 'DataFolderInUse';
}

/**
 * Makes sure that one appliance alone works on a data folder: a second one would stop the first one's
 * database as a leftover. A listening socket is the mark, since it goes with its process however that ends.
 * @returns how to let the folder go
 */
export async function holdDataFolder(dataDir: string): Promise<() => void> {
  fs.mkdirSync(dataDir, { recursive: true, mode: 0o755 });
  const digest = createHash('sha256').update(fs.realpathSync(dataDir)).digest('hex').slice(0, 32);
  // Linux has names for sockets that leave no file behind; elsewhere a file that nobody answers on is stale.
  const isLinux = process.platform === 'linux';
  const name = isLinux ? `\0parlour-${digest}` : path.join(dataDir, 'appliance.sock');
  if (!isLinux && !(await isAnswered(name))) fs.rmSync(name, { force: true });
  const server = net.createServer((socket) => socket.destroy());
  server.unref();
  try {
    server.listen(name);
    await once(server, 'listening');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    throw new DataFolderInUse(`Another Parlour runs on ${dataDir}. Stop it first, or choose another data folder.`);
  }
  return () => server.close();
}

async function isAnswered(name: string): Promise<boolean> {
  const socket = net.connect(name);
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
