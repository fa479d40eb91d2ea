import { listsId, readLists } from '../../src/courses/catalogue-lists'
import { saveLists } from '../../src/courses/change-catalogue-lists'

const entry = (id: string, en: string) => ({ id, names: { en }, aliases: [] })

/** Gives a new academy the demo's topics, audiences and levels. */
export async function saveDemoLists(): Promise<void> {
  const { number } = await readLists()
  await saveLists({
    _id: listsId,
    number,
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
  })
}
