import { defaultBrandId } from '../../src/brand/brand'
import { saveBrandDraft, publishBrand } from '../../src/brand/change-brand'
import { blankBrand, type BrandContent } from '../../src/brand/content'

const demoBrand: BrandContent = {
  ...blankBrand,
  academyName: 'Lyceum',
  companyName: 'Lyceum',
  tagline: 'Written by the people who build the product.',
  legalName: 'Lyceum Software s.r.o.',
  postalAddress: 'Veveří 12, 602 00 Brno, Czechia',
  privacyEmail: 'privacy@lyceum.example',
  accessibilityEmail: 'access@lyceum.example',
}

/** Gives a new academy the demo's brand. */
export async function publishDemoBrand(): Promise<void> {
  await publishBrand(defaultBrandId, await saveBrandDraft(defaultBrandId, demoBrand, 0), null)
}
