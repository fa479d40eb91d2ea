import { assetNamed, assetUrl, type Asset } from '../courses/asset'
import { imageSizes, srcsetOf } from '../courses/image-sizes'
import type { Question } from '../courses/question'

/** The picture of a question as partials/question-picture prints it. */
export type QuestionImage = {
  src: string
  srcset: string | null
  sizes: string
  width: number | null
  height: number | null
  alt: string
  caption: string
}

/** Returns the picture of a question; null without one, or when the course doesn't have the file. */
export function questionImage(
  { image, imageAlt = '', caption = '' }: Pick<Question, 'image' | 'imageAlt' | 'caption'>,
  assets: readonly Asset[],
): QuestionImage | null {
  const asset = image === undefined ? undefined : assetNamed(assets, image)
  if (!asset?.type.startsWith('image/')) return null
  const { hash, path, width = null, height = null } = asset
  return {
    ...{ src: assetUrl(hash, path), srcset: srcsetOf(asset), sizes: imageSizes },
    ...{ width, height, alt: imageAlt, caption },
  }
}
