// The studio's visual editor. It edits the text of the form's text area, and writes it back there when the form is
// about to be saved (see public/js/studio.js). Without it, the text area is the editor.
import type { QuestionCard } from '../../src/studio/question-card'
import { dropCursor } from 'prosemirror-dropcursor'
import { gapCursor } from 'prosemirror-gapcursor'
import { history } from 'prosemirror-history'
import { Fragment, Slice, type Node as TextNode } from 'prosemirror-model'
import { EditorState, NodeSelection, Plugin, Selection, type Command } from 'prosemirror-state'
import { tableEditing } from 'prosemirror-tables'
import { Decoration, DecorationSet, EditorView } from 'prosemirror-view'
import { blockHandle } from './block-handle'
import { cleanPaste, pastedScheme } from './clean-paste'
import { commandsOf } from './commands'
import { dropZone } from './drop-zone'
import { openLesson, writeLesson, type OpenLesson } from './lesson-text'
import { linkDialog } from './link-dialog'
import { listFiles, mediaDialog } from './media-dialog'
import { behindImage, nodeViews, type NodeTexts } from './node-views'
import { readNodes } from './read-markdown'
import { isBlank, schema, type } from './schema'
import { slashMenu } from './slash-menu'
import { startToolbar } from './toolbar'
import { keyPlugins, markdownRules } from './typing'
import { progressLine } from './progress-line'
import { Cancelled, sendFiles, type CourseFile, type Sending } from './send-files'
import { uploadAt, uploadPlaces } from './uploads'
import { writeBlock } from './write-markdown'

/** What the page tells the editor; see studio/visual-editor.ts. */
type Settings = {
  files: CourseFile[]
  uploadUrl: string
  uploadsUrl: string
  captionsUrl: string
  questionSnippets: Record<string, string>
  questionsUrl: string
  stepsUrl: string
  /** What the server says of each question of the text. */
  questions: QuestionCard[]
  texts: NodeTexts & {
    label: string
    placeholder: string
    uploading: string
    cancelUpload: string
    dropHere: string
    uploadFailed: string
    lostPictures: string
    found: string
    note: string
    more: string
  }
}

const form = document.querySelector<HTMLFormElement>('#editor')
if (form && document.querySelector('[data-visual]')) start(form)

function start(form: HTMLFormElement): void {
  const find = <E extends HTMLElement>(selector: string) => document.querySelector<E>(selector)!
  const textarea = find<HTMLTextAreaElement>('#body')
  const settings = JSON.parse(find<HTMLElement>('[data-settings]').dataset.settings!) as Settings
  const { texts } = settings
  const sourceSwitch = find<HTMLInputElement>('[data-source-switch]')
  const surface = find<HTMLElement>('[data-surface]')
  const visualParts = document.querySelectorAll<HTMLElement>('[data-visual]')
  const sourceParts = document.querySelectorAll<HTMLElement>('[data-source-part]')
  const announcement = find<HTMLElement>('[data-announcement]')
  const problem = find<HTMLElement>('[data-problem]')
  const earlier = find<HTMLElement>('[data-undo-earlier]')
  const picker = find<HTMLInputElement>('[data-picker]')
  const shortcuts = find<HTMLDialogElement>('#shortcuts')
  const questionDialog = find<HTMLDialogElement>('#question-dialog')
  const files = new Map(settings.files.map(file => [file.path, file]))
  let lesson: OpenLesson
  let view: EditorView | null = null
  let collected: TextNode | null = null
  let lines: number[] = []
  /** By the block's text; a new one has no card until it's saved. */
  const cards = new Map<string, QuestionCard>()
  let picked: (files: File[]) => void = () => {}

  const announce = (text: string) => (announcement.textContent = text)
  const showProblem = (text: string) => {
    problem.textContent = text
    problem.hidden = !text
  }

  const pick = (accept: string, isSeveral: boolean, then: (files: File[]) => void) => {
    picker.accept = accept
    picker.multiple = isSeveral
    picker.value = ''
    picked = then
    picker.click()
  }
  picker.addEventListener('change', () => picked([...picker.files!]))
  for (const button of document.querySelectorAll<HTMLElement>('dialog [data-close]')) {
    button.addEventListener('click', () => button.closest('dialog')!.close())
  }

  const send = (list: File[], sending: Sending) =>
    sendFiles(
      {
        url: settings.uploadUrl,
        uploadsUrl: settings.uploadsUrl,
        token: form.querySelector<HTMLInputElement>('[name="_csrf"]')!.value,
        failed: texts.uploadFailed,
      },
      list,
      sending,
    )
  const lineTexts = { uploading: texts.uploading, cancel: texts.cancelUpload }
  const showUploadProblem = (error: unknown) =>
    showProblem(error instanceof Cancelled ? '' : (error as Error).message)

  /** Files that have been added to the course can be used, and are listed beside the lesson. */
  function know(added: CourseFile[]): void {
    for (const file of added) files.set(file.path, file)
    listFiles(added)
  }

  /** Uploads files and puts them into the text: pictures as they are, other files as links. */
  async function insertFiles(target: EditorView, position: number, list: File[]): Promise<void> {
    showProblem('')
    try {
      const placed = await uploadAt(target, position, list, { send, texts: lineTexts })
      know(placed.files)
      if (placed.position === null) return
      insertAt(target, placed.position, placed.files)
    } catch (error) {
      showUploadProblem(error)
    }
  }

  function insertAt(target: EditorView, position: number, list: CourseFile[]): void {
    const { state } = target
    const $place = state.doc.resolve(position)
    const inline = list.map(fileNode)
    const isInEmpty = $place.depth === 1 && isBlank($place.parent)
    if ($place.parent.inlineContent && !isInEmpty && !list.some(isShown)) {
      target.dispatch(state.tr.insert(position, inline))
      return
    }
    const paragraphs = inline.map(node => type('paragraph').create(null, node))
    const [from, to] = isInEmpty
      ? [$place.before(1), $place.after(1)]
      : $place.depth
        ? [$place.after(1), $place.after(1)]
        : [position, position]
    const transaction = state.tr.replaceWith(from, to, paragraphs)
    const isPicture = isShown(list[0]!)
    if (isPicture) transaction.setSelection(NodeSelection.create(transaction.doc, from + 1))
    target.dispatch(transaction.scrollIntoView())
    if (!isPicture) return
    // A picture without a description asks for it at once; what is typed after one that has it goes behind it.
    const field = (target.nodeDOM(from + 1) as HTMLElement).querySelector<HTMLElement>('.picture-alt > input')
    if (list.length === 1 && list[0]!.alt) target.dispatch(behindImage(target.state, from + 1))
    else field?.focus()
  }

  const ownCommands = commandsOf({ snippets: settings.questionSnippets, note: texts.note, more: texts.more })
  const commands: Record<string, Command> = {
    ...ownCommands,
    undo: (state, dispatch, target) => {
      const isDone = ownCommands.undo!(state, dispatch, target)
      // What was changed before the page was opened can be undone too: the page leads to it.
      if (!isDone && dispatch) earlier.hidden = false
      return isDone || dispatch !== undefined
    },
    image: (_state, _dispatch, target) => {
      pick('image/*', true, list => void insertFiles(target!, target!.state.selection.from, list))
      return true
    },
    file: (_state, _dispatch, target) => {
      pick('', true, list => void insertFiles(target!, target!.state.selection.from, list))
      return true
    },
    recording: (_state, _dispatch, target) => {
      pick(recordings, false, list => void insertFiles(target!, target!.state.selection.from, list))
      return true
    },
    media: mediaDialog(
      find<HTMLDialogElement>('#media-dialog'),
      () => [...files.values()],
      (target, file) => insertAt(target, target.state.selection.from, [file]),
    ),
    link: linkDialog(find<HTMLDialogElement>('#link-dialog')),
    question: () => {
      questionDialog.showModal()
      return true
    },
    shortcuts: () => {
      shortcuts.showModal()
      return true
    },
    toolbar: () => {
      toolbar.focus()
      return true
    },
  }
  questionDialog.addEventListener('click', event => {
    const kind = (event.target as Element).closest<HTMLElement>('[data-command]')
    if (!kind || !view) return
    questionDialog.close()
    view.focus()
    commands[kind.dataset.command!]!(view.state, view.dispatch, view)
  })
  const toolbar = startToolbar(find('[data-toolbar]'), find('[data-table-tools]'), commands, () => view)

  function open(): void {
    lesson = openLesson(textarea.value)
    view = new EditorView(surface, {
      state: EditorState.create({ doc: withRoomToWrite(lesson.doc), plugins: plugins() }),
      attributes: {
        class: 'prose',
        role: 'textbox',
        'aria-multiline': 'true',
        'aria-label': texts.label,
        lang: textarea.lang,
        dir: 'auto',
        spellcheck: 'true',
      },
      nodeViews: nodeViews({
        texts,
        fileOf: path => files.get(path.normalize()) ?? files.get(path) ?? null,
        replacePicture: (target, position) =>
          pick(
            isRecordingName(String(target.state.doc.nodeAt(position)?.attrs.src)) ? recordings : 'image/*',
            false,
            list => void replacePicture(target, position, list),
          ),
        cardOf: source => cards.get(source),
        questionsUrl: settings.questionsUrl,
        stepsUrl: settings.stepsUrl,
        captionsUrl: settings.captionsUrl,
        addCaptions: (base, done) => pick('.vtt,.srt', false, ([file]) => void addCaptions(base, file, done)),
      }),
      transformPastedHTML: (html, target) => cleaned(html, target),
      clipboardTextParser: (text, _context, isPlain) => (isPlain ? null! : markdownSlice(text)!),
      clipboardTextSerializer: slice => markdownOf(slice),
      handlePaste: (target, event) =>
        takeFiles(target, event.clipboardData, target.state.selection.from, event),
      handleDrop: (target, event, _slice, isMove) => {
        const place = target.posAtCoords({ left: event.clientX, top: event.clientY })
        return !isMove && takeFiles(target, event.dataTransfer, place?.pos ?? 0, event)
      },
      dispatchTransaction(transaction) {
        const before = view!.state.doc
        view!.updateState(view!.state.apply(transaction))
        toolbar.update()
        if (view!.state.doc === before) return
        earlier.hidden = true
        form.dispatchEvent(new Event('input', { bubbles: true }))
      },
    })
    collected = view.state.doc
    lines = writeLesson(lesson, collected).lines
    showCards(settings.questions)
    toolbar.update()
  }

  function plugins(): Plugin[] {
    return [
      slashMenu(find('#slash-menu'), commands, count => announce(`${texts.found} ${count}`)),
      ...keyPlugins(commands),
      markdownRules(),
      tableEditing(),
      history(),
      dropCursor({ class: 'drop-cursor', color: false }),
      gapCursor(),
      uploadPlaces(),
      blockHandle({ handle: find<HTMLButtonElement>('[data-handle]'), menu: find('#block-menu'), commands }),
      roomToWrite(),
      placeholder(texts.placeholder),
    ]
  }

  async function replacePicture(target: EditorView, position: number, list: File[]): Promise<void> {
    showProblem('')
    try {
      const placed = await uploadAt(target, position, list, { send, texts: lineTexts })
      know(placed.files)
      const [file] = placed.files
      const at = placed.position
      if (file && at !== null && target.state.doc.nodeAt(at)?.type === type('image'))
        target.dispatch(target.state.tr.setNodeAttribute(at, 'src', file.path))
    } catch (error) {
      showUploadProblem(error)
    }
  }

  /** Uploads captions under the name of their recording, beside it. */
  async function addCaptions(base: string, file: File | undefined, done: () => void): Promise<void> {
    if (!file) return
    const ending = /\.srt$/i.test(file.name) ? '.srt' : '.vtt'
    const name = base.replace(/^.*\//, '') + ending
    showProblem('')
    try {
      know(await send([new File([file], name)], { progress: () => {} }))
      done()
    } catch (error) {
      showProblem((error as Error).message)
    }
  }

  /** Uploads files and puts them into the Markdown at the cursor. */
  async function insertIntoSource(list: File[]): Promise<void> {
    const line = progressLine(list, lineTexts)
    textarea.before(line.element)
    try {
      const added = await send(list, line)
      know(added)
      const nodes = added.map(file => writeBlock(type('paragraph').create(null, fileNode(file))))
      textarea.setRangeText(`\n${nodes.join('\n\n')}\n`, textarea.selectionEnd, textarea.selectionEnd, 'end')
      textarea.dispatchEvent(new InputEvent('input', { bubbles: true }))
    } catch (error) {
      if (!(error instanceof Cancelled)) announce((error as Error).message)
    } finally {
      line.element.remove()
    }
  }

  dropZone(texts.dropHere, list => {
    if (view) void insertFiles(view, view.state.selection.to, list)
    else void insertIntoSource(list)
  })

  function takeFiles(target: EditorView, data: DataTransfer | null, position: number, event: Event): boolean {
    const list = [...(data?.files ?? [])]
    const html = data?.getData('text/html') ?? ''
    // Office puts a picture of a text beside the text.
    if (!list.length || html.replace(/<style[\s\S]*?<\/style>|<[^>]*>/g, '').trim()) return false
    event.preventDefault()
    void insertFiles(target, position, list)
    return true
  }

  function cleaned(html: string, target: EditorView): string {
    // What the editor itself has copied.
    if (html.includes('data-pm-slice')) return html
    const { html: clean, pictures, lostPictures } = cleanPaste(html)
    showProblem(lostPictures ? texts.lostPictures : '')
    if (pictures.length) setTimeout(() => void uploadPasted(target, pictures))
    return clean
  }

  /** Uploads the pictures that a paste carried with it, and gives them the paths of the files. */
  async function uploadPasted(target: EditorView, pictures: File[]): Promise<void> {
    try {
      const added = await send(pictures, { progress: () => {} })
      know(added)
      const transaction = target.state.tr
      target.state.doc.descendants((node, position) => {
        const [, number] =
          node.type === type('image') ? (/^pasted:(\d+)$/.exec(String(node.attrs.src)) ?? []) : []
        const file = number === undefined ? undefined : added[Number(number)]
        if (file) transaction.setNodeAttribute(position, 'src', file.path)
      })
      target.dispatch(transaction)
    } catch (error) {
      removePasted(target)
      showProblem((error as Error).message)
    }
  }

  function removePasted(target: EditorView): void {
    const transaction = target.state.tr
    target.state.doc.descendants((node, position) => {
      if (node.type !== type('image') || !String(node.attrs.src).startsWith(pastedScheme)) return
      transaction.delete(transaction.mapping.map(position), transaction.mapping.map(position + 1))
    })
    target.dispatch(transaction)
  }

  form.addEventListener('collect', () => {
    if (!view || view.state.doc === collected) return
    collected = view.state.doc
    const written = writeLesson(lesson, collected)
    textarea.value = written.text
    lines = written.lines
  })
  // The text that was saved is the one on the page, unless something has been typed since; then the next save is it.
  form.addEventListener('saved', event => {
    settings.questions = (event as CustomEvent<QuestionCard[]>).detail
    if (view && view.state.doc === collected) showCards(settings.questions)
  })

  /** Shows what the server says of the questions of the text that was collected last. */
  function showCards(list: QuestionCard[]): void {
    const byLine = new Map(list.map(card => [card.line, card]))
    view!.state.doc.forEach((node, position, n) => {
      const card = node.type === type('question') ? byLine.get(lines[n]!) : undefined
      if (!card) return
      cards.set(String(node.attrs.source), card)
      view!.nodeDOM(position)?.dispatchEvent(new CustomEvent('card', { detail: card }))
    })
  }

  function showSource(isSource: boolean): void {
    if (isSource) {
      form.dispatchEvent(new Event('collect'))
      view?.destroy()
      view = null
    }
    for (const part of sourceParts) part.hidden = !isSource
    for (const part of visualParts) part.hidden = isSource
    sourceSwitch.checked = isSource
    if (!isSource) open()
  }

  sourceSwitch.addEventListener('change', () => {
    showSource(sourceSwitch.checked)
    localStorage.setItem(sourceKey, sourceSwitch.checked ? 'on' : '')
    if (view) view.focus()
    else textarea.focus()
  })
  document.querySelector<HTMLElement>('[data-source-label]')!.hidden = false
  window.addEventListener('hashchange', goToLine)
  showSource(localStorage.getItem(sourceKey) === 'on')
  goToLine()

  /** Selects the block that has line 29 of the text, for `#line-29`. */
  function goToLine(): void {
    const line = Number(/^#line-(\d+)$/.exec(location.hash)?.[1])
    if (!line || !view) return
    const { doc } = view.state
    const { lines } = writeLesson(lesson, doc)
    const index = Math.max(
      0,
      lines.findLastIndex((start, n) => start <= line && !isBlank(doc.child(n))),
    )
    let position = 0
    for (let n = 0; n < index; n++) position += doc.child(n).nodeSize
    const target = doc.resolve(position)
    view.dispatch(view.state.tr.setSelection(Selection.near(target, 1)).scrollIntoView())
    view.focus()
    const element = view.nodeDOM(position)
    if (element instanceof HTMLElement) element.scrollIntoView({ block: 'center' })
  }
}

const sourceKey = 'studio-markdown'
const recordings = 'video/mp4,video/webm,audio/*'
const isRecordingName = (path: string) => /\.(?:mp4|m4v|webm|mp3|m4a|ogg|oga|opus|wav)$/i.test(path)

/** Whether a file is shown or played within a text; others are linked. */
const isShown = ({ type: kind }: CourseFile) => /^(?:image|video|audio)\//.test(kind)

function fileNode(file: CourseFile): TextNode {
  const { path } = file
  // The library knows what a picture shows.
  if (isShown(file)) return schema.node('image', { src: path, alt: file.alt ?? '' })
  return schema.text(path.replace(/^assets\//, ''), [schema.mark('link', { href: path })])
}

/** Returns Markdown that was pasted as text; null for a text without any, which the editor reads line by line. */
function markdownSlice(text: string): Slice | null {
  const nodes = readNodes(text.replace(/\r\n?/g, '\n'))
  const isPlain = nodes.every(
    node =>
      node.type === type('paragraph') && node.children.every(child => child.isText && !child.marks.length),
  )
  if (isPlain) return null
  const [first, last] = [nodes[0]!, nodes.at(-1)!]
  const isOpen = (node: TextNode) => (node.type === type('paragraph') ? 1 : 0)
  return new Slice(Fragment.from(nodes), isOpen(first), isOpen(last))
}

function markdownOf({ content }: Slice): string {
  if (content.firstChild?.isInline) return writeBlock(type('paragraph').create(null, content))
  const texts: string[] = []
  content.forEach(node => {
    const isBlock = type('doc').contentMatch.matchType(node.type) !== null
    texts.push(isBlock ? writeBlock(node) : node.textContent)
  })
  return texts.join('\n\n')
}

/** Returns a document that ends with a paragraph, so that there is always a place to write. */
function withRoomToWrite(doc: TextNode): TextNode {
  if (doc.lastChild?.type === type('paragraph')) return doc
  return doc.copy(doc.content.addToEnd(type('paragraph').create()))
}

function roomToWrite(): Plugin {
  return new Plugin({
    appendTransaction(_transactions, _before, { doc, tr }) {
      if (doc.lastChild?.type === type('paragraph')) return null
      return tr.insert(doc.content.size, type('paragraph').create()).setMeta('addToHistory', false)
    },
  })
}

/** Says in the empty paragraph with the cursor, or in an empty lesson, how to begin. */
function placeholder(text: string): Plugin {
  return new Plugin({
    props: {
      decorations({ doc, selection }) {
        const { $from, empty } = selection
        const isEmptyLesson = doc.childCount === 1 && isBlank(doc.firstChild!)
        const isEmptyLine =
          empty && $from.depth === 1 && $from.parent.type === type('paragraph') && isBlank($from.parent)
        if (!isEmptyLesson && !isEmptyLine) return null
        const at = isEmptyLesson ? 0 : $from.before(1)
        return DecorationSet.create(doc, [
          Decoration.node(at, at + 2, { class: 'placeholder', 'data-placeholder': text }),
        ])
      },
    },
  })
}
