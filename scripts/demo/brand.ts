import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from '../../src/platform/root'
import { addBrand, publishBrand, saveBrandDraft } from '../../src/brand/change-brand'
import { readLegalPage } from '../../src/web/legal-page'
import { guideLists } from './lists'
import { publishGuideNeeds } from './needs'
import { publishGuidePlans } from './plans'
import { blankBrand, type BrandContent, type LegalPageContent } from '../../src/brand/content'

/** The id of the demo's second brand. */
export const guideId = 'guide'

/** The starter of the terms, with its blank filled in. */
function demoTerms(): LegalPageContent {
  const page = readLegalPage(readFileSync(join(root, 'views/legal-pages/en/terms.md'), 'utf8'))
  return { ...page, body: page.body.replace(/\[Which law[^\]]*\]/, 'Czech law applies.') }
}

const guideContent = (): BrandContent => ({
  ...blankBrand,
  academyName: 'Lyceum',
  companyName: 'Lyceum',
  tagline: 'Written by the people who build the product.',
  legalName: 'Lyceum Software s.r.o.',
  postalAddress: 'Veveří 12, 602 00 Brno, Czechia',
  privacyEmail: 'privacy@lyceum.example',
  accessibilityEmail: 'access@lyceum.example',
  legalPages: { terms: demoTerms() },
})

/** Gives a new academy the brand of Lyceum's guide. */
export async function publishGuideBrand(brandId: string): Promise<void> {
  await publishBrand(brandId, await saveBrandDraft(brandId, guideContent(), 0), null)
}

/** Adds Lyceum's guide as a further brand at `guide.localhost`, with the courses of its own topics. */
export async function addGuide(): Promise<void> {
  await addBrand({ id: guideId, academyName: 'Lyceum Guide', hosts: ['guide.localhost'] }, null)
  const content = {
    ...guideContent(),
    academyName: 'Lyceum Guide',
    courses: { topics: guideLists.topics.map(({ id }) => id), slugs: [] },
  }
  await publishBrand(guideId, await saveBrandDraft(guideId, content, 1), null)
  await publishGuideNeeds(guideId)
  await publishGuidePlans(guideId)
}
