import { join } from 'node:path'

/**
 * The project's root folder, with `views`, `public` and `scripts`: the same for source files in `src` and built ones in
 * `dist/src`.
 */
export const root = join(__dirname, __dirname.includes(join('dist', 'src')) ? '../../..' : '../..')
