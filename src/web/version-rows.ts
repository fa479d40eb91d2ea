import { People } from '../people/person'
import type { Version } from '../platform/versioned'
import type { Texts } from './texts'

/** Returns the rows of a history: what was published, when and by whom, each with the URL that restores it. */
export async function versionRows(
  versions: Version<object>[],
  current: number | null,
  url: string,
  { t, date }: Texts,
) {
  const people = await People.find(
    { _id: { $in: versions.flatMap(each => each.publishedBy ?? []) } },
    { name: 1 },
  )
  const names = new Map(people.map(({ _id, name }) => [String(_id), name]))
  return versions.map(({ number, publishedAt, publishedBy }) => ({
    title: t('admin:brand.version', { version: number }),
    isCurrent: number === current,
    at: date(publishedAt, 'full'),
    by: names.get(String(publishedBy)) ?? '',
    restoreAction: `${url}/versions/${number}/restoration`,
    restoreLabel: t('admin:brand.restoreLabel', { version: number }),
  }))
}
