import { Plugin, PluginKey } from 'prosemirror-state'
import { Decoration, DecorationSet, type EditorView } from 'prosemirror-view'

/** A file of the course, as the server describes it after an upload. */
export type CourseFile = { path: string; url: string; type: string; alt?: string }

type Added = { id: object; position: number; widget: HTMLElement }

const key = new PluginKey<DecorationSet>('uploads')

/** Keeps the places of files that are being uploaded, whatever is typed meanwhile. */
export function uploadPlaces(): Plugin {
  return new Plugin({
    key,
    state: {
      init: () => DecorationSet.empty,
      apply(transaction, places) {
        const moved = places.map(transaction.mapping, transaction.doc)
        const { add, remove } = (transaction.getMeta(key) ?? {}) as { add?: Added; remove?: object }
        if (remove) return moved.remove(moved.find(undefined, undefined, ({ id }) => id === remove))
        if (!add) return moved
        const place = Decoration.widget(add.position, add.widget, { id: add.id, side: -1 })
        return moved.add(transaction.doc, [place])
      },
    },
    props: { decorations: state => key.getState(state) },
  })
}

/**
 * Uploads files, with a line of progress at their place in the text.
 *
 * @returns the files and where they belong now; null if their place was deleted. What the server says if it refuses
 * them becomes the message of an error.
 */
export async function uploadAt(
  view: EditorView,
  position: number,
  files: File[],
  {
    send,
    label,
  }: { send: (files: File[], progress: (share: number) => void) => Promise<CourseFile[]>; label: string },
): Promise<{ files: CourseFile[]; position: number | null }> {
  const id = {}
  const bar = document.createElement('progress')
  bar.max = 1
  bar.setAttribute('aria-label', label)
  const widget = document.createElement('span')
  widget.className = 'upload-place'
  widget.append(bar, ` ${label} ${files.map(({ name }) => name).join(', ')}`)
  view.dispatch(view.state.tr.setMeta(key, { add: { id, position, widget } }))
  try {
    const uploaded = await send(files, share => (bar.value = share))
    return { files: uploaded, position: placeOf(view, id) }
  } finally {
    if (!view.isDestroyed) view.dispatch(view.state.tr.setMeta(key, { remove: id }))
  }
}

function placeOf(view: EditorView, id: object): number | null {
  if (view.isDestroyed) return null
  const [place] = key.getState(view.state)!.find(undefined, undefined, spec => spec.id === id)
  return place?.from ?? null
}

/** Sends files as the form of the media page does. `fetch` doesn't report the progress of an upload. */
export function sendFiles(
  { url, token, failed }: { url: string; token: string; failed: string },
  files: File[],
  progress: (share: number) => void,
): Promise<CourseFile[]> {
  const body = new FormData()
  body.append('_csrf', token)
  for (const file of files) body.append('files', file, file.name)
  const request = new XMLHttpRequest()
  request.open('POST', url)
  request.setRequestHeader('accept', 'application/json')
  request.responseType = 'json'
  request.upload.addEventListener('progress', ({ loaded, total }) => progress(loaded / total))
  return new Promise((resolve, reject) => {
    request.addEventListener('load', () => {
      const { files: added, problem } = (request.response ?? {}) as { files?: CourseFile[]; problem?: string }
      if (added) resolve(added)
      else reject(new Error(problem ?? failed))
    })
    request.addEventListener('error', () => reject(new Error(failed)))
    request.send(body)
  })
}
