import type { Request, Response } from 'express'
import { isDeepStrictEqual } from 'node:util'
import type { BrandPage } from '../brand/brand-page'
import { HttpError, notFound } from '../platform/errors'
import type { Person } from '../people/person'
import type { Form } from '../web/form'
import { textsOf, type Texts } from '../web/texts'
import { versionRows } from '../web/version-rows'
import { done, draftNumberIn, frameOf } from './brand-parts'
import { previewOf } from './brand-preview'
import { brandPath, brandRecordOf } from './brands'

type Draft<Content> = { draft: Content; draftNumber: number; version: number | null }
type Item = { id: string }

/** What is special about one page. */
type Options<Content> = {
  /** Where it is edited, below the brand. */
  path: 'plans' | 'needs-assessment'
  /** Where visitors see it. */
  publicPath: string
  /** Its texts: `admin:plans.title` or `admin:needs.title`, `admin:flash.plansSaved`. */
  texts: string
  /** Returns the brand's draft, or what its first draft begins with. */
  read: (brandId: string, response: Response) => Promise<Draft<Content>>
  /** Shows the draft as a form. */
  render: (response: Response, form?: Form, flash?: object) => Promise<void>
}

/** What the editors of a brand's pages share: saving, publishing, switching off and the history. */
export function brandPageEditor<Content extends object>(
  page: BrandPage<Content>,
  { path, publicPath, texts: prefix, read, render }: Options<Content>,
) {
  const idOf = (response: Response) => brandRecordOf(response)._id
  const homeOf = (response: Response) => `${brandPath(brandRecordOf(response))}/${path}`
  const current = (response: Response) => read(idOf(response), response)
  const frame = async (response: Response, title = response.locals.t(`admin:${prefix}.title`)) => {
    const [brand, texts] = [brandRecordOf(response), textsOf(response)]
    const own = { text: texts.t(`admin:brand.tabs.${path}`), path: publicPath }
    const { draftNumber } = await current(response)
    return {
      ...frameOf(brand, title, texts, path),
      home: homeOf(response),
      homeTitle: texts.t(`admin:${prefix}.title`),
      // Before the first save there is no such page.
      preview: await previewOf(brand, texts, draftNumber > 0 ? own : undefined),
    }
  }

  return {
    current,
    homeOf,
    frame,
    /** Says that the draft is saved, and shows it, or one of its items. */
    saved: (response: Response, item = '') => done(response, homeOf(response) + item, `${prefix}Saved`),

    /**
     * Saves what differs from the draft and returns the draft's number, or shows the form again with 409 and the number
     * of the newer draft and returns null.
     */
    async save(
      { content, number, person }: { content: Content; number: number; person: Person },
      request: Pick<Request, 'body'>,
      response: Response,
      refuse: (form: Form) => Promise<void>,
    ): Promise<number | null> {
      const stored = await current(response)
      const isSaved = number > 0 && number === stored.draftNumber && isDeepStrictEqual(content, stored.draft)
      if (isSaved) return number
      try {
        return await page.save(idOf(response), content, number, person._id)
      } catch (error) {
        if (!(error instanceof HttpError && error.status === 409)) throw error
        const { draftNumber } = await current(response.status(409))
        const values = { ...(request.body as Record<string, unknown>), draftNumber }
        await refuse({ values, errors: { form: response.locals.t('admin:errors.draftConflict') } })
        return null
      }
    },

    /** Returns what the page of a draft has besides its fields and items. */
    async view(response: Response, form?: Form, flash?: object) {
      const { t } = textsOf(response)
      const { draft, draftNumber: number, version } = await current(response)
      const fault = page.faultOf(draft)
      return {
        ...(await frame(response)),
        form: form ?? { values: { ...draft }, errors: {} },
        ...(flash && { flash }),
        isOn: version !== null,
        sentence: t(version === null ? 'admin:needs.off' : 'admin:needs.on', { number: version }),
        draftNumber: form?.values.draftNumber ?? number,
        blocked: fault && t(fault.key, fault.values),
      }
    },

    /** Publishes the draft that was just saved. One that isn't complete stays a draft, and the page says why. */
    async publish(draftNumber: number, response: Response, person: Person): Promise<void> {
      try {
        const number = await page.publish(idOf(response), draftNumber, person._id)
        done(response, homeOf(response), `${prefix}Published`, { number })
      } catch (error) {
        if (!(error instanceof HttpError && error.status === 422)) throw error
        const flash = { kind: 'error' as const, bold: response.locals.t(error.key, error.values) }
        await render(response.status(422), undefined, flash)
      }
    },

    /** `POST …/withdrawal` */
    async withdraw(_request: Request, response: Response, person: Person): Promise<void> {
      await page.withdraw(idOf(response), person._id)
      done(response, homeOf(response), `${prefix}Withdrawn`)
    },

    /** `GET …/versions` */
    async versions(_request: Request, response: Response): Promise<void> {
      const texts = textsOf(response)
      const { draftNumber, version } = await current(response)
      const history = await page.history(idOf(response))
      response.render('admin/version-list', {
        ...(await frame(response, texts.t('admin:brand.history'))),
        canWrite: true,
        draftNumber,
        versions: await versionRows(history, version, homeOf(response), texts),
      })
    },

    /** `POST …/versions/:number/restoration`: makes an earlier version the draft. */
    async restore(request: Request<{ number: string }>, response: Response, person: Person): Promise<void> {
      const version = await page.version(idOf(response), Number(request.params.number) || 0)
      if (!version) throw notFound()
      await page.save(idOf(response), version.content, draftNumberIn(request), person._id)
      done(response, homeOf(response), 'versionRestored', { number: version.number })
    },
  }
}

/** Returns the items after a change such as `up:team`, `down:team` or `remove:team`. */
export function reordered<Each extends Item>(items: Each[], change: string): Each[] {
  const [verb, id] = change.split(':')
  const from = items.findIndex(each => each.id === id)
  if (from < 0) return items
  const rest = items.toSpliced(from, 1)
  if (verb === 'remove') return rest
  return rest.toSpliced(Math.max(0, verb === 'up' ? from - 1 : from + 1), 0, items[from]!)
}

/** Returns the buttons of each item, which ask for these changes. */
export function itemButtons(items: (Item & { name: string })[], removeKey: string, { t }: Texts) {
  const move = (to: 'up' | 'down', { id, name }: Item & { name: string }) => ({
    value: `${to}:${id}`,
    icon: to === 'up' ? 'arrow-up' : 'arrow-down',
    label: t(`admin:lists.${to}`, { name }),
  })
  return items.map((item, n) => ({
    moves: [...(n > 0 ? [move('up', item)] : []), ...(n < items.length - 1 ? [move('down', item)] : [])],
    remove: { value: `remove:${item.id}`, label: t(removeKey, { name: item.name, text: item.name }) },
  }))
}
