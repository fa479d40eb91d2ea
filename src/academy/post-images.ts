import type { Request, Response } from 'express'
import type { Types } from 'mongoose'
import type { Post } from '../community/post'
import { PostImages, deletePostImage, postImageCaps, savePostImage } from '../community/post-image'
import { HttpError, notFound } from '../platform/errors'
import { normaliseLine } from '../platform/text'
import type { MemberHandler } from '../web/handler'
import { bytesOf, readUploads, uploadsOf } from '../web/upload'
import { textsOf, type Texts } from '../web/texts'
import { canRead, postIn, threadContextOf } from './thread-context'

/** Reads a form with a picture. */
export const readPostImage = readUploads('picture', { files: 1, megabytes: postImageCaps.megabytes })

type Place = { _id: Types.ObjectId; thread: Types.ObjectId; person: Types.ObjectId }

/** Why a form comes back: its status, and a message at a field. */
export type ReturnedForm = { status: number; errors: Record<string, string> }

/**
 * Keeps the picture that a form brings while `write` writes what it belongs to; nothing stays of it when that fails.
 *
 * @returns what `write` returns, or why the form comes back: a picture that can't be read (422), or someone who may
 * not write now (409).
 */
export async function withImage<T>(
  request: Request,
  response: Response,
  place: Place,
  write: (picture: Post['picture']) => Promise<T>,
): Promise<{ written: T; refused?: undefined } | { written?: undefined; refused: ReturnedForm }> {
  const [upload] = uploadsOf(request).filter(({ size }) => size > 0)
  let isNew = false
  try {
    if (!upload) return { written: await write(null) }
    const { width, height, ...saved } = await savePostImage(place, await bytesOf(upload))
    isNew = saved.isNew
    const { alt } = request.body as { alt?: unknown }
    return { written: await write({ width, height, alt: altOf(alt) }) }
  } catch (error) {
    // The same form again must not take the picture from what it wrote before.
    if (isNew) await deletePostImage(place._id)
    if (!(error instanceof HttpError) || ![409, 422].includes(error.status)) throw error
    const message = textsOf(response).t(error.key, error.values)
    const field = error.status === 422 ? 'picture' : 'text'
    return { refused: { status: error.status, errors: { [field]: message } } }
  }
}

const altOf = (typed: unknown) =>
  typeof typed === 'string' ? normaliseLine(typed).slice(0, postImageCaps.alt) : ''

/** The fields that add a picture to a question or an answer. */
export function imageFieldsOf({ t }: Texts) {
  return [
    {
      ...{ name: 'picture', type: 'file', accept: 'image/png,image/jpeg,image/webp,image/gif,image/avif' },
      ...{ label: t('academy:community.picture'), hint: t('academy:community.pictureHint'), optional: true },
    },
    { name: 'alt', label: t('academy:community.alt'), maxlength: postImageCaps.alt, optional: true },
  ]
}

/** What a page shows of a picture; null without one. */
export function postImageView({ t }: Texts, { picture }: Pick<Post, 'picture'>, path: string) {
  if (!picture) return null
  const { width, height, alt } = picture
  return { src: `${path}/picture`, width, height, alt: alt || t('academy:community.noAlt') }
}

/** `GET …/picture`: the picture of a question, to those who may read it. */
export const showThreadImage: MemberHandler = async (_request, response) => {
  const { thread } = threadContextOf(response)
  await send(response, thread)
}

/** `GET …/posts/:entry/picture`: the picture of an answer or a reply. */
export const showPostImage: MemberHandler = async (request, response, person) => {
  const post = await postIn(response, request.params.entry)
  const { thread, isTeam } = threadContextOf(response)
  const isHeldFromThem = post.state === 'held' && !isTeam && !post.person.equals(person._id)
  if (!canRead(thread) || isHeldFromThem) throw notFound()
  await send(response, post)
}

async function send(response: Response, post: Pick<Post, '_id' | 'state'>): Promise<void> {
  const found = canRead(post) ? await PostImages.findById(post._id) : null
  if (!found) throw notFound()
  response.set({
    'content-type': 'image/webp',
    'x-content-type-options': 'nosniff',
    'content-security-policy': "default-src 'none'; sandbox",
  })
  response.send(Buffer.from(found.bytes.buffer))
}
