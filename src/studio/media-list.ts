import type { Request } from 'express'
import { courseCaps } from '../courses/content'
import type { Asset } from '../courses/asset'
import type { Course } from '../courses/course'
import type { MediaUse } from '../courses/media-uses'
import { storedBytes } from '../courses/asset'
import { config } from '../platform/config'
import { fold } from '../platform/fold'
import type { FormField } from '../web/field'
import { pageLinks, pageOfRows, type At, type SortOrder } from '../web/keyset'
import { parametersOf } from '../web/parameters'
import type { Texts } from '../web/texts'
import { factsOf, fileHref, kindOfMedia, mediaKinds, sizeText, thumbnailOf, usesView } from './media-view'
import { urlOf } from './urls'

/** A file of a course, in the list of one course or of all of them. */
export type MediaEntry = {
  course: Pick<Course, 'slug'> & { title: string }
  asset: Asset
  uses: MediaUse[]
  storedAt: Date | undefined
}

const pageSize = 40
/** Places that a row names; the file's own page has all of them. */
const maxUses = 3

const orders: Record<string, SortOrder> = {
  name: { name: 1, id: 1 },
  newest: { storedAt: -1, id: 1 },
  largest: { size: -1, id: 1 },
}

/** What a row is ordered and found by. */
type Row = { entry: MediaEntry; id: string; name: string; size: number; storedAt: number }

/**
 * Returns the list of files at an address, as `studio/media-list` shows it: searched by name and alt text (`?q=`), of
 * one kind (`?type=image`), only unused ones (`?used=no`), ordered (`?sort=largest`), a page at a time.
 *
 * @param options.canWrite whether unused files get a button that removes them.
 * @param options.showsCourse whether the files are those of several courses.
 */
export function mediaList(
  request: Request,
  entries: MediaEntry[],
  texts: Texts,
  { canWrite, showsCourse }: { canWrite: boolean; showsCourse: boolean },
) {
  const { t, number } = texts
  const { q = '', type = '', sort = 'name', used = '', after, before } = parametersOf(request)
  const wanted = fold(q.trim())
  const rows: Row[] = entries
    .filter(({ asset }) => !type || kindOfMedia(asset) === type)
    .filter(({ uses }) => used !== 'no' || !uses.length)
    .filter(entry => !wanted || searched(entry).includes(wanted))
    .map(entry => ({
      entry,
      id: `${entry.course.slug}/${entry.asset.path}`,
      name: fold(nameOf(entry.asset)),
      size: entry.asset.size,
      storedAt: entry.storedAt?.getTime() ?? 0,
    }))
  const page = pageOfRows(rows, orders[sort] ?? orders.name!, { after, before }, pageSize)
  const isFiltered = Boolean(wanted || type || used)
  const filters = { q: q.trim(), type, used, sort: sort === 'name' ? '' : sort }
  const pageUrl = (at: At) => `${request.path}?${new URLSearchParams({ ...given(filters), ...at })}`
  return {
    rows: page.rows.map(({ entry }) => rowView(entry, texts, canWrite, showsCourse)),
    isEmpty: !entries.length,
    filters: { action: request.path, fields: filterFields(filters, texts) },
    noMatch: isFiltered && !rows.length ? { text: t('studio:media.noMatch'), href: request.path } : null,
    pages: {
      ...pageLinks(page, pageUrl),
      text: rows.length
        ? t('studio:media.range', {
            first: number(page.first),
            last: number(page.first + page.rows.length - 1),
            total: number(page.total),
          })
        : '',
    },
  }
}

/** Returns how much space files take, and how much there is. */
export async function storageView(assets: Asset[], texts: Texts) {
  const { t, number } = texts
  const megabytes = (bytes: number) => number(Math.round((bytes / 1024 / 1024) * 10) / 10)
  const size = megabytes(assets.reduce((sum, { size }) => sum + size, 0))
  const all = megabytes(await storedBytes())
  const limit = config.mediaBytes
  return {
    course: t('studio:media.storage.course', { size, limit: courseCaps.megabytes }),
    all: limit
      ? t('studio:media.storage.allOf', { size: all, limit: megabytes(limit) })
      : t('studio:media.storage.all', { size: all }),
  }
}

const given = (filters: Record<string, string>) =>
  Object.fromEntries(Object.entries(filters).filter(([, value]) => value))

const nameOf = ({ path }: Asset) => path.replace(/^assets\//, '')

/** A picture is also found by what lessons say of it. */
const searched = ({ asset, uses }: MediaEntry) =>
  fold([asset.path, asset.alt ?? '', ...uses.map(({ alt }) => alt ?? '')].join('\n'))

function filterFields(
  { q, type, used, sort }: Record<'q' | 'type' | 'used' | 'sort', string>,
  { t }: Texts,
): { search: FormField; choices: { name: string; label: string; options: Option[] }[] } {
  const options = (values: string[], chosen: string, textOf: (value: string) => string): Option[] =>
    values.map(value => ({ value, text: textOf(value), isChosen: value === chosen }))
  return {
    search: { name: 'q', label: t('studio:media.search'), type: 'search', value: q, maxlength: 200 },
    choices: [
      {
        name: 'type',
        label: t('studio:media.type'),
        options: options(['', ...mediaKinds], type, value =>
          t(value ? `studio:media.kinds.${value}` : 'studio:media.allTypes'),
        ),
      },
      {
        name: 'used',
        label: t('studio:media.used'),
        options: options(['', 'no'], used, value =>
          t(value ? 'studio:media.onlyUnused' : 'studio:media.usedOrNot'),
        ),
      },
      {
        name: 'sort',
        label: t('studio:media.sort'),
        options: options(Object.keys(orders), sort || 'name', value => t(`studio:media.orders.${value}`)),
      },
    ],
  }
}

type Option = { value: string; text: string; isChosen: boolean }

function rowView(
  { course, asset, uses, storedAt }: MediaEntry,
  texts: Texts,
  canWrite: boolean,
  showsCourse: boolean,
) {
  const { t, date } = texts
  const all = usesView(course, uses, texts)
  const different = asset.alt
    ? all.filter(({ alt }) => alt !== null && alt !== '' && alt !== asset.alt).length
    : 0
  return {
    name: nameOf(asset),
    path: asset.path,
    href: fileHref(course, asset.path),
    thumbnail: thumbnailOf(asset),
    facts: factsOf(asset, texts),
    alt: asset.alt ?? all.find(({ alt }) => alt)?.alt ?? '',
    different: different ? t('studio:media.otherTexts', { count: different }) : '',
    course: showsCourse ? { href: `${urlOf(course)}/files`, text: course.title } : null,
    size: sizeText(asset.size, texts),
    storedAt: storedAt ? date(storedAt, 'day') : '',
    uses: all.slice(0, maxUses),
    more: all.length > maxUses ? t('studio:media.moreUses', { count: all.length - maxUses }) : '',
    removalUrl: canWrite && !uses.length ? `${urlOf(course)}/files/removal` : null,
  }
}
