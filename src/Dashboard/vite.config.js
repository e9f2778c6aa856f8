import { defineConfig } from 'vite';
import { precompress } from './build/precompress.js';

// `npx vite` serves the sources with reloading; the API comes from a Collector on its usual port.
const collector = process.env.COLLECTOR_URL ?? 'http://127.0.0.1:4380';

export default defineConfig({
  plugins: [precompress()],
  server: { host: '127.0.0.1', proxy: { '/api': collector } },
  build: {
    target: 'es2022',
    // No data: URLs and no preload helper: the page's Content-Security-Policy allows nothing inline.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
  },
  test: { include: ['tests/**/*.test.ts'] },
});
