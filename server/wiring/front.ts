import { HUB_CLOSE_RESTARTING } from '../contract/index.ts';
import { ensureCertificate, type FrontDeps, networkUrls, startFront } from '../front/index.ts';
import type { Base } from './base.ts';

/** Opens the one TLS port. */
export async function openFront(
  { settings, parts, log, stops }: Base,
  deps: Omit<FrontDeps, 'version' | 'settings' | 'linkBase' | 'networkUrls'>,
) {
  const certificate = await ensureCertificate(settings.data, settings.front.names, log);
  let port = settings.front.port;
  const front = await startFront(
    {
      ...deps,
      settings,
      version: parts.version,
      linkBase: ({ host }) => `https://${host || `localhost:${port}`}`,
      networkUrls: () => networkUrls(settings.front.names, port),
    },
    {
      host: settings.front.host,
      port: settings.front.port,
      pagesFolder: parts.pages,
      verifyProgram: parts.verifyProgram,
      webTransportPort: deps.media.udpPortOf('webtransport'),
      certificate,
    },
  );
  port = front.port;
  stops.push(async () => {
    deps.hub.close(HUB_CLOSE_RESTARTING, 'the appliance is stopping');
    await front.close();
  });
  return { port, routes: front.routes, networkUrls: networkUrls(settings.front.names, port) };
}
