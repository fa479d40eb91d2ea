import { join } from 'node:path'

/**
 * The root folder of the project, which holds `views`, `public` and `scripts`: the same whether this runs from `src` or, built,
 * from `dist/src`.
 */
export const root = join(__dirname, __dirname.includes(join('dist', 'src')) ? '../../..' : '../..')
