import { fileURLToPath } from 'node:url';
import tailwindcss from '@tailwindcss/vite';
import { defineConfig } from 'vite';
import solid from 'vite-plugin-solid';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  root: here('.'),
  plugins: [solid(), tailwindcss()],
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
      // A module's index.ts names all that it offers; what a page does not use of it must not come along.
      treeshake: { moduleSideEffects: [{ test: /web\/src\/.*\.tsx?$/, sideEffects: false }] },
      output: {
        codeSplitting: {
          groups: [
            {
              // The page that most people open first, and with it what all pages share.
              name: 'first-page',
              test: /web\/src\/(client\/video-calls-page|ui\/(?!dialog)|money\/|state\/)/,
            },
          ],
        },
      },
    },
  },
});
