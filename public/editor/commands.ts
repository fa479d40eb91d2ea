import { lift, setBlockType, toggleMark, wrapIn } from 'prosemirror-commands'
import { closeHistory, redo, undo } from 'prosemirror-history'
import { type Attrs, Fragment, type Node, type NodeType } from 'prosemirror-model'
import { liftListItem, sinkListItem, wrapInList } from 'prosemirror-schema-list'
import { NodeSelection, Selection, TextSelection, type Command, type EditorState } from 'prosemirror-state'
import {
  addColumnAfter,
  addRowAfter,
  deleteColumn,
  deleteRow,
  deleteTable,
  isInTable,
} from 'prosemirror-tables'
import { withNewId } from './question-text'
import { emptyEmbed, schema, type } from './schema'

const mark = (name: string) => schema.marks[name]!

/** What the selection is in: the type of its text block, and the names of what is around it. */
export function surroundings({ selection }: EditorState) {
  const { $from } = selection
  const ancestors = Array.from({ length: $from.depth + 1 }, (_, depth) => $from.node(depth))
  return { block: $from.parent, ancestors }
}

/** Whether a mark is on the whole selection, or on what is typed next. */
export function hasMark({ selection, doc, storedMarks }: EditorState, name: string): boolean {
  const { empty, $from, from, to } = selection
  if (empty) return Boolean(mark(name).isInSet(storedMarks ?? $from.marks()))
  return doc.rangeHasMark(from, to, mark(name))
}

/** Returns the nearest list around the selection. */
export function listAround(state: EditorState): Node | undefined {
  return surroundings(state).ancestors.findLast(({ type: { name } }) => name.endsWith('_list'))
}

/** Makes a list of the selected blocks, a list of another kind of it, or paragraphs of a list of this kind. */
function toggleList(list: NodeType, isTask = false): Command {
  return (state, dispatch, view) => {
    const current = listAround(state)
    if (!current) return wrapped(list, isTask)(state, dispatch, view)
    const isTaskList = current.firstChild?.attrs.checked !== null
    if (current.type === list && isTask === isTaskList) {
      return liftListItem(type('list_item'))(state, dispatch, view)
    }
    if (dispatch) {
      const { $from } = state.selection
      const depth = Array.from({ length: $from.depth + 1 }, (_, n) => n).findLast(
        n => $from.node(n) === current,
      )!
      const at = $from.before(depth)
      const items = current.children.map(item =>
        item.type.create({ checked: isTask ? false : null }, item.content),
      )
      const changed = list.create({ tight: current.attrs.tight as boolean }, items)
      const transaction = state.tr.replaceWith(at, at + current.nodeSize, changed)
      dispatch(transaction.setSelection(Selection.near(transaction.doc.resolve($from.pos))))
    }
    return true
  }
}

function wrapped(list: NodeType, isTask: boolean): Command {
  return (state, dispatch, view) => {
    if (!dispatch || !isTask) return wrapInList(list)(state, dispatch, view)
    return wrapInList(list)(state, transaction => {
      const { from, to } = transaction.selection
      transaction.doc.nodesBetween(from, to, (node, position) => {
        if (node.type === type('list_item')) transaction.setNodeAttribute(position, 'checked', false)
      })
      dispatch(transaction)
    })
  }
}

const toggleQuote: Command = (state, dispatch, view) => {
  const isQuoted = surroundings(state).ancestors.some(node => node.type === type('blockquote'))
  return isQuoted ? lift(state, dispatch, view) : wrapIn(type('blockquote'))(state, dispatch, view)
}

/** Makes the selected text blocks of another type, or paragraphs if they are of that type. */
function toggleBlock(block: NodeType, attrs: Attrs | null = null): Command {
  return (state, dispatch, view) => {
    const isSame = surroundings(state).block.hasMarkup(block, attrs ?? undefined)
    return setBlockType(isSame ? type('paragraph') : block, isSame ? null : attrs)(state, dispatch, view)
  }
}

/** Puts a block in the place of an empty paragraph, or after the block of the selection. */
function insertBlock(block: Node, select: 'inside' | 'end' | 'after' | 'block' = 'inside'): Command {
  return (state, dispatch) => {
    const { $from } = state.selection
    const depth = Math.min(1, $from.depth)
    if (!dispatch) return true
    const isEmptyParagraph =
      $from.depth === 1 && $from.parent.type === type('paragraph') && !$from.parent.content.size
    const after = depth ? $from.after(1) : state.selection.to
    const start = isEmptyParagraph ? $from.before(1) : after
    const transaction = state.tr.replaceWith(start, after, block)
    const end = start + block.nodeSize
    if (end === transaction.doc.content.size) transaction.insert(end, type('paragraph').create())
    if (select === 'block') transaction.setSelection(NodeSelection.create(transaction.doc, start))
    else {
      const target = transaction.doc.resolve({ inside: start + 1, end: end - 1, after: end }[select])
      transaction.setSelection(Selection.near(target, select === 'end' ? -1 : 1))
    }
    dispatch(transaction.scrollIntoView())
    return true
  }
}

function newTable(): Node {
  const row = (cell: NodeType) => type('table_row').create(null, [cell.create(), cell.create()])
  const cells = [row(type('table_header')), row(type('table_cell')), row(type('table_cell'))]
  return type('table').create(null, cells)
}

/**
 * Inserts a question with an id of its own, and goes to its first field, or to the link to its form.
 *
 * @param snippet its Markdown.
 */
const insertQuestion =
  (snippet: string): Command =>
  (state, dispatch, view) => {
    const question = type('question').create({ source: withNewId(snippet.trim()) })
    insertBlock(question, 'block')(state, dispatch)
    const block = view?.nodeDOM(view.state.selection.from)
    if (dispatch && block instanceof HTMLElement) {
      const field = block.querySelector<HTMLElement>('.question-prompt')
      ;(field ?? block.querySelector<HTMLElement>('.question-link'))?.focus()
    }
    return true
  }

/** Moves the blocks of the selection up or down among the blocks of the lesson. */
function moveBlock(direction: -1 | 1): Command {
  return (state, dispatch) => {
    const { $from, $to } = state.selection
    const [first, last] = [$from.index(0), $to.indexAfter(0) - 1]
    const other = direction < 0 ? first - 1 : last + 1
    if (other < 0 || other >= state.doc.childCount) return false
    if (!dispatch) return true
    const starts = Array.from({ length: state.doc.childCount + 1 }, () => 0)
    state.doc.forEach((node, offset, n) => {
      starts[n] = offset
      starts[n + 1] = offset + node.nodeSize
    })
    const [from, to] = [starts[Math.min(first, other)]!, starts[Math.max(last, other) + 1]!]
    const moved = state.doc.children.slice(first, last + 1)
    const neighbour = state.doc.child(other)
    const nodes = direction < 0 ? [...moved, neighbour] : [neighbour, ...moved]
    const transaction = closeHistory(state.tr).replaceWith(from, to, Fragment.from(nodes))
    const shift = direction * neighbour.nodeSize
    const { anchor, head } = state.selection
    const selection =
      state.selection instanceof NodeSelection
        ? NodeSelection.create(transaction.doc, anchor + shift)
        : TextSelection.between(
            transaction.doc.resolve(anchor + shift),
            transaction.doc.resolve(head + shift),
          )
    dispatch(transaction.setSelection(selection).scrollIntoView())
    return true
  }
}

const duplicateBlock: Command = (state, dispatch) => {
  const { $from } = state.selection
  const [index, end] = [$from.index(0), state.selection.$from.depth ? $from.after(1) : state.selection.to]
  if (index >= state.doc.childCount) return false
  const block = state.doc.child(index)
  const copy =
    block.type === type('question')
      ? block.type.create({ source: withNewId(String(block.attrs.source)) })
      : block
  dispatch?.(closeHistory(state.tr).insert(end, copy).scrollIntoView())
  return true
}

const deleteBlock: Command = (state, dispatch) => {
  const { $from } = state.selection
  const index = $from.index(0)
  if (index >= state.doc.childCount) return false
  const start = $from.depth ? $from.before(1) : state.selection.from
  const transaction = closeHistory(state.tr).delete(start, start + state.doc.child(index).nodeSize)
  dispatch?.(transaction.setSelection(Selection.near(transaction.doc.resolve(start))).scrollIntoView())
  return true
}

/** Checks or unchecks the task that the selection is in. */
const toggleTask: Command = (state, dispatch) => {
  const { $from } = state.selection
  for (let { depth } = $from; depth > 0; depth--) {
    const { attrs } = $from.node(depth)
    if ($from.node(depth).type !== type('list_item') || attrs.checked === null) continue
    dispatch?.(state.tr.setNodeAttribute($from.before(depth), 'checked', !attrs.checked))
    return true
  }
  return false
}

/** Inserts a quotation that begins with a bold word, which is how lessons make a remark stand out. */
const insertCallout =
  (word: string): Command =>
  (state, dispatch) => {
    const text = [schema.text(word, [mark('strong').create()]), schema.text(' ')]
    const callout = type('blockquote').create(null, type('paragraph').create(null, text))
    return insertBlock(callout, 'end')(state, dispatch)
  }

/** Inserts text that a reader opens, and goes to its title. */
const insertDetails =
  (title: string): Command =>
  (state, dispatch) => {
    const summary = type('summary').create(null, schema.text(title))
    const details = type('details').create(null, [summary, type('paragraph').create()])
    return insertBlock(details)(state, dispatch)
  }

/** Inserts a place for a page of another site, whose address is asked for in it. */
const insertEmbed: Command = (state, dispatch) => {
  const page = type('image').create({ src: emptyEmbed })
  return insertBlock(type('paragraph').create(null, page), 'end')(state, dispatch)
}

/**
 * Returns everything that a button, a menu or a key does, by its name.
 *
 * @param texts.snippets the Markdown of a new question of each kind.
 * @param texts.note the bold word that a new callout begins with.
 * @param texts.more the title of new text that a reader opens.
 */
export function commandsOf({
  snippets,
  note,
  more,
}: {
  snippets: Record<string, string>
  note: string
  more: string
}): Record<string, Command> {
  return {
    text: setBlockType(type('paragraph')),
    ...Object.fromEntries(
      [1, 2, 3, 4, 5, 6].map(level => [`h${level}`, toggleBlock(type('heading'), { level })]),
    ),
    bold: toggleMark(mark('strong')),
    italic: toggleMark(mark('em')),
    strike: toggleMark(mark('strike')),
    highlight: toggleMark(mark('highlight')),
    inlineCode: toggleMark(mark('code')),
    list: toggleList(type('bullet_list')),
    numbers: toggleList(type('ordered_list')),
    tasks: toggleList(type('bullet_list'), true),
    indent: sinkListItem(type('list_item')),
    outdent: liftListItem(type('list_item')),
    toggleTask,
    quote: toggleQuote,
    code: toggleBlock(type('code_block')),
    table: (...args) => insertBlock(newTable())(...args),
    divider: insertBlock(type('horizontal_rule').create(), 'after'),
    callout: insertCallout(note),
    details: insertDetails(more),
    embed: insertEmbed,
    ...Object.fromEntries(
      Object.entries(snippets).map(([kind, snippet]) => [`question-${kind}`, insertQuestion(snippet)]),
    ),
    undo,
    redo,
    moveUp: moveBlock(-1),
    moveDown: moveBlock(1),
    duplicate: duplicateBlock,
    remove: deleteBlock,
    addRow: inTable(addRowAfter),
    addColumn: inTable(addColumnAfter),
    deleteRow: inTable(deleteRow),
    deleteColumn: inTable(deleteColumn),
    deleteTable: inTable(deleteTable),
  }
}

const inTable =
  (command: Command): Command =>
  (state, dispatch) =>
    isInTable(state) && command(state, dispatch)
