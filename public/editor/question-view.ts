import type { Node } from 'prosemirror-model'
import type { EditorView, NodeView } from 'prosemirror-view'
import { make } from './make'
import {
  questionKinds,
  readQuestion,
  writeQuestion,
  type QuestionForm,
  type QuestionKind,
} from './question-text'

/** What the form of a question says, in the reader's language. */
export type QuestionTexts = {
  name: string
  kind: string
  kinds: Record<QuestionKind, string>
  prompt: string
  answer: string
  explanation: string
  correct: string
  addAnswer: string
  removeAnswer: string
  asText: string
  asForm: string
  source: string
  faulty: string
}

let lastId = 0

/** A practice question as a form: its text, and for each answer whether it is right and why. */
export function questionView(
  node: Node,
  view: EditorView,
  place: () => number | undefined,
  texts: QuestionTexts,
): NodeView {
  const id = `question-${++lastId}`
  let source = String(node.attrs.source)
  let isText = readQuestion(source) === null
  const kind = make('select', { className: 'tool-choice' })
  kind.setAttribute('aria-label', texts.kind)
  kind.append(...questionKinds.map(value => make('option', { value }, texts.kinds[value])))
  const textSwitch = make('button', { type: 'button', className: 'button button-small' })
  const head = make('div', { className: 'question-head' }, make('span', {}, texts.name), kind, textSwitch)
  const body = make('div', { className: 'question-body' })
  const dom = make('div', { className: 'question-block', contentEditable: 'false' }, head, body)
  dom.setAttribute('role', 'group')
  dom.setAttribute('aria-label', texts.name)

  function change(next: string): void {
    const position = place()
    if (next === source || position === undefined) return
    source = next
    view.dispatch(view.state.tr.setNodeAttribute(position, 'source', next))
  }
  const changeForm = (edit: (form: QuestionForm) => QuestionForm) => {
    change(writeQuestion(source, edit(readQuestion(source)!)))
  }

  function render(): void {
    const form = readQuestion(source)
    if (!form) isText = true
    kind.hidden = isText
    textSwitch.textContent = isText ? texts.asForm : texts.asText
    textSwitch.hidden = !form
    if (form && !isText) {
      kind.value = form.kind
      body.replaceChildren(
        promptField(form),
        ...form.answers.map((_answer, n) => answerRow(form, n)),
        addButton(),
      )
    } else
      body.replaceChildren(...(form ? [] : [make('p', { className: 'meta' }, texts.faulty)]), sourceField())
  }

  function promptField({ prompt }: QuestionForm): HTMLElement {
    const field = make('textarea', {
      className: 'question-prompt',
      rows: 1,
      maxLength: 1000,
      dir: 'auto',
      value: prompt,
    })
    field.setAttribute('aria-label', texts.prompt)
    field.addEventListener('input', () =>
      changeForm(form => ({ ...form, prompt: field.value.replace(/\n/g, ' ') })),
    )
    field.addEventListener('keydown', event => {
      if (event.key !== 'Enter') return
      event.preventDefault()
      answerFields()[0]?.focus()
    })
    return field
  }

  function answerRow({ kind: current, answers }: QuestionForm, n: number): HTMLElement {
    const { content, isCorrect, explanation } = answers[n]!
    const label = `${texts.answer} ${n + 1}`
    const mark = make('input', {
      type: current === 'multiple' ? 'checkbox' : 'radio',
      name: `${id}-correct`,
      checked: isCorrect,
    })
    mark.setAttribute('aria-label', `${texts.correct}: ${label}`)
    mark.addEventListener('change', () => {
      changeForm(form => ({
        ...form,
        answers: form.answers.map((answer, at) => {
          const isOther = at !== n && current !== 'multiple'
          return at === n
            ? { ...answer, isCorrect: mark.checked }
            : isOther
              ? { ...answer, isCorrect: false }
              : answer
        }),
      }))
      for (const row of body.querySelectorAll('.question-answer')) {
        row.classList.toggle('is-right', row.querySelector<HTMLInputElement>('input')!.checked)
      }
    })
    const answer = textField(label, content, 500, value => ({ content: value }), n)
    const reason = textField(
      `${texts.explanation}: ${label}`,
      explanation,
      1000,
      value => ({ explanation: value }),
      n,
    )
    answer.dataset.answer = ''
    reason.placeholder = texts.explanation
    answer.addEventListener('keydown', event => {
      if (event.key !== 'Enter') return
      event.preventDefault()
      const next = answerFields()[n + 1]
      if (next) next.focus()
      else add()
    })
    const remove = make('button', { type: 'button', className: 'tool' }, '×')
    remove.setAttribute('aria-label', `${texts.removeAnswer} ${n + 1}`)
    remove.addEventListener('click', () => {
      changeForm(form => ({ ...form, answers: form.answers.filter((_answer, at) => at !== n) }))
      render()
      answerFields()[Math.max(0, n - 1)]?.focus()
    })
    const className = `question-answer${isCorrect ? ' is-right' : ''}`
    return make('div', { className }, mark, answer, reason, remove)
  }

  function textField(
    label: string,
    value: string,
    maxLength: number,
    changed: (value: string) => Partial<QuestionForm['answers'][number]>,
    n: number,
  ): HTMLTextAreaElement {
    const field = make('textarea', { rows: 1, maxLength, dir: 'auto', value })
    field.setAttribute('aria-label', label)
    field.addEventListener('input', () =>
      changeForm(form => ({
        ...form,
        answers: form.answers.map((answer, at) =>
          at === n ? { ...answer, ...changed(field.value.replace(/\n/g, ' ')) } : answer,
        ),
      })),
    )
    return field
  }

  const answerFields = () => [...body.querySelectorAll<HTMLTextAreaElement>('[data-answer]')]

  function addButton(): HTMLElement {
    const button = make('button', { type: 'button', className: 'link-button' }, `+ ${texts.addAnswer}`)
    button.addEventListener('click', add)
    return make('div', { className: 'question-add' }, button)
  }

  function add(): void {
    const empty = { content: '', isCorrect: false, explanation: '' }
    changeForm(form => ({ ...form, answers: [...form.answers, empty] }))
    render()
    answerFields().at(-1)!.focus()
  }

  function sourceField(): HTMLElement {
    const field = make('textarea', {
      className: 'question-source',
      value: source,
      spellcheck: false,
      dir: 'ltr',
    })
    field.setAttribute('aria-label', texts.source)
    field.addEventListener('input', () => {
      change(field.value)
      textSwitch.hidden = readQuestion(source) === null
    })
    return field
  }

  kind.addEventListener('change', () => {
    changeForm(form => {
      const first = form.answers.findIndex(({ isCorrect }) => isCorrect)
      const answers = form.answers.map((answer, n) => ({
        ...answer,
        isCorrect: kind.value === 'multiple' ? answer.isCorrect : n === first,
      }))
      return { ...form, kind: kind.value as QuestionKind, answers }
    })
    render()
  })
  textSwitch.addEventListener('click', () => {
    isText = !isText
    render()
  })
  render()
  return {
    dom,
    update(next) {
      if (next.type !== node.type) return false
      // What was typed in the form itself is in it already.
      if (next.attrs.source !== source) {
        source = String(next.attrs.source)
        render()
      }
      return true
    },
    selectNode: () => dom.classList.add('is-chosen'),
    deselectNode: () => dom.classList.remove('is-chosen'),
    stopEvent: ({ target, type }) =>
      target instanceof Element &&
      target.closest('input, textarea, select, button') !== null &&
      !type.startsWith('drag'),
    ignoreMutation: () => true,
  }
}
