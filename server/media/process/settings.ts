import { MEDIA_EXIT_BAD_ADDRESS, MEDIA_EXIT_PORT_IN_USE } from '../../contract/index.ts';

/** What main has set for this process. */
export const settings = {
  udpPort: Number(process.env.PARLOUR_MEDIA_UDP_PORT),
  bindAddress: process.env.PARLOUR_MEDIA_BIND || undefined,
};

/** Ends the process with the code that tells main why its port cannot be had. */
export function exitWithoutPort(error: unknown): never {
  process.stderr.write(`UDP port ${settings.udpPort}: ${(error as Error).message}\n`);
  process.exit(
    (error as NodeJS.ErrnoException).code === 'EADDRINUSE' ? MEDIA_EXIT_PORT_IN_USE : MEDIA_EXIT_BAD_ADDRESS,
  );
}
