import type { RequestHandler, Response } from 'express'
import { config } from '../platform/config'
import { revisionById } from '../courses/published'
import { notFound } from '../platform/errors'
import {
  certificateIdentity,
  Certificates,
  parseCertificateNumber,
  type Certificate,
} from '../learning/certificate'
import { issueCertificate } from '../learning/issue-certificate'
import type { Translate } from '../web/i18n'
import { certificatePdf } from './certificate-pdf'
import { courseContext } from './course-context'
import { spellNumber } from './lesson-icons'

/** The form for a number that stands on paper; with a number, the certificate of that number. */
export const index: RequestHandler = async (request, response) => {
  const t = response.locals.t as Translate
  const typed = typeof request.query.number === 'string' ? request.query.number.trim().slice(0, 40) : ''
  const number = parseCertificateNumber(typed)
  const found =
    number && (await Certificates.findOne({ number }, { _id: 1 }).lean<Pick<Certificate, '_id'>>())
  if (found) return response.redirect(303, `/certificates/${found._id}`)
  response.status(typed ? 404 : 200).render('academy/certificates', {
    head: { title: t('academy:certificates.title'), description: t('academy:certificates.description') },
    form: {
      values: { number: typed },
      errors: typed
        ? { number: t(number ? 'academy:certificates.unknown' : 'academy:certificates.malformed') }
        : {},
    },
  })
}

/** Puts the certificate of the address into the answer, or answers 404. */
export const load: RequestHandler<{ id: string }> = async (request, response, next) => {
  const certificate = await Certificates.findById(request.params.id).lean<Certificate>()
  if (!certificate) throw notFound()
  response.locals.certificate = certificate
  next()
}

/** Anybody who has the address sees whether it is genuine. Not for search engines: it names a person. */
export const show: RequestHandler = async (request, response) => {
  const t = response.locals.t as Translate
  const certificate = certificateOf(response)
  response.render('academy/certificate', {
    head: {
      title: t('academy:certificate.title', { name: certificate.name, course: certificate.title }),
      noindex: true,
    },
    certificate,
    said: saidIn(t, certificate),
    columns: await columnsOf(certificate),
    address: addressOf(certificate),
    isMine: request.user?._id.equals(certificate.person) ?? false,
    linkedIn: linkedIn(certificate),
  })
}

/** The certificate on paper. */
export const pdf: RequestHandler = async (_request, response) => {
  const t = response.locals.t as Translate
  const certificate = certificateOf(response)
  if (certificate.revokedAt) throw notFound()
  const bytes = await certificatePdf({
    certificate,
    t,
    date: response.locals.date as (day: Date) => string,
    said: saidIn(t, certificate),
    columns: await columnsOf(certificate),
    address: addressOf(certificate),
    language: response.locals.lang as string,
  })
  response
    .attachment(t('academy:pdf.file', { course: certificate.slug }))
    .type('pdf')
    .send(bytes)
}

/** The certificate of a course that the learner has finished: made now, should the worker be behind. */
export const mine: RequestHandler = async (_request, response) => {
  const { enrolment, published } = courseContext(response)
  if (!enrolment?.completedAt || !published.content.certificate) throw notFound()
  const { person, course, completedAt } = enrolment
  await issueCertificate({ person, course, at: completedAt })
  response.redirect(303, `/certificates/${certificateIdentity(person, course).id}`)
}

function certificateOf(response: Response): Certificate {
  return response.locals.certificate as Certificate
}

function addressOf(certificate: Certificate): string {
  return `${config.baseUrl}/certificates/${certificate._id}`
}

/** What was done, in one sentence behind the course's title. */
function saidIn(t: Translate, certificate: Certificate): string {
  const done = t('academy:certificate.lessons', {
    count: certificate.lessons,
    lessons: spellNumber(t, certificate.lessons),
    time: spelledOut(t, certificate.minutes),
  })
  return certificate.check
    ? t('academy:certificate.withQuiz', { done, ...certificate.check })
    : t('academy:certificate.plain', { done })
}

/** 70 minutes are `1 hour and 10 minutes`. */
function spelledOut(t: Translate, length: number): string {
  const [hours, rest] = [Math.floor(length / 60), length % 60]
  const minutes = t('academy:certificate.minutes', { count: rest })
  if (!hours) return minutes
  const whole = t('academy:certificate.hours', { count: hours })
  return rest ? t('academy:certificate.hoursAnd', { hours: whole, minutes }) : whole
}

/** Every column blue: all of it was done. */
async function columnsOf(certificate: Certificate) {
  const revision = await revisionById(certificate.revision)
  return {
    topic: revision?.content.topic ?? certificate.slug,
    lessons: (revision?.lessons ?? []).map(lesson => ({ minutes: lesson.minutes, blue: true })),
  }
}

/** LinkedIn's "Add to profile". */
function linkedIn(certificate: Certificate): string {
  const values = new URLSearchParams({
    startTask: 'CERTIFICATION_NAME',
    name: certificate.title,
    organizationName: 'Lyceum',
    issueYear: String(certificate.issuedAt.getUTCFullYear()),
    issueMonth: String(certificate.issuedAt.getUTCMonth() + 1),
    certUrl: addressOf(certificate),
    certId: certificate.number,
  })
  return `https://www.linkedin.com/profile/add?${values}`
}
