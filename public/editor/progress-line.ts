import { make } from './make'

/** What a line of progress says. */
export type LineTexts = { uploading: string; cancel: string }

/**
 * Returns a line that says how much of files has been sent, in words and percent, with a button that stops them.
 */
export function progressLine(files: File[], { uploading, cancel }: LineTexts) {
  const names = files.map(({ name }) => name).join(', ')
  const bar = make('progress', { max: 1, value: 0 })
  bar.setAttribute('aria-label', `${uploading} ${names}`)
  const words = make('span', {}, `${uploading} ${names}: 0%`)
  const stop = make('button', { type: 'button', className: 'link-button' }, cancel)
  const controller = new AbortController()
  stop.addEventListener('click', () => controller.abort())
  return {
    element: make('span', { className: 'upload-place' }, words, bar, stop),
    signal: controller.signal,
    progress: (share: number) => {
      bar.value = share
      // All of it has been sent, and the server looks at it.
      const percent = Math.min(99, Math.floor(share * 100))
      words.textContent = `${uploading} ${names}: ${percent}%`
    },
  }
}
