import { signInPath } from '../web/local-path'
import { purposes } from '../people/consent'
import { coverImage, imageHtml } from '../web/course-cover'
import type { CourseLooks } from '../web/course-palette'
import type { Texts } from '../web/texts'
import { academyCover } from './academy-cover'
import type { Destination } from './sign-up-destination'

type SignUpInput = {
  /** The path to go to after sign-up. */
  next: string | null
  /** The course that `next` leads to. */
  destination: Destination | null
  /** HTML, for a page that isn't a course's. */
  lede: string | undefined
  looks: CourseLooks
  /** The hidden fields with the texts of the consents. */
  shown: { name: string; value: string }[]
}

/** Returns what the sign-up page shows. */
export function signUpPage({ next, destination, lede, looks, shown }: SignUpInput, texts: Texts) {
  const { t, html, dir } = texts
  const description = t('account:signUp.lede')
  const signInHref = signInPath(next ?? '')
  return {
    head: { title: t('account:signUp.title'), description, canonical: '/sign-up' },
    next,
    lede: destination ? ledeTo(destination, texts) : (lede ?? html('account:signUp.lede')),
    fields: fieldsOf(texts),
    shown,
    consents: purposes.map(purpose => ({
      kind: 'checkbox',
      name: purpose,
      label: t(`account:boxes.${purpose}.text`),
      hint: t(`account:boxes.${purpose}.hint`),
    })),
    signIn: html('account:signUp.already', { href: signInHref }),
    ...(destination
      ? courseAside(destination, looks, texts)
      : { cover: academyCover('walk', 2, dir), caption: t('account:signUp.captionPlain') }),
    promises: ['one', 'two', 'three'].map(n => ({
      bold: t(`account:signUp.promise.${n}.bold`),
      text: t(`account:signUp.promise.${n}.text`),
    })),
    scripts: ['password.js'],
  }
}

function fieldsOf({ t }: Texts) {
  return {
    name: {
      name: 'name',
      label: t('account:signUp.name'),
      hint: t('account:signUp.nameHint'),
      autocomplete: 'name',
      required: true,
      maxlength: 100,
    },
    email: {
      name: 'email',
      label: t('account:signUp.email'),
      type: 'email',
      autocomplete: 'email',
      required: true,
      maxlength: 254,
    },
    password: newPasswordField(t),
  }
}

/** The field where an account gets its first password. */
export function newPasswordField(t: Texts['t']) {
  return {
    name: 'password',
    label: t('account:signUp.password'),
    hint: t('account:password.hint'),
    type: 'password',
    autocomplete: 'new-password',
  }
}

/** HTML, because the course is a link. */
function ledeTo({ published, lesson, number, enrols }: Destination, { html }: Texts): string {
  const href = `/courses/${published.slug}`
  const text = lesson ? 'toLesson' : enrols ? 'toEnrolment' : 'toCourse'
  return html(`account:signUp.${text}`, {
    href,
    title: published.content.title,
    number,
  })
}

/**
 * The picture of the course; on a drawn cover, free previews and the lessons before the destination are lit, and the
 * caption says so.
 */
function courseAside({ published, number }: Destination, looks: CourseLooks, texts: Texts) {
  const look = looks(published.slug)
  const picture = coverImage(published, look)
  return {
    picture: picture && imageHtml(picture, '(min-width: 45.0625em) 40vw, 100vw'),
    cover: {
      id: published.slug,
      topic: published.content.topic,
      palette: look.palette,
      lessons: published.lessons.map(({ minutes, preview }, i) => ({
        minutes,
        blue: preview || i + 1 < number,
      })),
      format: 'list',
      walkers: true,
      rtl: texts.dir === 'rtl',
    },
    caption: texts.t(`account:signUp.${picture ? 'captionOfPicture' : 'caption'}`, {
      count: published.lessons.length,
      minutes: texts.minutes(published.minutes),
    }),
  }
}
