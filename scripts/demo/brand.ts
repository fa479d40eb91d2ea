import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from '../../src/platform/root'
import { defaultBrandId } from '../../src/brand/brand'
import { saveBrandDraft, publishBrand } from '../../src/brand/change-brand'
import { readLegalPage } from '../../src/web/legal-page'
import { blankBrand, type BrandContent, type LegalPageContent } from '../../src/brand/content'

/** The starter of the terms, with its blank filled in. */
function demoTerms(): LegalPageContent {
  const page = readLegalPage(readFileSync(join(root, 'views/legal-pages/en/terms.md'), 'utf8'))
  return { ...page, body: page.body.replace(/\[Which law[^\]]*\]/, 'Czech law applies.') }
}

const demoBrand = (): BrandContent => ({
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

/** Gives a new academy the demo's brand. */
export async function publishDemoBrand(): Promise<void> {
  await publishBrand(defaultBrandId, await saveBrandDraft(defaultBrandId, demoBrand(), 0), null)
}
