import { baseKeymap, chainCommands, exitCode } from 'prosemirror-commands'
import { InputRule, inputRules, textblockTypeInputRule, wrappingInputRule } from 'prosemirror-inputrules'
import { keymap } from 'prosemirror-keymap'
import type { Attrs, MarkType } from 'prosemirror-model'
import { liftListItem, sinkListItem, splitListItem } from 'prosemirror-schema-list'
import { NodeSelection, Plugin, Selection, type Command } from 'prosemirror-state'
import { goToNextCell } from 'prosemirror-tables'
import { schema, type } from './schema'

/** The keys of each command; `Mod` is Ctrl, or Command on a Mac. The page lists them (see studio/editor-view.ts). */
const keys: Record<string, string> = {
  'Mod-b': 'bold',
  'Mod-i': 'italic',
  'Mod-e': 'inlineCode',
  'Mod-Shift-x': 'strike',
  'Mod-Shift-h': 'highlight',
  'Mod-k': 'link',
  'Mod-Alt-0': 'text',
  'Mod-Alt-2': 'h2',
  'Mod-Alt-3': 'h3',
  'Mod-Alt-4': 'h4',
  'Mod-Shift-7': 'numbers',
  'Mod-Shift-8': 'list',
  'Mod-Shift-9': 'tasks',
  'Mod-Shift-.': 'quote',
  'Mod-Alt-c': 'code',
  'Alt-ArrowUp': 'moveUp',
  'Alt-ArrowDown': 'moveDown',
  'Mod-Shift-d': 'duplicate',
  'Mod-z': 'undo',
  'Mod-y': 'redo',
  'Mod-Shift-z': 'redo',
  'Mod-/': 'shortcuts',
  'Alt-F10': 'toolbar',
}

/** Returns the plugins that react to keys. */
export function keyPlugins(commands: Record<string, Command>): Plugin[] {
  const item = type('list_item')
  const hardBreak: Command = (state, dispatch) => {
    const { parent } = state.selection.$from
    if (parent.type.spec.code || !parent.inlineContent) return false
    dispatch?.(state.tr.replaceSelectionWith(type('hard_break').create()).scrollIntoView())
    return true
  }
  const newLine: Command = (state, dispatch) => {
    // A cell has one line.
    if (!/^table_(?:cell|header)$/.test(state.selection.$from.parent.type.name)) return false
    return goDown(state, dispatch)
  }
  return [
    escapeThenTab(),
    keymap(Object.fromEntries(Object.entries(keys).map(([key, name]) => [key, commands[name]!]))),
    keymap({
      Enter: chainCommands(newLine, leaveSummary, splitItem),
      'Mod-Enter': chainCommands(exitCode, commands.toggleTask!, leaveBlock),
      'Shift-Enter': chainCommands(exitCodeAtEnd, hardBreak),
      Tab: chainCommands(goToNextCell(1), sinkListItem(item)),
      'Shift-Tab': chainCommands(goToNextCell(-1), liftListItem(item)),
      Backspace: backToParagraph,
    }),
    keymap(baseKeymap),
  ]
}

/** Begins the next item of a list; after a task it is a task that isn't done. */
const splitItem: Command = (state, dispatch) => {
  const { $from } = state.selection
  const isTask = $from.depth > 1 && $from.node(-1).attrs.checked != null
  return splitListItem(type('list_item'), isTask ? { checked: false } : undefined)(state, dispatch)
}

/** From the title of text that a reader opens into that text. */
const leaveSummary: Command = (state, dispatch) => {
  const { $from } = state.selection
  if ($from.parent.type !== type('summary')) return false
  dispatch?.(state.tr.setSelection(Selection.near(state.doc.resolve($from.after() + 1))).scrollIntoView())
  return true
}

const exitCodeAtEnd: Command = (state, dispatch) => {
  const { $head, $anchor } = state.selection
  return $head.parent.type.spec.code === true && $head.sameParent($anchor) && exitCode(state, dispatch)
}

/** Puts the cursor into a new paragraph after the block that it is in. */
const leaveBlock: Command = (state, dispatch) => {
  const { $from } = state.selection
  if (!$from.depth) return false
  const after = $from.after(1)
  const transaction = state.tr.insert(after, type('paragraph').create())
  dispatch?.(transaction.setSelection(Selection.near(transaction.doc.resolve(after + 1))).scrollIntoView())
  return true
}

/** Goes to the row below in a table, or after the table. */
const goDown: Command = (state, dispatch) => {
  const { $from } = state.selection
  const table = $from.depth - 2
  const [row, column] = [$from.index(table), $from.index(table + 1)]
  const next = $from.node(table).maybeChild(row + 1)
  if (!next) return leaveBlock(state, dispatch)
  let at = $from.after(table + 1) + 1
  for (let n = 0; n < Math.min(column, next.childCount - 1); n++) at += next.child(n).nodeSize
  dispatch?.(state.tr.setSelection(Selection.near(state.doc.resolve(at + 1))).scrollIntoView())
  return true
}

/** At the start of a heading or code, removes its formatting before it joins the block above. */
const backToParagraph: Command = (state, dispatch) => {
  const { $from, empty } = state.selection
  const { parent, parentOffset } = $from
  const isPlain = parent.type === type('paragraph') || !/^(?:heading|code_block)$/.test(parent.type.name)
  if (!empty || parentOffset || isPlain || state.selection instanceof NodeSelection) return false
  dispatch?.(state.tr.setBlockType($from.before(), $from.after(), type('paragraph')))
  return true
}

/** In lists and tables Tab indents or goes on; after Escape it leaves the editor, as everywhere else. */
function escapeThenTab(): Plugin {
  let isLeaving = false
  return new Plugin({
    props: {
      handleDOMEvents: {
        keydown: (_view, event) => {
          const wasLeaving = isLeaving
          isLeaving = event.key === 'Escape' || (isLeaving && event.key === 'Shift')
          return wasLeaving && event.key === 'Tab'
        },
      },
    },
  })
}

/** Returns the plugin that turns Markdown into formatting while it is typed. */
export function markdownRules(): Plugin {
  const mark = (name: string) => schema.marks[name]!
  return inputRules({
    rules: [
      textblockTypeInputRule(/^(#{1,6})\s$/, type('heading'), ([, marks]) => ({
        level: Math.max(2, marks!.length),
      })),
      textblockTypeInputRule(/^```([\w-]*)\s$/, type('code_block'), ([, info]) => ({ info })),
      wrappingInputRule(/^>\s$/, type('blockquote')),
      wrappingInputRule(/^[-*+]\s$/, type('bullet_list')),
      wrappingInputRule(
        /^(\d{1,9})[.)]\s$/,
        type('ordered_list'),
        ([, number]) => ({ order: Number(number) }),
        ([, number], node) => node.childCount + Number(node.attrs.order) === Number(number),
      ),
      taskRule(),
      ruleLine(),
      markRule(/(?<![*\w\\])\*\*([^*\s](?:[^*]*[^*\s])?)\*\*$/, mark('strong')),
      markRule(/(?<![*\w\\])\*([^*\s](?:[^*]*[^*\s])?)\*$/, mark('em')),
      markRule(/(?<![_\w\\])_([^_\s](?:[^_]*[^_\s])?)_$/, mark('em')),
      markRule(/(?<!~)~~([^~\s](?:[^~]*[^~\s])?)~~$/, mark('strike')),
      markRule(/(?<![=\w])==([^=\s](?:[^=]*[^=\s])?)==$/, mark('highlight')),
      markRule(/(?<!`)`([^`]+)`$/, mark('code')),
      markRule(/(?<!!)\[([^\]]+)\]\(([^()\s]+)\)$/, mark('link'), ([, , href]) => ({ href })),
    ],
  })
}

function markRule(
  pattern: RegExp,
  mark: MarkType,
  attrsOf: (match: RegExpMatchArray) => Attrs | null = () => null,
): InputRule {
  return new InputRule(pattern, (state, match, start, end) => {
    const { $from } = state.selection
    if (!$from.parent.type.allowsMarkType(mark) || schema.marks.code!.isInSet($from.marks())) return null
    const [all, text] = match
    const from = end - (all.length - 1)
    const textFrom = from + all.indexOf(text!)
    if (start > from) return null
    const transaction = state.tr
    if (textFrom + text!.length < end) transaction.delete(textFrom + text!.length, end)
    transaction.delete(from, textFrom)
    transaction.addMark(from, from + text!.length, mark.create(attrsOf(match)))
    return transaction.removeStoredMark(mark)
  })
}

/** `[ ] ` at the start of an item makes it a task. */
function taskRule(): InputRule {
  return new InputRule(/^\[([ xX]?)\]\s$/, (state, [, box], start, end) => {
    const { $from } = state.selection
    const item = $from.node(-1)
    if (item?.type !== type('list_item') || $from.index(-1) !== 0) return null
    const isChecked = box === 'x' || box === 'X'
    return state.tr.delete(start, end).setNodeAttribute($from.before(-1), 'checked', isChecked)
  })
}

/** `---` makes a line across the text. */
function ruleLine(): InputRule {
  return new InputRule(/^(?:---|\*\*\*)$/, state => {
    const { $from } = state.selection
    if ($from.depth !== 1 || $from.parent.type !== type('paragraph')) return null
    const from = $from.before()
    const transaction = state.tr.replaceWith(from, $from.after(), [
      type('horizontal_rule').create(),
      type('paragraph').create(),
    ])
    return transaction.setSelection(Selection.near(transaction.doc.resolve(from + 2)))
  })
}
