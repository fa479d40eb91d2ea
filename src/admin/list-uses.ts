import { brandOf, Brands, defaultBrandId, findBrand, type Brand } from '../brand/brand'
import { entryId, readLists, type ListName } from '../courses/catalogue-lists'
import { NeedsAssessments, type NeedsContent } from '../signals/needs-content'
import type { Texts } from '../web/texts'

/**
 * Returns the needs assessments and the parts of the catalogue that name an entry, in a draft or in what visitors get:
 * `the needs assessment of Harbour School`.
 */
export async function brandUsesOf(list: ListName, id: string, { t }: Pick<Texts, 't'>): Promise<string[]> {
  const [lists, ids] = await Promise.all([readLists(), Brands.find({}, { _id: 1 })])
  const isNamed = (values: string[]) => values.some(value => entryId(lists[list], value) === id)
  const brands = await Promise.all(
    [...new Set([defaultBrandId, ...ids.map(({ _id }) => _id)])].sort().map(findBrand),
  )
  const uses = await Promise.all(
    brands
      .filter(brand => brand !== null)
      .map(async brand => {
        const name = brand.draft.academyName || brand._id
        const [questions, topics] = await Promise.all([needsValues(brand, list), sliceTopics(brand, list)])
        return [
          ...(isNamed(questions) ? [t('admin:lists.inNeeds', { name })] : []),
          ...(isNamed(topics) ? [t('admin:lists.inCourses', { name })] : []),
        ]
      }),
  )
  return uses.flat()
}

async function needsValues({ _id }: Brand, list: ListName): Promise<string[]> {
  const [stored, published] = await Promise.all([NeedsAssessments.read(_id), NeedsAssessments.published()])
  const contents = [stored?.draft, published.find(({ id }) => id === _id)?.content]
  return contents.flatMap(content => (content ? valuesIn(content, list) : []))
}

function valuesIn({ questions }: NeedsContent, list: ListName): string[] {
  const answers = questions.flatMap(question => question.answers)
  if (list === 'topics') return answers.flatMap(({ topics }) => topics)
  return list === 'audiences' ? answers.map(({ audience }) => audience) : []
}

async function sliceTopics({ _id, draft }: Brand, list: ListName): Promise<string[]> {
  if (list !== 'topics') return []
  const { content } = await brandOf(_id)
  return [...(draft.courses?.topics ?? []), ...(content.courses?.topics ?? [])]
}
