import type { LegalPageName } from '../brand/content'
import { legalPageOf, renderLegalPage } from '../web/legal-page'
import type { Handler } from '../web/handler'
import { textsOf } from '../web/texts'

/** Returns the handler that shows a legal page: the brand's own, or its starter. */
export function legalPage(name: LegalPageName): Handler {
  return (_request, response) => {
    const { t, lang } = textsOf(response)
    const { title, lede, html } = renderLegalPage(legalPageOf(response.locals.brand, name, lang), t, lang)
    response.render('account/legal-page', {
      title,
      lede,
      html,
      head: { title, description: lede, canonical: `/${name}` },
    })
  }
}
