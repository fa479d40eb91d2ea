import { listsId, readLists, type CatalogueLists } from '../../src/courses/catalogue-lists'
import { saveLists } from '../../src/courses/change-catalogue-lists'

type Lists = Pick<CatalogueLists, 'topics' | 'audiences' | 'levels'>

const entry = (id: string, en: string) => ({ id, names: { en }, aliases: [] })

/** The topics, audiences and levels of the courses in Lyceum's guide. */
export const guideLists: Lists = {
  topics: [
    entry('learning', 'Learning'),
    entry('sales', 'Sales'),
    entry('operations', 'Operations'),
    entry('privacy', 'Privacy'),
  ],
  audiences: [
    entry('l-d', 'L&D'),
    entry('sales', 'Sales'),
    entry('operations', 'Operations'),
    entry('privacy', 'Privacy'),
  ],
  levels: [
    entry('beginner', 'Beginner'),
    entry('intermediate', 'Intermediate'),
    entry('advanced', 'Advanced'),
  ],
}

/** Saves the lists of one or more brands as those of the installation; what two of them have in common is one entry. */
export async function saveDemoLists(...all: [Lists, ...Lists[]]): Promise<void> {
  const { number } = await readLists()
  const merged = (list: keyof Lists) => [
    ...new Map(all.flatMap(lists => lists[list].map(each => [each.id, each] as const))).values(),
  ]
  await saveLists({
    _id: listsId,
    number,
    topics: merged('topics'),
    audiences: merged('audiences'),
    levels: merged('levels'),
  })
}
