import { namesOf } from '../people/names'
import type { Version } from '../platform/versioned'
import type { Texts } from './texts'

/** Returns the rows of a history: what was published, when and by whom, each with the URL that restores it. */
export async function versionRows(
  versions: Version<object>[],
  current: number | null,
  url: string,
  { t, date }: Texts,
) {
  const names = await namesOf(versions.flatMap(each => each.publishedBy ?? []))
  return versions.map(({ number, publishedAt, publishedBy }) => ({
    title: t('admin:brand.version', { version: number }),
    isCurrent: number === current,
    at: date(publishedAt, 'full'),
    by: names.get(String(publishedBy)) ?? '',
    restoreAction: `${url}/versions/${number}/restoration`,
    restoreLabel: t('admin:brand.restoreLabel', { version: number }),
  }))
}
