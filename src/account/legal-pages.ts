import type { LegalPageName } from '../brand/content'
import { legalPageOf, renderLegalPage } from '../web/legal-page'
import type { Handler } from '../web/handler'
import { brandFor } from '../web/shown-brand'
import { textsOf } from '../web/texts'

/** Returns the handler that shows a legal page: the brand's own, or its starter. */
export function legalPage(name: LegalPageName): Handler {
  return async (request, response) => {
    const { t, lang } = textsOf(response)
    const { title, lede, html } = renderLegalPage(legalPageOf(await brandFor(request), name, lang), t, lang)
    response.render('account/legal-page', {
      title,
      lede,
      html,
      head: { title, description: lede, canonical: `${response.locals.baseUrl}/${name}` },
    })
  }
}
