import type { Response } from 'express'
import { cached } from '../platform/cached'
import { hours, now } from '../platform/clock'
import { brandOf, type ShownBrand } from '../brand/brand'
import { columnShadesOf } from '../brand/colour'
import { assetBytes } from '../courses/asset'
import { revisionById } from '../courses/published'
import { inCatalogueOrder } from '../courses/catalogue-order'
import { coursesOf, shownCourse } from '../courses/shown-courses'
import { notFound } from '../platform/errors'
import {
  certificateNumberLength,
  Certificates,
  didOf,
  parseCertificateNumber,
  type Certificate,
} from '../learning/certificate'
import { issueCertificate } from '../learning/issue-certificate'
import { canReissue, reissueCertificate } from '../learning/reissue-certificate'
import type { Person } from '../people/person'
import { shownSession } from '../sessions/shown-sessions'
import { setFlash } from '../web/flash'
import type { Handler, MemberHandler } from '../web/handler'
import { cover, type Column } from '../web/charts/cover'
import { directionOf, languages, type Translate } from '../web/i18n'
import { rateLimit } from '../web/rate-limit'
import { certificatePdf } from './certificate-pdf'
import { courseContext } from './course-context'
import { nextCourses } from './next-courses'
import { textsOf, type Texts } from '../web/texts'

const limit = rateLimit('certificate-number', 30, 600)

/** Limits the numbers that a caller can try, which doesn't keep anyone else from verifying one. */
export const limitGuesses: Handler = (request, response, person) => {
  if (request.query.number !== undefined) return limit(request, response, person)
}

/** The form to verify a certificate by its printed number; redirects to the certificate of a known number. */
export const index: Handler = async (request, response) => {
  const { t } = textsOf(response)
  const typed = typeof request.query.number === 'string' ? request.query.number.trim().slice(0, 40) : ''
  const number = parseCertificateNumber(typed)
  const found = number && (await Certificates.findOne({ number }, { _id: 1 }))
  if (found) return response.redirect(303, `/certificates/${found._id}`)
  const error = number
    ? t('academy:certificates.unknown')
    : t('academy:certificates.malformed', { length: certificateNumberLength })
  response.status(typed ? 404 : 200).render('academy/certificates', {
    head: { title: t('academy:certificates.title'), description: t('academy:certificates.description') },
    form: { values: { number: typed }, errors: typed ? { number: error } : {} },
    field: {
      name: 'number',
      label: t('academy:certificates.number'),
      hint: t('academy:certificates.hint'),
      maxlength: 40,
      autocomplete: 'off',
      required: true,
      small: true,
    },
  })
}

/**
 * Loads the certificate in the URL; for readers of a brand's draft, `example` is one that nobody has.
 *
 * @throws HttpError 404 for an unknown one.
 */
export const load: Handler = async (request, response) => {
  const { id } = request.params
  const isExample = id === exampleId && response.locals.brand.isDraft
  const certificate = isExample ? await exampleOf(response) : await Certificates.findById(id)
  if (!certificate) throw notFound()
  response.locals.certificate = certificate
}

const exampleId = 'example'

/** Returns what a learner would get for the newest course with a certificate; null while there is none. */
async function exampleOf({ locals: { brand, t } }: Response): Promise<Certificate | null> {
  const courses = await inCatalogueOrder(await coursesOf(brand, null))
  const published = courses.find(({ content }) => content.certificate)
  if (!published) return null
  const { course, slug, revision, content, lessons, minutes } = published
  return {
    ...{
      _id: exampleId,
      number: '0000-0000-0000-0000',
      person: course,
      course,
      slug,
      revision,
      attended: null,
    },
    name: t('academy:certificate.exampleName'),
    brand: { id: brand.id, name: t('layout:name') },
    title: content.title,
    lessons: lessons.length,
    minutes,
    check: null,
    signedBy: content.authors[0] ?? null,
    issuedAt: now(),
    ...{ reissuedAt: null, replaces: null, replacedBy: null, revokedAt: null, revocationReason: null },
  }
}

/** Sends a reader at another brand to the certificate at its own, which is its only address. */
export const goToItsBrand: Handler = async (request, response) => {
  const { brand } = certificateOf(response)
  const { id, baseUrl } = await brandOf(brand?.id)
  if (response.locals.brand.id !== id) response.redirect(303, baseUrl + request.path)
}

/**
 * The public page of a certificate. Anyone with the link can verify it. It names a person, so search engines may not
 * index it.
 */
export const show: Handler = async (request, response, person) => {
  const certificate = certificateOf(response)
  const isOwner = person?._id.equals(certificate.person) ?? false
  const [course, current, shown, revision] = await Promise.all([
    courseOf(certificate),
    currentOf(certificate),
    shownSubject(response, certificate, person),
    isOwner && certificate.revision ? revisionById(certificate.revision) : undefined,
  ])
  response.render('academy/certificate', {
    ...certificateView(textsOf(response), certificate, {
      ...course,
      isOwner,
      baseUrl: response.locals.baseUrl,
      current,
      courseHref: shown ?? (isOwner && !certificate.attended ? `/courses/${certificate.slug}` : null),
      newName: person && canReissue(certificate, person) ? person.name : null,
    }),
    nextCourses: person && revision ? await nextCourses(response, person, revision) : [],
  })
}

/** Returns the path of what was certified, for a reader who sees it; null for a series, which has no page. */
async function shownSubject(
  { locals: { brand } }: Response,
  { slug, attended }: Certificate,
  person: Person | null,
): Promise<string | null> {
  if (attended?.of === 'series') return null
  if (attended) return (await shownSession(brand, slug, person)) ? `/sessions/${slug}` : null
  return (await shownCourse(brand, slug, person)) ? `/courses/${slug}` : null
}

/**
 * Issues a learner's certificate again with their current name, and opens it.
 *
 * @throws HttpError 404 for someone else's certificate, 409 for one that can't be reissued.
 */
export const reissue: MemberHandler = async (_request, response, person) => {
  const id = await reissueCertificate(certificateOf(response), person)
  setFlash(response, { kind: 'done', bold: textsOf(response).t('academy:certificate.reissued') })
  response.redirect(303, `/certificates/${id}`)
}

/**
 * The certificate as a PDF.
 *
 * @throws HttpError 404 for a revoked or replaced one.
 */
export const pdf: Handler = async (_request, response) => {
  const texts = textsOf(response)
  const certificate = certificateOf(response)
  if (certificate.revokedAt || certificate.replacedBy) throw notFound()
  response
    .attachment(texts.t('academy:pdf.file', { course: certificate.slug }))
    .type('pdf')
    .send(await pdfOf({ certificate, texts, brand: response.locals.brand }))
}

type PrintedCertificate = { certificate: Certificate; texts: Texts; brand: ShownBrand }

/** What a certificate says never changes, so each PDF is made once per language and look, and kept for an hour. */
const pdfOf = cached(
  hours(1),
  async ({ certificate, texts: { t, date, lang, dir }, brand }: PrintedCertificate) => {
    const { columns, language, version } = await courseOf(certificate)
    return certificatePdf({
      certificate,
      t,
      date,
      achievement: achievementText(t, certificate),
      columns,
      version,
      academy: academyOf(t, certificate),
      shades: columnShadesOf(brand.content.accent).light,
      logo: mayHaveLogo(t, certificate) ? await logoOf(brand) : null,
      url: urlOf(certificate, brand.baseUrl),
      language: lang,
      direction: dir,
      courseLanguage: language,
    })
  },
  {
    max: 100,
    nameOf: ({ certificate, texts, brand }) =>
      `${certificate._id}:${texts.lang}:${brand.baseUrl}:${brand.key}`,
  },
)

/** Returns the logo for a light page, as a PNG of at most the size that it is printed in. */
async function logoOf({ content: { logoLight } }: ShownBrand): Promise<Buffer | null> {
  const bytes = logoLight && (await assetBytes(logoLight.hash))
  if (!bytes) return null
  const { default: sharp } = await import('sharp')
  return sharp(bytes)
    .resize({ width: 600, height: 300, fit: 'inside', withoutEnlargement: true })
    .png()
    .toBuffer()
}

/**
 * Redirects a learner to the certificate of a completed course, issuing it first if the worker hasn't yet.
 *
 * @throws HttpError 404 when the course is not completed or has no certificate.
 */
export const mine: Handler = async (_request, response) => {
  const { enrolment, published } = courseContext(response)
  if (!enrolment?.completedAt || !published.content.certificate) throw notFound()
  const { person, course, completedAt } = enrolment
  await issueCertificate({ person, course, at: completedAt })
  const certificate = await Certificates.findOne({ person, course, replacedBy: null }, { _id: 1 })
  if (!certificate) throw notFound()
  response.redirect(303, `/certificates/${certificate._id}`)
}

/** The certificate that has replaced this one, after any number of corrections; null for one that is not replaced. */
function currentOf({ person, course, replacedBy }: Certificate) {
  return replacedBy ? Certificates.findOne({ person, course, replacedBy: null }) : null
}

type CertificatePage = Course & {
  isOwner: boolean
  baseUrl: string
  /** The certificate that has replaced this one. */
  current: Certificate | null
  /** Null for a reader who may not see the course. */
  courseHref: string | null
  /** The owner's current name, when the certificate has another one. */
  newName: string | null
}

function certificateView(
  texts: Texts,
  certificate: Certificate,
  { topic, language, columns, version, isOwner, baseUrl, current, courseHref, newName }: CertificatePage,
) {
  const { t, date, iso, dir } = texts
  const { issuedAt, reissuedAt, revokedAt, revocationReason, signedBy } = certificate
  const isValid = !revokedAt && !current
  const isExample = certificate._id === exampleId
  return {
    head: {
      title: t('academy:certificate.title', { name: certificate.name, course: certificate.title }),
      noindex: true,
    },
    cover: cover({
      id: certificate.slug,
      topic,
      lessons: columns,
      format: 'head',
      palette: 'sky',
      rtl: dir === 'rtl',
    }),
    academy: academyOf(t, certificate),
    mayHaveLogo: mayHaveLogo(t, certificate),
    name: certificate.name,
    title: certificate.title,
    language: { lang: language, dir: directionOf(language) },
    did: t(`academy:certificate.did.${didOf(certificate)}`),
    achievement: achievementText(t, certificate),
    signer: signedBy?.name ?? null,
    issuedAt: { datetime: iso(issuedAt), text: date(issuedAt) },
    certificateNumber: t('academy:certificate.number', { number: certificate.number }),
    courseVersion: version ? t('academy:certificate.version', { number: version }) : null,
    reissued: reissuedAt ? t('academy:certificate.reissuedOn', { day: date(reissuedAt) }) : null,
    status: !isValid
      ? {
          class: ' is-not',
          icon: 'x-circle-fill',
          title: t(`academy:certificate.${revokedAt ? 'revoked' : 'replaced'}`),
          text: t(`academy:certificate.${revokedAt ? 'revokedText' : 'replacedText'}`),
        }
      : {
          class: '',
          icon: 'seal-check-fill',
          title: t(`academy:certificate.${isExample ? 'example' : 'verified'}`),
          text: t(`academy:certificate.${isExample ? 'exampleText' : 'verifiedText'}`),
        },
    revocation: revokedAt && {
      text: t('academy:certificate.revokedOn', { day: date(revokedAt) }),
      reason: revocationReason ?? t('academy:certificate.noReason'),
    },
    replacement:
      !revokedAt && current
        ? {
            href: `/certificates/${current._id}`,
            text: t('academy:certificate.replacedBy', { number: current.number }),
            day: t('academy:certificate.reissuedOn', { day: date(current.reissuedAt ?? current.issuedAt) }),
          }
        : null,
    reissue: newName && {
      action: `/certificates/${certificate._id}/reissue`,
      text: t('academy:certificate.newName', { name: newName }),
    },
    validSince: t('academy:certificate.since', { day: date(issuedAt) }),
    course: courseHref && {
      href: courseHref,
      text: t(`academy:certificate.about.${didOf(certificate)}`),
    },
    pdf: isValid ? `/certificates/${certificate._id}/certificate.pdf` : null,
    linkedIn: isOwner && isValid ? linkedInUrl(t, certificate, baseUrl) : null,
  }
}

function certificateOf(response: Response): Certificate {
  return response.locals.certificate as Certificate
}

function urlOf(certificate: Certificate, baseUrl: string): string {
  return `${baseUrl}/certificates/${certificate._id}`
}

/** Returns the name of the academy that issued a certificate, as it was on that day. */
function academyOf(t: Translate, { brand }: Certificate): string {
  return brand?.name || t('layout:name')
}

/** A logo with a new name must not rewrite what was certified. */
function mayHaveLogo(t: Translate, certificate: Certificate): boolean {
  return academyOf(t, certificate) === t('layout:name')
}

/** What the learner did, as the end of a sentence: `3 lessons, 1 hour in all, and passed the final quiz with 9/10.` */
function achievementText(t: Translate, certificate: Certificate): string {
  const { attended, lessons: count, minutes } = certificate
  const time = durationText(t, minutes)
  if (attended) {
    const sessions = t('academy:certificate.sessions', { count: attended.sessions, time })
    return t('academy:certificate.plain', { done: sessions })
  }
  const done = t('academy:certificate.lessons', { count, time })
  if (!certificate.check) return t('academy:certificate.plain', { done })
  const { correct, total } = certificate.check
  return t('academy:certificate.withQuiz', { done, correct, total })
}

/** Spells out the units of a duration in minutes: 70 becomes `1 hour and 10 minutes`. */
function durationText(t: Translate, duration: number): string {
  const minutes = t('academy:certificate.minutes', { count: duration % 60 })
  if (duration < 60) return minutes
  const hours = t('academy:certificate.hours', { count: Math.floor(duration / 60) })
  return duration % 60 ? t('academy:certificate.hoursAnd', { hours, minutes }) : hours
}

type Course = {
  topic: string
  language: string
  columns: Column[]
  /** Its number within the course; null for an example, and for one that is gone. */
  version: number | null
}

/**
 * What the course was when it was completed, or the sessions when they were attended. Every column of the cover is
 * blue, since every lesson was done.
 */
async function courseOf(certificate: Certificate): Promise<Course> {
  const { attended, minutes } = certificate
  if (attended) {
    const { topic, language, sessions } = attended
    const column = { minutes: Math.round(minutes / sessions), blue: true }
    return { topic, language, version: null, columns: Array.from({ length: sessions }, () => column) }
  }
  const revision = certificate.revision && (await revisionById(certificate.revision))
  return {
    topic: revision?.content.topic ?? certificate.slug,
    language: revision?.content.language ?? languages[0],
    version: revision?.number ?? null,
    columns: (revision?.lessons ?? []).map(lesson => ({ minutes: lesson.minutes, blue: true })),
  }
}

/** LinkedIn's "Add to profile" link (https://addtoprofile.linkedin.com). */
function linkedInUrl(t: Translate, certificate: Certificate, baseUrl: string): string {
  const parameters = new URLSearchParams({
    startTask: 'CERTIFICATION_NAME',
    name: certificate.title,
    organizationName: academyOf(t, certificate),
    issueYear: String(certificate.issuedAt.getUTCFullYear()),
    issueMonth: String(certificate.issuedAt.getUTCMonth() + 1),
    certUrl: urlOf(certificate, baseUrl),
    certId: certificate.number,
  })
  return `https://www.linkedin.com/profile/add?${parameters}`
}
