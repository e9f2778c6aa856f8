import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';

/** Writes FILE.br and FILE.gz beside every built file, so that the server compresses nothing. */
export function precompress() {
  let folder;
  return {
    name: 'precompress',
    apply: 'build',
    configResolved(config) {
      folder = config.build.outDir;
    },
    closeBundle() {
      for (const name of readdirSync(folder, { recursive: true })) {
        const path = join(folder, name);
        if (statSync(path).isFile()) {
          const bytes = readFileSync(path);
          const options = { params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length } };
          writeFileSync(path + '.br', brotliCompressSync(bytes, options));
          writeFileSync(path + '.gz', gzipSync(bytes, { level: 9 }));
        }
      }
    },
  };
}
