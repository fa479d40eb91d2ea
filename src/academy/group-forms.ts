import type { Response } from 'express'
import { z } from 'zod'
import { changeGroup, createGroup, removeGroup } from '../community/change-group'
import { groupCaps, groupKinds, type CommunityGroup } from '../community/group'
import { catalogueLists } from '../courses/catalogue-lists'
import { coursesOf, everyCourseOf, listsOf } from '../courses/shown-courses'
import { People } from '../people/person'
import { setFlash } from '../web/flash'
import { lineField, optionalField, readForm, refuseForm, type Form } from '../web/form'
import { permissionsOf } from '../web/guard'
import type { MemberHandler } from '../web/handler'
import { recordIdOf, submissionOf } from '../web/occasion'
import { textsOf } from '../web/texts'
import { groupContextOf, groupPath } from './group-context'

const nameField = lineField('academy:errors.groups.name', groupCaps.name)
const curatorField = z.string().trim().toLowerCase().max(254).default('')
const newGroup = z.object({
  name: nameField,
  about: optionalField(groupCaps.about),
  kind: z.enum(groupKinds, { error: 'web:errors.chooseOne' }),
  course: z.string().max(200).default(''),
  topic: z.string().max(200).default(''),
  domain: z.string().trim().toLowerCase().max(200).default(''),
  curator: curatorField,
})
const domainPattern = /^(?=.{4,200}$)[\p{L}\p{N}-]+(\.[\p{L}\p{N}-]+)+$/u

/** `GET /community/groups/new`. */
export const newForm: MemberHandler = async (_request, response, person) => {
  response.render('academy/community/group-form', {
    ...(await newPage(response)),
    form: { values: { curator: person.email }, errors: {} },
  })
}

async function newPage(response: Response) {
  const { t, listName } = textsOf(response)
  const { brand } = response.locals
  const [courses, lists] = await Promise.all([everyCourseOf(brand), catalogueLists()])
  const { topics } = await listsOf(brand, lists)
  const title = t('academy:groups.new')
  const none = { value: '', text: t('academy:groups.choose') }
  return {
    head: { title, noindex: true },
    nav: 'community',
    title,
    action: '/community/groups',
    back: '/community/groups',
    button: t('academy:groups.create'),
    removal: null,
    fields: [
      { name: 'name', label: t('academy:groups.name'), maxlength: groupCaps.name, required: true },
      aboutField(response),
      {
        name: 'kind',
        kind: 'radios',
        label: t('academy:groups.kind'),
        options: groupKinds.map(value => ({ value, text: t(`academy:groups.kindOf.${value}`) })),
      },
      {
        name: 'course',
        kind: 'select',
        label: t('academy:groups.kinds.course'),
        options: [none, ...courses.map(({ slug, content }) => ({ value: slug, text: content.title }))],
      },
      {
        name: 'topic',
        kind: 'select',
        label: t('academy:groups.topic'),
        options: [none, ...topics.map(({ id }) => ({ value: id, text: listName('topics', id) }))],
      },
      {
        name: 'domain',
        label: t('academy:groups.domain'),
        hint: t('academy:groups.domainHint'),
        maxlength: 200,
        optional: true,
      },
      curatorView(response),
    ],
  }
}

const aboutField = (response: Response) => ({
  ...{ name: 'about', kind: 'textarea', rows: 3, maxlength: groupCaps.about, optional: true },
  label: textsOf(response).t('academy:groups.about'),
})

const curatorView = (response: Response) => ({
  ...{ name: 'curator', type: 'email', optional: true },
  label: textsOf(response).t('academy:groups.curator'),
  hint: textsOf(response).t('academy:groups.curatorHint'),
})

/** `POST /community/groups`: a new group of a course, a company or a topic. */
export const create: MemberHandler = async (request, response, person) => {
  const { t } = textsOf(response)
  const { brand } = response.locals
  const { data, form } = readForm(newGroup, request, response)
  const view = 'academy/community/group-form'
  if (form) return refuseForm(response, view, form, await newPage(response))
  const { name, about, kind } = data
  const courses = await coursesOf(brand, person)
  const { topics } = await listsOf(brand, await catalogueLists())
  const course = kind === 'course' ? courses.find(({ slug }) => slug === data.course) : undefined
  const topic = kind === 'topic' ? topics.find(({ id }) => id === data.topic) : undefined
  const domain = kind === 'company' && domainPattern.test(data.domain) ? data.domain : ''
  const curator = await curatorOf(data.curator)
  const errors = {
    ...(!course && !topic && !domain && { [kind]: t(`academy:errors.groups.${kind}`) }),
    ...(curator === undefined && { curator: t('academy:errors.groups.curator') }),
  }
  if ('company' in errors) Object.assign(errors, { domain: errors.company })
  if (Object.keys(errors).length) {
    const refused: Form = { values: request.body as Record<string, unknown>, errors }
    return refuseForm(response, view, refused, await newPage(response))
  }
  const slug = await createGroup(
    {
      ...{ _id: recordIdOf(submissionOf(request, person)), brand: brand.id, kind, name },
      ...{ about: about ?? '', course: course?.course ?? null, topic: topic?.id ?? '', domain },
      curator: curator ?? null,
    },
    person._id,
  )
  setFlash(response, { kind: 'done', bold: t('academy:groups.created', { name }) })
  response.redirect(303, groupPath({ slug }))
}

/** Returns the id of the person with an address; null for an empty one, undefined when nobody has it. */
async function curatorOf(email: string) {
  if (!email) return null
  const found = await People.findOne({ email, erasedAt: null, suspendedAt: null }, { confirmedAt: 1 })
  return found?.confirmedAt ? found._id : undefined
}

const changed = z.object({
  name: nameField,
  about: optionalField(groupCaps.about),
  shelfTitle: optionalField(groupCaps.shelfTitle),
  curator: curatorField,
})

/** `GET …/edit`: the form for its curator and the authors; only these choose the curator. */
export const edit: MemberHandler = async (_request, response, person) => {
  const { group } = groupContextOf(response)
  const curator = group.curator && (await People.loadKept(group.curator))
  response.render('academy/community/group-form', {
    ...editPage(response, group, permissionsOf(person).writeCourses),
    form: { values: { ...group, curator: curator?.email ?? '' }, errors: {} },
  })
}

function editPage(response: Response, group: CommunityGroup, isAuthor: boolean) {
  const { t } = textsOf(response)
  const path = groupPath(group)
  const title = t('academy:groups.edit')
  return {
    head: { title, noindex: true },
    nav: 'community',
    title,
    action: path,
    back: path,
    button: t('academy:groups.save'),
    removal: isAuthor ? `${path}/removal` : null,
    fields: [
      { name: 'name', label: t('academy:groups.name'), maxlength: groupCaps.name, required: true },
      aboutField(response),
      {
        ...{ name: 'shelfTitle', maxlength: groupCaps.shelfTitle, optional: true },
        label: t('academy:groups.shelfName'),
        hint: t('academy:groups.shelfNameHint', { title: t('academy:groups.shelfTitle') }),
      },
      ...(isAuthor ? [curatorView(response)] : []),
    ],
  }
}

/** `POST …`: changes it. */
export const update: MemberHandler = async (request, response, person) => {
  const { t } = textsOf(response)
  const { group } = groupContextOf(response)
  const isAuthor = permissionsOf(person).writeCourses
  const view = 'academy/community/group-form'
  const { data, form } = readForm(changed, request, response)
  if (form) return refuseForm(response, view, form, editPage(response, group, isAuthor))
  const curator = isAuthor ? await curatorOf(data.curator) : group.curator
  if (curator === undefined) {
    const errors = { curator: t('academy:errors.groups.curator') }
    return refuseForm(response, view, { values: data, errors }, editPage(response, group, isAuthor))
  }
  const { name, about, shelfTitle } = data
  const fields = { name, about: about ?? '', shelfTitle: shelfTitle ?? '', curator }
  await changeGroup(group._id, () => fields, person._id)
  setFlash(response, { kind: 'done', bold: t('academy:groups.saved') })
  response.redirect(303, groupPath(group))
}

/** `POST …/removal`: deletes it with its shelf; questions stay where they are. */
export const destroy: MemberHandler = async (_request, response, person) => {
  const { group } = groupContextOf(response)
  await removeGroup(group, person._id)
  const bold = textsOf(response).t('academy:groups.removed', { name: group.name })
  setFlash(response, { kind: 'done', bold })
  response.redirect(303, '/community/groups')
}
