import { config, isTimeZone } from '../platform/config'
import type { Handler } from '../web/handler'
import { localPath } from '../web/local-path'
import { chosenZone, chosenZoneCookie, readerZone } from '../web/reader-zone'
import { cityOf } from '../web/formatters'
import { textsOf } from '../web/texts'

const year = 365 * 24 * 3_600_000

/** `GET /time-zone?back=`: lets a reader choose the time zone in which pages show times. */
export const show: Handler = (request, response) => {
  const { t, zoneName } = textsOf(response)
  const back = localPath(request.query.back) ?? '/sessions'
  const chosen = chosenZone(request) ?? ''
  // Those of groups first: `Europe/London` under Europe.
  const zones = Intl.supportedValuesOf('timeZone').filter(name => name.includes('/'))
  response.render('academy/time-zone', {
    head: { title: t('academy:timeZone.title'), noindex: true },
    nav: 'sessions',
    back,
    now: t('academy:sessions.zone', { zone: zoneName(readerZone(request) ?? config.timeZone) }),
    field: {
      name: 'zone',
      kind: 'select',
      label: t('academy:timeZone.field'),
      value: chosen,
      options: [
        { value: '', text: t('academy:timeZone.browser') },
        ...zones
          .map(value => ({ value, text: `${cityOf(value)} (${value.split('/')[0]})` }))
          .sort((a, b) => a.text.localeCompare(b.text)),
      ],
    },
  })
}

/** `GET /time-zone/choice?zone=&back=`: keeps the choice for a year; an empty one is that of the browser again. */
export const chooseZone: Handler = ({ query }, response) => {
  const { zone } = query
  if (typeof zone === 'string' && zone && isTimeZone(zone)) {
    const options = { maxAge: year, path: '/', sameSite: 'lax', secure: config.production } as const
    response.cookie(chosenZoneCookie, zone, options)
  } else response.clearCookie(chosenZoneCookie, { path: '/' })
  response.redirect(303, localPath(query.back) ?? '/sessions')
}
