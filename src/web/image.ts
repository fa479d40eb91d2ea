import type { BrandFile, BrandImage } from '../brand/file'
import { assetUrl } from '../courses/asset'
import { srcsetOf } from '../courses/image-sizes'

/** A picture as partials/image prints it. `dark` takes its place on dark pages. */
export type ImageView = Source & { alt: string; dark: Source | null; sizes: string | null }
type Source = { src: string; srcset: string | null; width: number | null; height: number | null }

type Given = { alt: string; dark?: BrandImage | null; sizes?: string }

/** Returns the view model of a brand's picture. Pages are as wide as 1280 pixels; `sizes` says how wide it is shown. */
export function imageView(light: BrandImage, { alt, dark = null, sizes }: Given): ImageView {
  return { ...sourceOf(light), alt, dark: dark && sourceOf(dark), sizes: sizes ?? null }
}

function sourceOf(file: BrandImage): Source {
  const { width, height } = file
  return { src: fileUrl(file), srcset: srcsetOf({ ...file, path: file.name }), width, height }
}

/** Returns the permanent path of a brand's file. */
export function fileUrl({ hash, name }: BrandFile): string {
  return assetUrl(hash, name)
}
