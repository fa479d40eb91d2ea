import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import { defaultBrandId } from '../../src/brand/brand'
import { publishBrand, saveBrandDraft } from '../../src/brand/change-brand'
import { blankBrand, type BrandContent } from '../../src/brand/content'
import { PricingPages, type ComparisonRow, type PlansContent } from '../../src/brand/plans'
import { root } from '../../src/platform/root'
import { NeedsAssessments, type NeedsContent } from '../../src/signals/needs-content'
import { readLegalPage } from '../../src/web/legal-page'
import { readDemoLook } from './brand-look'
import type { guideLists } from './lists'

const folder = join(root, 'scripts/demo/tarnwell')

/** Reads one of the files with Tarnwell's settings, such as `plans`. */
export function tarnwellSettings<Settings>(name: string): Settings {
  return parse(readFileSync(join(folder, `${name}.yml`), 'utf8')) as Settings
}

export const tarnwellLists = tarnwellSettings<typeof guideLists>('topics')

const legalPage = (name: string) => readLegalPage(readFileSync(join(folder, 'legal', `${name}.md`), 'utf8'))

/** The rows of `plan-comparison.yml`, whose cells are in the order of its plans. */
function comparison(): ComparisonRow[] {
  const { plans, rows } = tarnwellSettings<{
    plans: string[]
    rows: { row: string; cells: (string | null)[] }[]
  }>('plan-comparison')
  return rows.map(({ row, cells }) => ({
    name: row,
    cells: Object.fromEntries(plans.map((id, n) => [id, cells[n] ?? ''])),
  }))
}

/** Makes a new academy that of Tarnwell: its brand, needs assessment and pricing page. */
export async function publishTarnwell(): Promise<void> {
  const content: BrandContent = {
    ...blankBrand,
    ...tarnwellSettings<Partial<BrandContent>>('brand'),
    ...(await readDemoLook('tarnwell')),
    courses: { topics: tarnwellLists.topics.map(({ id }) => id), slugs: [] },
    legalPages: { privacy: legalPage('privacy'), terms: legalPage('terms') },
  }
  const id = defaultBrandId
  await publishBrand(id, await saveBrandDraft(id, content, 0), null)
  const needs = tarnwellSettings<NeedsContent>('needs')
  await NeedsAssessments.publish(id, await NeedsAssessments.save(id, needs, 0, null), null)
  const plans = { ...tarnwellSettings<PlansContent>('plans'), comparison: comparison() }
  await PricingPages.publish(id, await PricingPages.save(id, plans, 0, null), null)
}
