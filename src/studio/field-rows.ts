import type { Asset } from '../courses/asset'
import type { RowsInput, TypedRows } from '../courses/kinds/field'
import { questionsOf } from '../courses/quiz'
import { fieldId } from '../web/field'
import { typedRows, type RowList, type RowsView } from '../web/form-rows'
import type { Texts } from '../web/texts'
import { kindOfMedia, thumbnailOf } from './media-view'

/** What moves rows in place, shows the chosen file, and filters long lists. */
export const settingsScripts = ['/js/form-rows.js', '/js/file-choice.js', '/js/choice-filter.js']

/** The fields of a form, as it was sent. */
export type TypedBody = Record<string, unknown>

/**
 * Returns the list of a field with rows: its columns, of which one for files offers those of the course, with the
 * missing ones that are typed already.
 */
export function rowListOf(
  name: string,
  { columns, maximum }: RowsInput,
  { assets, body }: { assets: readonly Asset[]; body: TypedBody },
  { t }: Pick<Texts, 't'>,
): RowList {
  const chosenIn = (column: string) =>
    Array.from({ length: maximum + 1 }, (_, n) => String(body[`${name}.${n}.${column}`] ?? '')).filter(
      Boolean,
    )
  return {
    list: name,
    legend: t(`studio:lessonSettings.${name}`),
    hint: t(`studio:lessonSettings.${name}Hint`),
    max: maximum,
    fields: columns.map(column => ({
      name: column.name,
      label: t(`studio:lessonSettings.${name}Columns.${column.name}`),
      ...(column.input === 'text' && { maxlength: column.maximum }),
      ...(column.input === 'number' && { type: 'number', min: 1, max: column.max }),
      ...(column.input === 'pool' && { hidden: true }),
      ...(column.input === 'file' && {
        options: [
          { value: '', text: t('studio:lessonSettings.chooseFile') },
          ...fileOptions(assets, chosenIn(column.name)),
        ],
      }),
    })),
  }
}

/** Returns files to choose from, each with its picture, and those that are chosen already, even if they are missing. */
export function fileOptions(assets: readonly Asset[], chosen: readonly string[]) {
  const missing = [...new Set(chosen)].filter(path => path && !assets.some(asset => asset.path === path))
  return [
    ...assets.map(asset => ({ value: asset.path, text: nameOf(asset.path), file: pictureOf(asset) })),
    ...missing.map(path => ({ value: path, text: nameOf(path), file: { ending: endingOf(path) } })),
  ]
}

/** Returns what a list of files shows beside a file's name: a small picture, or its ending. */
function pictureOf(asset: Asset) {
  const { image, video } = thumbnailOf(asset)
  const isPicture = kindOfMedia(asset) === 'image'
  return { ending: endingOf(asset.path), src: (isPicture ? image : video)?.src, isVideo: video !== null }
}

const nameOf = (path: string) => path.replace(/^assets\//, '')
const endingOf = (path: string) => /\.([^./]{1,5})$/.exec(path)?.[1]?.toUpperCase() ?? ''

/** Returns the rows of a field that were typed; a pool without a number gives none. */
export function rowsTyped(body: TypedBody, list: RowList): TypedRows {
  const pools = list.fields.some(({ hidden }) => hidden)
  return typedRows(body, list).filter(row => !pools || list.fields.every(({ name }) => row[name]))
}

/**
 * Returns a list whose rows are the pools of a lesson's questions, and those that it draws from already: a number
 * beside the name of each.
 */
export function poolRows(
  { list, legend, hint, fields }: RowList,
  body: string,
  values: TypedBody,
  { t }: Texts,
): RowsView {
  const number = fields.find(({ hidden }) => !hidden)!
  const typed = typedRows(values, { list, legend, fields, max: 100 })
  const pools = questionsOf(body).flatMap(({ pool }) => pool ?? [])
  const names = [...new Set([...pools, ...typed.flatMap(({ pool }) => pool || [])])]
  return {
    ...{ id: fieldId(list), name: list, legend, add: null },
    hint: names.length ? hint : t('studio:lessonSettings.noPools'),
    rows: names.map((pool, n) => ({
      ...{ legend: pool, moves: [], remove: null },
      hidden: [{ name: `${list}.${n}.pool`, value: pool }],
      fields: [
        {
          ...number,
          name: `${list}.${n}.${number.name}`,
          label: t('studio:lessonSettings.drawFrom', {
            pool,
            count: pools.filter(each => each === pool).length,
          }),
          value: typed.find(row => row.pool === pool)?.[number.name] ?? '',
        },
      ],
    })),
  }
}
