import { assetNamed, type Asset } from './asset'

/** Whether a file is played rather than shown. A text shows a recording as it shows an image. */
export const isRecording = ({ type }: Asset): boolean => /^(?:video|audio)\//.test(type)

/** Returns the names that the captions of a recording may have: `tour.vtt` or `tour.srt` for `tour.mp4`. */
export function captionNamesBeside(recording: string): string[] {
  const [, base] = /^(.*)\.(?:mp4|m4v|webm|mp3|m4a|ogg|oga|opus|wav)$/i.exec(recording) ?? []
  return base === undefined ? [] : [`${base}.vtt`, `${base}.srt`]
}

/** Returns the captions of a recording within a text: the file beside it with the same name. */
export function captionsOf(recording: Asset, assets: readonly Asset[]): Asset | undefined {
  return captionNamesBeside(recording.path)
    .map(name => assetNamed(assets, name))
    .find(captions => captions !== undefined)
}
