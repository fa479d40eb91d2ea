import { Plugin, PluginKey } from 'prosemirror-state'
import { Decoration, DecorationSet, type EditorView } from 'prosemirror-view'
import { progressLine, type LineTexts } from './progress-line'
import type { CourseFile, Sending } from './send-files'

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
        const place = Decoration.widget(add.position, add.widget, {
          id: add.id,
          side: -1,
          stopEvent: () => true,
        })
        return moved.add(transaction.doc, [place])
      },
    },
    props: { decorations: state => key.getState(state) },
  })
}

/**
 * Uploads files, with a line of progress at their place in the text, and a button that cancels.
 *
 * @returns the files and where they belong now; null if their place was deleted. What the server says if it refuses
 * them becomes the message of an error.
 */
export async function uploadAt(
  view: EditorView,
  position: number,
  files: File[],
  { send, texts }: { send: (files: File[], sending: Sending) => Promise<CourseFile[]>; texts: LineTexts },
): Promise<{ files: CourseFile[]; position: number | null }> {
  const id = {}
  const line = progressLine(files, texts)
  view.dispatch(view.state.tr.setMeta(key, { add: { id, position, widget: line.element } }))
  try {
    const uploaded = await send(files, line)
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
