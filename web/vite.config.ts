import fs from 'node:fs';
import { fileURLToPath } from 'node:url';
import tailwindcss from '@tailwindcss/vite';
import { defineConfig, type Plugin } from 'vite';
import solid from 'vite-plugin-solid';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** Most who come are clients at their first page: its code comes beside the first script, not after it. */
const FIRST_PAGE = /client\/VideoCallsPage\.tsx$/;

/** What every page uses, and what stands on the first one: it goes together, since a request costs a round trip. */
const FIRST_SOURCES =
  /web\/src\/(ui\/(?!Dialog)|money\/|app\/(form|fresh|kept|pages|notify)|client\/(ModelParts|ModelCard|FilterBar|cards)|people\/(Marks|PersonMenu|RatingLine)\.|account\/PasswordReminder|call\/screens\/DeviceProblemNotice)/;
const firstIcons = new Set(
  fs
    .readdirSync(here('./src'), { recursive: true, encoding: 'utf8' })
    .filter((file) => FIRST_SOURCES.test(`web/src/${file}`) || FIRST_PAGE.test(file) || /^app\/\w+\.tsx$/.test(file))
    .flatMap((file) => [...fs.readFileSync(here(`./src/${file}`), 'utf8').matchAll(/lucide-solid\/icons\/([\w-]+)/g)])
    .map(([, name]) => name),
);

function isOfFirstPage(id: string): boolean {
  const icon = /lucide-solid\/.*\/icons\/([\w-]+)\.\w+$/.exec(id);
  return icon ? firstIcons.has(icon[1]) : FIRST_SOURCES.test(id) || /lucide-solid\/(?!.*icons\/)/.test(id);
}

/** Names the chunks of a page in the HTML, so that the browser asks for them at once. */
function preloadPage(page: RegExp): Plugin {
  return {
    name: 'preload-page',
    transformIndexHtml: {
      order: 'post',
      handler(html, { bundle }) {
        const chunks = Object.values(bundle ?? {}).filter((one) => one.type === 'chunk');
        const byFile = new Map(chunks.map((chunk) => [chunk.fileName, chunk]));
        const wanted = new Set<string>();
        const want = (fileName: string) => {
          if (wanted.has(fileName)) return;
          wanted.add(fileName);
          byFile.get(fileName)?.imports.forEach(want);
        };
        for (const chunk of chunks) if (page.test(chunk.facadeModuleId ?? '')) want(chunk.fileName);
        return [...wanted]
          .filter((fileName) => !html.includes(fileName))
          .map((fileName) => ({
            tag: 'link',
            attrs: { rel: 'modulepreload', crossorigin: true, href: `/${fileName}` },
            injectTo: 'head' as const,
          }));
      },
    },
  };
}

export default defineConfig({
  root: here('.'),
  plugins: [solid(), tailwindcss(), preloadPage(FIRST_PAGE)],
  resolve: { alias: { '~': here('./src'), '@contract': here('../server/contract'), '@core': here('../core-wasm') } },
  build: {
    outDir: here('../dist/web'),
    emptyOutDir: true,
    target: 'es2023',
    assetsDir: 'assets',
    // The content security policy allows no inline code: nothing is made a data: URL, no polyfill is needed.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    // A request costs a round trip: what is small and used by many goes together.
    rolldownOptions: {
      output: {
        codeSplitting: {
          groups: [
            { name: 'parts', test: isOfFirstPage },
            { name: 'icons', test: /lucide-solid/, minShareCount: 2 },
          ],
        },
      },
    },
  },
});
