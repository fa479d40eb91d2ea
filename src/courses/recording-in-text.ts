import { assetNamed, type Asset } from './asset'
import { languageInName, nameWithoutLanguage } from './captions'

/** Whether a file is played rather than shown. A text shows a recording as it shows an image. */
export const isRecording = ({ type }: Asset): boolean => /^(?:video|audio)\//.test(type)

/** Returns the names that the captions of a recording may have: `tour.vtt` or `tour.srt` for `tour.mp4`. */
export function captionNamesBeside(recording: string): string[] {
  const [, base] = /^(.*)\.(?:mp4|m4v|webm|mp3|m4a|ogg|oga|opus|wav)$/i.exec(recording) ?? []
  return base === undefined ? [] : [`${base}.vtt`, `${base}.srt`]
}

/** Returns the captions of a recording within a text: the file beside it with the same name. */
export function captionsOf(recording: Asset, assets: readonly Asset[]): Asset | undefined {
  return tracksBeside(recording, assets)[0]
}

/**
 * Returns the captions of a recording within a text: `tour.vtt` or `tour.srt` for `tour.mp4`, then those in other
 * languages, such as `tour.de.vtt`. Any other file has none.
 */
export function tracksBeside(recording: Asset | undefined, assets: readonly Asset[]): Asset[] {
  if (!recording || !isRecording(recording)) return []
  const own = captionNamesBeside(recording.path)
    .map(name => assetNamed(assets, name))
    .find(captions => captions !== undefined)
  return tracksNamed(withoutEnding(recording.path), own, assets)
}

/** Returns the captions of a lesson's recording: its own, then those in other languages beside it. */
export function tracksOf(
  recording: string | null,
  captions: string | null,
  assets: readonly Asset[],
): Asset[] {
  const own = assetNamed(assets, captions)
  const named = own ? nameWithoutLanguage(own.path) : null
  const beside = assetNamed(assets, recording)
  return [
    ...new Set([
      ...(named === null ? [] : tracksNamed(named, own, assets)),
      ...(own && beside ? tracksNamed(withoutEnding(beside.path), own, assets) : []),
    ]),
  ]
}

/** Returns `own`, then the captions of this name in other languages: one file for each of them. */
function tracksNamed(name: string, own: Asset | undefined, assets: readonly Asset[]): Asset[] {
  const wanted = name.normalize().toLowerCase()
  const byLanguage = new Map<string | null, Asset>(own ? [[languageInName(own.path), own]] : [])
  for (const asset of assets) {
    const language = languageInName(asset.path)
    const isTrack = asset.type === 'text/vtt' && language !== null && !byLanguage.has(language)
    if (isTrack && nameWithoutLanguage(asset.path).normalize().toLowerCase() === wanted) {
      byLanguage.set(language, asset)
    }
  }
  return [...byLanguage.values()]
}

const withoutEnding = (path: string) => path.replace(/\.[a-z0-9]+$/i, '')
