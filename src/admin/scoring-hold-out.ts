import { z } from 'zod'
import { audit } from '../events/audit'
import { fewestHeldOut, holdOutReport, type HoldOutMoney, type HoldOutReport } from '../leads/hold-out-report'
import { Leads } from '../leads/lead'
import { now } from '../platform/clock'
import { holdOut, mostHeldOut, setHoldOut } from '../scoring/hold-out'
import { setFlash } from '../web/flash'
import { readForm, type Form } from '../web/form'
import type { MemberHandler } from '../web/handler'
import { textsOf, type Texts } from '../web/texts'
import type { Response } from 'express'

const holdOutPath = '/admin/scoring-model/hold-out'
/** The newest of more leads are compared. */
const mostLeads = 50_000

const shareError = { error: 'admin:scoringHoldOut.errors.share' }
const shareForm = z.object({
  share: z.preprocess(
    typed => (typed === '' ? undefined : typed),
    z.coerce.number(shareError).int(shareError).min(0, shareError).max(mostHeldOut, shareError),
  ),
})

/** `GET /admin/scoring-model/hold-out`: what the order by score is worth, and how many are left out of it. */
export const showHoldOut: MemberHandler = async (_request, response) => {
  const { share } = await holdOut()
  await renderHoldOut(response, { values: { share }, errors: {} })
}

/** `POST /admin/scoring-model/hold-out`: sets the share. Another one begins another measurement. */
export const changeHoldOut: MemberHandler = async (request, response, user) => {
  const { data, form } = readForm(shareForm, request, response)
  if (form) return renderHoldOut(response.status(422), form)
  const { share } = data
  if (await setHoldOut(share)) {
    await audit({
      ...{ actor: user._id, action: 'scoring_model.hold_out_changed', subject: 'scoring-model' },
      detail: { share },
    })
  }
  setFlash(response, { kind: 'done', bold: textsOf(response).t('admin:scoringHoldOut.flash.saved') })
  response.redirect(303, holdOutPath)
}

async function renderHoldOut(response: Response, form: Form): Promise<void> {
  const texts = textsOf(response)
  const { t, date } = texts
  const { share, since } = await holdOut()
  const at = now()
  const leads = share
    ? await Leads.find({ 'holdOut.at': { $type: 'date', $gte: since } }, { deals: 1, holdOut: 1 })
        .sort({ 'holdOut.at': -1 })
        .limit(mostLeads)
    : []
  response.render('admin/scoring-hold-out', {
    layout: 'workspace',
    nav: 'model',
    head: { title: t('admin:scoringHoldOut.title') },
    sentence: share
      ? t('admin:scoringHoldOut.sentence', { share, since: date(since) })
      : t('admin:scoringHoldOut.nobody'),
    report: share ? reportView(holdOutReport(leads, since, at), texts) : null,
    form,
    fields: [
      {
        ...{ name: 'share', label: t('admin:scoringHoldOut.share'), type: 'number', inputmode: 'numeric' },
        ...{ min: 0, max: mostHeldOut, required: true },
        hint: t('admin:scoringHoldOut.shareHint', { most: mostHeldOut }),
      },
    ],
  })
}

function reportView(report: HoldOutReport, texts: Texts) {
  const { t, number, money: amountOf } = texts
  const { leads, younger, money, perWeek } = report
  const judged = leads.score + leads.chance
  const known = money.filter(({ difference }) => difference)
  const counts = { score: number(leads.score), chance: number(leads.chance) }
  const needed = { needed: fewestHeldOut.leads, neededWon: fewestHeldOut.won }
  return {
    verdict: known.length
      ? known.map(each => verdictOf(each, texts)).join(' ')
      : texts.html('admin:scoringHoldOut.tooFew', { ...counts, ...needed }),
    notes: [
      ...known.map(each => visibleText(each, judged, perWeek, texts)),
      ...(younger ? [t('admin:scoringHoldOut.younger', { count: younger, leads: number(younger) })] : []),
    ],
    rows: money.flatMap(each =>
      (['score', 'chance'] as const).map(group => ({
        name: t(`admin:scoringHoldOut.group.${group}`),
        leads: number(each[group].leads),
        won: number(each[group].won),
        mean: each[group].leads ? amountOf(Math.round(each[group].mean), each.currency) : '–',
      })),
    ),
  }
}

/** Never says that one group is better while the interval includes 0. */
function verdictOf({ currency, difference }: HoldOutMoney, { html, money }: Texts): string {
  const { value, low, high } = difference!
  const amount = (minor: number) => money(Math.round(minor), currency)
  const range = { low: amount(low), high: amount(high) }
  if (low <= 0 && high >= 0) return html('admin:scoringHoldOut.unclear', range)
  // The other way round, both ends of the interval change their sign.
  return value > 0
    ? html('admin:scoringHoldOut.more', { ...range, amount: amount(value) })
    : html('admin:scoringHoldOut.less', { amount: amount(-value), low: amount(-high), high: amount(-low) })
}

function visibleText(
  { currency, visible }: HoldOutMoney,
  judged: number,
  perWeek: number,
  { t, number, money }: Texts,
) {
  const { amount, leads } = visible!
  const given = { amount: money(Math.round(amount), currency), leads: number(leads) }
  const weeks = Math.ceil((leads - judged) / Math.max(perWeek, 0.01))
  return leads <= judged
    ? t('admin:scoringHoldOut.visible', given)
    : t('admin:scoringHoldOut.visibleIn', { ...given, count: weeks, weeks: number(weeks) })
}
