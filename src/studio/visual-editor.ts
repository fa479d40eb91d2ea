import { lessonsOf } from '../courses/content'
import type { Course, Lesson } from '../courses/course'
import { questionKinds, type QuestionKind } from '../courses/question'
import type { Texts } from '../web/texts'
import { fileView } from './media-view'
import { questionCards } from './question-cards'
import { urlOf } from './urls'

/** Buttons of the toolbar, in groups: the command's name, its icon, its keys, and whether it is on or off. */
const groups = [
  [
    { name: 'undo', icon: 'arrow-u-up-left', keys: 'Ctrl Z' },
    { name: 'redo', icon: 'arrow-u-up-right', keys: 'Ctrl Y' },
  ],
  [
    { name: 'bold', icon: 'text-b', keys: 'Ctrl B', isToggle: true },
    { name: 'italic', icon: 'text-italic', keys: 'Ctrl I', isToggle: true },
    { name: 'inlineCode', icon: 'code-simple', keys: 'Ctrl E', isToggle: true },
    { name: 'link', icon: 'link', keys: 'Ctrl K', isToggle: true },
  ],
  [
    { name: 'list', icon: 'list-bullets', keys: 'Ctrl Shift 8', isToggle: true },
    { name: 'numbers', icon: 'list-numbers', keys: 'Ctrl Shift 7', isToggle: true },
    { name: 'quote', icon: 'quotes', keys: 'Ctrl Shift .', isToggle: true },
  ],
  [
    { name: 'image', icon: 'image' },
    { name: 'table', icon: 'table' },
    { name: 'question', icon: 'question' },
    { name: 'shortcuts', icon: 'keyboard', keys: 'Ctrl /' },
  ],
]

const tableTools = [
  { name: 'addRow', icon: 'rows-plus-bottom' },
  { name: 'addColumn', icon: 'columns-plus-right' },
  { name: 'deleteRow', icon: 'rows' },
  { name: 'deleteColumn', icon: 'columns' },
  { name: 'deleteTable', icon: 'trash' },
]

/** What the menu that opens with a slash inserts, and its icon. */
const inserts = {
  text: 'text-t',
  h2: 'text-h-two',
  h3: 'text-h-three',
  h4: 'text-h-four',
  list: 'list-bullets',
  numbers: 'list-numbers',
  tasks: 'list-checks',
  image: 'image',
  media: 'books',
  recording: 'video-camera',
  file: 'paperclip',
  table: 'table',
  quote: 'quotes',
  callout: 'info',
  details: 'caret-down',
  embed: 'desktop',
  code: 'code',
  divider: 'minus',
}

/** The icon of each kind of question. */
const questionIcons: Record<QuestionKind, string> = {
  single: 'radio-button',
  multiple: 'check-square',
  'true-false': 'check-circle',
  text: 'textbox',
  number: 'hash',
  match: 'arrows-left-right',
  order: 'list-numbers',
  cloze: 'brackets-curly',
}

const blockChoices = ['text', 'h2', 'h3', 'h4', 'code', 'h1', 'h5', 'h6']
const sources = ['comment', 'reference', 'other']
const blockActions = {
  moveUp: 'arrow-up',
  moveDown: 'arrow-down',
  duplicate: 'copy',
  remove: 'trash',
}

/** What the dialog of keyboard shortcuts lists besides the buttons of the toolbar. */
const otherKeys = {
  strike: 'Ctrl Shift X',
  highlight: 'Ctrl Shift H',
  tasks: 'Ctrl Shift 9',
  slash: '/',
  blocks: 'Ctrl Alt 0, 2, 3, 4',
  codeBlock: 'Ctrl Alt C',
  moveBlock: 'Alt ↑ ↓',
  duplicate: 'Ctrl Shift D',
  lineBreak: 'Shift Enter',
  leaveBlock: 'Ctrl Enter',
  indent: 'Tab, Shift Tab',
  leaveEditor: 'Esc, Tab',
  toolbar: 'Alt F10',
  save: 'Ctrl S',
}

/**
 * Returns what the visual editor of a lesson shows around the text, and what its script has to know.
 *
 * @param body the text in the form, which may not be saved.
 */
export function visualEditor(course: Course, lesson: Lesson, body: string, texts: Texts) {
  const { slug, draft } = course
  const { t } = texts
  const named = (keys: readonly string[], at: string) =>
    keys.map(key => [key, t(`studio:editor.${at}.${key}`)])
  const button = ({
    name,
    icon,
    keys,
    isToggle,
  }: (typeof groups)[number][number] & { isToggle?: boolean }) => {
    const label = t(`studio:editor.commands.${name}`)
    return { name, icon, isToggle: isToggle ?? false, label, title: keys ? `${label} (${keys})` : label }
  }
  const settings = {
    files: draft.assets.map(asset => fileView(course, asset)),
    uploadUrl: `${urlOf({ slug })}/files`,
    uploadsUrl: `${urlOf({ slug })}/uploads`,
    captionsUrl: `${urlOf({ slug })}/captions`,
    questionSnippets: Object.fromEntries(
      questionKinds.map(kind => [
        kind,
        t(kind === 'single' ? 'studio:write.quizSnippet' : `studio:editor.questionSnippets.${kind}`),
      ]),
    ),
    questionsUrl: `${urlOf({ slug }, lesson)}/questions`,
    stepsUrl: `${urlOf({ slug }, lesson)}/steps`,
    questions: questionCards(course, lesson, body, texts),
    texts: {
      ...Object.fromEntries(named(scriptTexts, 'script')),
      label: t('studio:editor.label'),
      editCaptions: t('studio:captions.edit'),
      writeCaptions: t('studio:captions.write'),
      source: Object.fromEntries(named(sources, 'sources')),
      question: {
        ...Object.fromEntries(named(questionTexts, 'question')),
        ...Object.fromEntries(
          Object.entries(sharedTexts).map(([name, key]) => [name, t(`studio:quizEditor.${key}`)]),
        ),
        kinds: Object.fromEntries(questionKinds.map(kind => [kind, t(`studio:quizEditor.kinds.${kind}`)])),
      },
    },
  }
  const questions = questionKinds.map(kind => {
    const [title, hint] = [t(`studio:quizEditor.kinds.${kind}`), t(`studio:editor.questionHints.${kind}`)]
    const words = `${t('studio:editor.question.name')} ${title} ${hint}`
    return { name: `question-${kind}`, icon: questionIcons[kind], title, hint, words }
  })
  return {
    questions,
    settings: JSON.stringify(settings),
    blockChoices: blockChoices.map(value => ({
      value,
      text: t(`studio:editor.blocks.${value}`),
      // Lessons begin with a heading of the second level; the others are only shown where someone has typed them.
      isRare: ['h1', 'h5', 'h6'].includes(value),
    })),
    groups: groups.map(group => group.map(button)),
    tableTools: tableTools.map(button),
    inserts: [
      ...Object.entries(inserts).map(([name, icon]) => {
        const [title, hint] = [
          t(`studio:editor.inserts.${name}.title`),
          t(`studio:editor.inserts.${name}.hint`),
        ]
        return { name, icon, title, hint, words: `${title} ${hint}` }
      }),
      ...questions,
    ],
    actions: Object.entries(blockActions).map(([name, icon]) => ({
      name,
      icon,
      label: t(`studio:editor.actions.${name}`),
    })),
    shortcuts: [
      ...groups
        .flat()
        .flatMap(({ name, keys }) => (keys ? [{ keys, text: t(`studio:editor.commands.${name}`) }] : [])),
      ...Object.entries(otherKeys).map(([name, keys]) => ({ keys, text: t(`studio:editor.keys.${name}`) })),
    ],
    targets: [
      ...lessonsOf(draft)
        .filter(each => each.slug !== lesson.slug)
        .map(each => ({ href: `${each.slug}.md`, text: each.title })),
      ...draft.assets.map(({ path }) => ({ href: path, text: path })),
    ],
  }
}

const scriptTexts = [
  'placeholder',
  'note',
  'more',
  'uploading',
  'cancelUpload',
  'dropHere',
  'uploadFailed',
  'lostPictures',
  'found',
  'alt',
  'altHint',
  'noPicture',
  'replace',
  'remove',
  'language',
  'recordingAlt',
  'recordingHint',
  'captions',
  'noCaptions',
  'addCaptions',
  'done',
  'step',
  'editSteps',
  'decorative',
  'embed',
  'embedAddress',
  'embedHint',
  'embedTitle',
]

const questionTexts = ['name', 'addAnswer', 'removeAnswer', 'edit', 'source', 'unreadable']

/** Texts of a question that its own form has too. */
const sharedTexts = {
  kind: 'fields.kind',
  prompt: 'fields.prompt',
  answer: 'columns.content',
  explanation: 'columns.explanation',
  correct: 'columns.isCorrect',
}
