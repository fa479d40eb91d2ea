import { brandOf } from '../../src/brand/brand'
import { purposes } from '../../src/people/consent'
import { consentHashOf } from '../../src/people/consent-text'
import { textsOfBrand } from '../../src/web/shown-brand'

/** Returns the hidden fields with which the forms of a brand say what text of each consent they show. */
export async function shownConsents(brandId?: string): Promise<Record<string, string>> {
  const { t } = textsOfBrand(await brandOf(brandId))
  return Object.fromEntries(
    purposes.map(purpose => [`${purpose}_text`, consentHashOf(t(`account:boxes.${purpose}.text`))]),
  )
}

/** Returns these fields as a page has them. */
export function consentsShownOn(page: string): Record<string, string> {
  const fields = page.matchAll(/name="(\w+_text)" value="([0-9a-f]{64})"/g)
  return Object.fromEntries([...fields].map(([, name, value]) => [name!, value!]))
}
