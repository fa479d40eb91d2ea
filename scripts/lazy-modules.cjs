/** Modules that only some pages or settings need. They load when first used, which saves start-up time and memory. */
exports.lazy = [
  ...[
    'sanitize-html',
    './markdown',
    '../../markdown',
    '../courses/markdown',
    './search-entries',
    './text-part',
    'minisearch',
    'diff',
    'yaml',
    'multer',
    'rate-limiter-flexible',
    'csv-stringify/sync',
    'yauzl',
    'yazl',
  ],
  ...['@node-rs/argon2', 'standardwebhooks', 'tldts', 'transliteration'],
  ...['./store/start', './common-passwords'],
]
