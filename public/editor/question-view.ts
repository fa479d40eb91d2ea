import type { Node } from 'prosemirror-model'
import type { EditorView, NodeView } from 'prosemirror-view'
import type { QuestionCard } from '../../src/studio/question-card'
import { make } from './make'
import { formKinds, questionHead, readQuestion, writeQuestion, type QuestionForm } from './question-text'

/** What the view needs from the page: its texts in the reader's language, and what the server says of a block. */
export type QuestionSurroundings = {
  texts: {
    name: string
    kind: string
    kinds: Record<string, string>
    prompt: string
    answer: string
    explanation: string
    correct: string
    addAnswer: string
    removeAnswer: string
    edit: string
    source: string
    unreadable: string
  }
  cardOf: (source: string) => QuestionCard | undefined
  /** Where the forms of the lesson's questions are, by id. */
  questionsUrl: string
}

/** The most answers of a question with choices. */
const maxAnswers = 10

let lastId = 0

/**
 * A question: with choices as a form, of another kind as its learner is asked it, with a link to its own form. A block
 * that can't be read shows why, and its text.
 */
export function questionView(
  node: Node,
  view: EditorView,
  place: () => number | undefined,
  { texts, cardOf, questionsUrl }: QuestionSurroundings,
): NodeView {
  const id = `question-${++lastId}`
  let source = String(node.attrs.source)
  let card = cardOf(source)
  const name = make('span', {})
  const kindName = make('span', { className: 'meta' })
  const points = make('span', { className: 'meta' })
  const link = make('a', { className: 'button button-small question-link' }, texts.edit)
  const kind = make('select', { className: 'tool-choice' })
  kind.setAttribute('aria-label', texts.kind)
  kind.append(...formKinds.map(value => make('option', { value }, texts.kinds[value]!)))
  const head = make('div', { className: 'question-block-head' }, name, kind, kindName, points, link)
  const problem = make('p', { className: 'meta question-problem' })
  const body = make('div', { className: 'question-body' })
  const dom = make('div', { className: 'question-block', contentEditable: 'false' }, head, problem, body)
  dom.setAttribute('role', 'group')

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
    showHead()
    const form = readQuestion(source)
    if (form) {
      kind.value = form.kind
      const rows = form.answers.map((_answer, n) => answerRow(form, n))
      const add = form.answers.length < maxAnswers ? [addButton()] : []
      body.replaceChildren(promptField(form), ...rows, ...add)
    } else if (isReadable()) body.replaceChildren(...asked())
    else body.replaceChildren(sourceField())
  }

  const isReadable = () => questionHead(source) !== null && card?.problem === undefined

  /** Shows what stands around the fields, which keep the focus. */
  function showHead(): void {
    const own = questionHead(source)
    const isForm = readQuestion(source) !== null
    name.textContent = card?.name ?? texts.name
    dom.setAttribute('aria-label', name.textContent)
    kind.hidden = !isForm
    kindName.hidden = isForm || !isReadable()
    kindName.textContent = texts.kinds[own?.kind ?? ''] ?? ''
    points.textContent = card?.points ?? ''
    const href = card?.href ?? (own?.id && card?.problem === undefined ? `${questionsUrl}/${own.id}` : '')
    link.hidden = !href
    if (href) link.href = href
    const reason = card?.problem ?? (isForm || isReadable() ? '' : texts.unreadable)
    problem.textContent = reason
    problem.hidden = !reason
  }

  /** The question and its answers in plain words. */
  function asked(): HTMLElement[] {
    const prompt = make('p', { className: 'question-asked', dir: 'auto' }, questionHead(source)?.prompt ?? '')
    if (!card?.answers) return [prompt]
    const { items, isOrdered } = card.answers
    if (items.length === 1)
      return [prompt, make('p', { className: 'question-answer-text', dir: 'auto' }, items[0]!)]
    const list = make(isOrdered ? 'ol' : 'ul', { className: 'question-answers' })
    list.append(...items.map(item => make('li', { dir: 'auto' }, item)))
    return [prompt, list]
  }

  dom.addEventListener('card', event => {
    card = (event as CustomEvent<QuestionCard>).detail
    if (readQuestion(source) || body.contains(document.activeElement)) showHead()
    else render()
  })
  body.addEventListener('focusout', () => {
    if (body.querySelector('.question-source') && isReadable()) render()
  })
  link.addEventListener('click', () => {
    // The editor opens here again when the browser goes back.
    if (card) history.replaceState(history.state, '', `#line-${card.line}`)
  })

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
    if (readQuestion(source)!.answers.length >= maxAnswers) return
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
      card = card && { ...card, problem: undefined }
      showHead()
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
      return { ...form, kind: kind.value as QuestionForm['kind'], answers }
    })
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
        card = cardOf(source) ?? (card && { ...card, problem: undefined })
        render()
      }
      return true
    },
    selectNode: () => dom.classList.add('is-chosen'),
    deselectNode: () => dom.classList.remove('is-chosen'),
    stopEvent: ({ target, type }) =>
      target instanceof Element &&
      target.closest('a, input, textarea, select, button') !== null &&
      !type.startsWith('drag'),
    ignoreMutation: () => true,
  }
}
