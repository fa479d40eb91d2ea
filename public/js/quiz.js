/**
 * Questions: "Check answer" in place, one question of a quiz at a time, answers that are kept while they are given, and
 * what is put in order or matched by buttons, keys and dragging. Without this file they are plain forms, with selects.
 */
document.addEventListener('submit', async event => {
  const form = event.target
  for (const list of form.querySelectorAll('[data-order]')) writePlaces(list)
  if (event.submitter?.matches('[data-check]')) return checkInPlace(event, form)
  if (!form.matches('[data-practice]')) return
  event.preventDefault()
  const url = new URL(form.action)
  const fields = new URLSearchParams(new FormData(form))
  fields.set('partial', '1')
  await replace(form, `${url.pathname}?${fields}`, form.action)
})

document.addEventListener('click', async event => {
  const retry = event.target.closest('[data-retry]')
  if (!retry) return
  event.preventDefault()
  const form = retry.closest('[data-practice]')
  const fields = new URLSearchParams({ question: form.elements.question.value, retry: '1', partial: '1' })
  await replace(form, `${new URL(form.action).pathname}?${fields}`, retry.href)
})

/** Whether a request never got an answer: no connection, or no server. */
const isUnreachable = error => error instanceof TypeError

/** Replaces a form with the HTML at `url`; opens `fallback` when that fails, unless there is no connection. */
async function replace(form, url, fallback) {
  try {
    const response = await fetch(url, { headers: { accept: 'text/html' } })
    if (!response.ok) throw new Error(String(response.status))
    const template = document.createElement('template')
    template.innerHTML = await response.text()
    const newForm = template.content.firstElementChild
    form.replaceWith(newForm)
    improve(newForm)
    const first = '[tabindex="-1"], [role="alert"], input:not([type="hidden"]), select, button'
    newForm.querySelector(first)?.focus()
  } catch (error) {
    if (!isUnreachable(error)) location.href = fallback
    else form.querySelector('[data-practice-status]').textContent = form.dataset.offlineText
  }
}

/** Shows the result of one question of a quiz in place of its answers. */
async function checkInPlace(event, form) {
  event.preventDefault()
  const { submitter } = event
  const question = submitter.closest('.question')
  const body = new URLSearchParams(new FormData(form, submitter))
  body.set('partial', '1')
  try {
    const response = await fetch(submitter.formAction, {
      method: 'POST',
      headers: { accept: 'text/html' },
      body,
    })
    if (!response.ok) throw new Error(String(response.status))
    const template = document.createElement('template')
    template.innerHTML = await response.text()
    const checked = template.content.firstElementChild
    question.replaceWith(checked)
    checked.focus()
    form.dispatchEvent(new CustomEvent('checked', { detail: { question, checked } }))
  } catch (error) {
    if (isUnreachable(error)) {
      form.querySelector('[data-kept]').textContent = form.dataset.offlineCheck
      return
    }
    // The page that comes back says what was wrong.
    submitter.removeAttribute('data-check')
    form.requestSubmit(submitter)
  }
}

/** A letter or a number chooses an answer while the focus is in its question. */
document.addEventListener('keydown', event => {
  const question = event.target.closest?.('.question')
  if (!question || event.ctrlKey || event.metaKey || event.altKey) return
  if (event.target.matches('select, textarea, input:not([type="radio"], [type="checkbox"])')) return
  const at = /^[a-j]$/i.test(event.key) ? event.key.toLowerCase().charCodeAt(0) - 97 : Number(event.key) - 1
  const choice = /^[a-j1-9]$/i.test(event.key) && question.querySelectorAll('.choice input')[at]
  if (!choice) return
  event.preventDefault()
  choice.focus()
  choice.click()
})

improve(document)
const quiz = document.querySelector('form[data-keep]')
if (quiz) {
  stepThrough(quiz)
  keepAnswers(quiz)
}

function improve(root) {
  for (const key of root.querySelectorAll('[data-key]')) key.hidden = false
  for (const list of root.querySelectorAll('[data-order]')) makeOrderable(list)
  for (const list of root.querySelectorAll('[data-match]')) makeMatchable(list)
}

/** Shows the rows in the order that was chosen, with buttons and a handle in place of the selects. */
function makeOrderable(list) {
  const placeOf = row => Number(row.querySelector('select').value) || Infinity
  list.append(...[...list.children].sort((a, b) => placeOf(a) - placeOf(b)))
  list.classList.add('is-movable')
  for (const row of list.children) {
    for (const part of row.querySelectorAll('[data-handle], [data-buttons]')) part.hidden = false
    row.querySelector('select').hidden = true
    row.querySelector('[data-handle]').addEventListener('pointerdown', event => dragRow(event, list, row))
  }
  markEnds(list)
  list.addEventListener('click', event => {
    const step = event.target.closest('[data-step]')
    if (step && step.getAttribute('aria-disabled') !== 'true') moveBy(list, step.closest('[data-row]'), step)
  })
  list.addEventListener('keydown', event => {
    const step = { ArrowUp: '-1', ArrowDown: '1' }[event.key]
    const row = event.target.closest('[data-row]')
    if (!step || !event.altKey || !row) return
    event.preventDefault()
    moveBy(list, row, row.querySelector(`[data-step="${step}"]`), event.target)
  })
}

function moveBy(list, row, button, focused = button) {
  const isUp = button.dataset.step === '-1'
  const other = isUp ? row.previousElementSibling : row.nextElementSibling
  if (!other) return
  if (isUp) other.before(row)
  else other.after(row)
  focused.focus()
  changeOrder(list, row)
}

/** Moves a row with the pointer: a mouse, a pen or a finger. */
function dragRow(event, list, row) {
  if (event.button) return
  event.preventDefault()
  const handle = event.currentTarget
  handle.setPointerCapture(event.pointerId)
  row.classList.add('is-dragged')
  const move = ({ clientY }) => {
    for (const other of list.children) {
      const { top, height } = other.getBoundingClientRect()
      if (other === row || clientY < top || clientY > top + height) continue
      // The others move around the row: one that is moved itself loses the pointer.
      const isAfter = row.compareDocumentPosition(other) & Node.DOCUMENT_POSITION_FOLLOWING
      while (isAfter && row.previousElementSibling !== other) row.before(row.nextElementSibling)
      while (!isAfter && row.nextElementSibling !== other) row.after(row.previousElementSibling)
      break
    }
  }
  const drop = () => {
    handle.removeEventListener('pointermove', move)
    row.classList.remove('is-dragged')
    changeOrder(list, row)
  }
  handle.addEventListener('pointermove', move)
  handle.addEventListener('lostpointercapture', drop, { once: true })
}

function changeOrder(list, row) {
  writePlaces(list)
  markEnds(list)
  const text = { item: row.querySelector('[data-item]').textContent, total: String(list.children.length) }
  text.place = String([...list.children].indexOf(row) + 1)
  const announced = list.dataset.moved.replace(/\{(\w+)\}/g, (_, name) => text[name])
  list.parentElement.querySelector('[data-announce]').textContent = announced
  list.dispatchEvent(new Event('input', { bubbles: true }))
}

function writePlaces(list) {
  for (const [n, row] of [...list.children].entries()) row.querySelector('select').value = String(n + 1)
}

function markEnds(list) {
  for (const button of list.querySelectorAll('[data-step]')) {
    const row = button.closest('[data-row]')
    const other = button.dataset.step === '-1' ? row.previousElementSibling : row.nextElementSibling
    button.setAttribute('aria-disabled', String(!other))
  }
}

/** Adds the options as labels that can be dragged onto the rows; the selects stay. */
function makeMatchable(list) {
  const labels = document.createElement('p')
  labels.className = 'match-labels'
  labels.ariaHidden = 'true'
  for (const { value, text } of list.querySelector('select').options) {
    if (!value) continue
    const label = document.createElement('span')
    label.className = 'match-label'
    label.dir = 'auto'
    label.textContent = text
    label.addEventListener('pointerdown', event => dragLabel(event, list, label, value))
    labels.append(label)
  }
  list.before(labels)
}

function dragLabel(event, list, label, value) {
  if (event.button) return
  event.preventDefault()
  label.setPointerCapture(event.pointerId)
  label.classList.add('is-dragged')
  let target
  const move = ({ clientX, clientY }) => {
    target?.classList.remove('is-target')
    target = document.elementFromPoint(clientX, clientY)?.closest('[data-row]')
    if (!list.contains(target)) target = undefined
    target?.classList.add('is-target')
    label.style.translate = `${clientX - event.clientX}px ${clientY - event.clientY}px`
  }
  const drop = () => {
    label.removeEventListener('pointermove', move)
    label.classList.remove('is-dragged')
    label.style.translate = ''
    target?.classList.remove('is-target')
    const select = target?.querySelector('select')
    if (!select) return
    select.value = value
    select.dispatchEvent(new Event('input', { bubbles: true }))
  }
  label.addEventListener('pointermove', move)
  label.addEventListener('lostpointercapture', drop, { once: true })
}

/** Shows one question at a time, the first without an answer or with an error first. */
function stepThrough(form) {
  const questions = [...form.querySelectorAll('fieldset.question')]
  const links = [...form.querySelectorAll('[data-steps] a')]
  const [back, next, submit, enter] = ['back', 'next', 'submit', 'enter'].map(name =>
    form.querySelector(`[data-${name}]`),
  )
  const saveAndContinue = next.textContent
  const last = questions.length - 1
  if (last < 1) return
  const wrong = questions.findIndex(question => question.classList.contains('is-wrong'))
  const open = questions.findIndex(question => !isAnswered(question))
  let at = 0
  form.querySelector('[data-steps]').hidden = false
  show(wrong >= 0 ? wrong : open >= 0 ? open : last, false)
  // Whoever comes back to a quiz that they have begun goes on with it.
  if (questions.some(isAnswered)) focusOnQuiz(form, true)
  form.querySelector('[data-leave]').addEventListener('click', () => focusOnQuiz(form, false))

  back.addEventListener('click', () => show(at - 1))
  next.addEventListener('click', () => show(at + 1))
  form.addEventListener('input', markSteps)
  // Enter in a field presses the button that sends the form.
  form.addEventListener('submit', event => {
    if (at === last || ![submit, enter].includes(event.submitter)) return
    event.preventDefault()
    show(at + 1)
  })
  form.addEventListener('checked', ({ detail: { question, checked } }) => {
    questions[questions.indexOf(question)] = checked
    labelNext()
    markSteps()
  })
  document.addEventListener('click', event => {
    const id = event.target.closest('a[href^="#q-"]')?.hash.slice(1)
    const n = questions.findIndex(question => question.id === id)
    if (n < 0) return
    event.preventDefault()
    show(n)
  })

  function show(n, isMoving = true) {
    at = n
    for (const [index, question] of questions.entries()) question.hidden = index !== at
    back.hidden = at === 0
    next.hidden = at === last
    submit.hidden = at !== last
    labelNext()
    markSteps()
    const stepText = form.querySelector('[data-step-text]')
    stepText.textContent = `${links[at].ariaLabel} · ${stepText.dataset.rest}`
    if (!isMoving) return
    focusOnQuiz(form, true)
    form.closest('.quiz').scrollIntoView()
    questions[at].focus({ preventScroll: true })
  }

  /** A question that has been checked has nothing left to save. */
  function labelNext() {
    const isChecked = questions[at].matches('[data-checked]')
    next.textContent = isChecked ? form.dataset.nextQuestion : saveAndContinue
  }

  function markSteps() {
    for (const [n, link] of links.entries()) {
      link.classList.toggle('is-answered', isAnswered(questions[n]))
      if (n === at) link.setAttribute('aria-current', 'step')
      else link.removeAttribute('aria-current')
    }
  }
}

/** Shows the quiz alone, without the lesson around it; the cross leads back to the lesson. */
function focusOnQuiz(form, isAlone) {
  const { classList } = document.documentElement
  if (classList.contains('is-quiz') === isAlone) return
  classList.toggle('is-quiz', isAlone)
  if (!isAlone) form.closest('.quiz').querySelector('h2').scrollIntoView()
}

/**
 * Answers that can't be sent now stay on the page, which sends them when the connection is back: a form that is sent
 * without one leaves the page, and the answers with it.
 */
function submitWhenReachable(form, sent) {
  const status = form.querySelector('[data-kept]')
  let isReachable = false
  form.addEventListener('submit', async event => {
    const { submitter } = event
    if (event.defaultPrevented || submitter?.matches('[formaction]')) return
    if (isReachable) return sent()
    event.preventDefault()
    try {
      const body = new URLSearchParams(new FormData(form))
      await fetch(form.dataset.keep, { method: 'POST', headers: { accept: 'application/json' }, body })
      isReachable = true
      delete form.dataset.waits
      form.requestSubmit(submitter)
    } catch {
      form.querySelector('[data-kept-above]').hidden = true
      form.dataset.waits = ''
      status.textContent = form.dataset.offlineSubmit
      addEventListener('online', () => submitter?.hidden || form.requestSubmit(submitter), { once: true })
    }
  })
  addEventListener('pageshow', () => (isReachable = false))
}

/** Whether every part of a question has an answer. */
function isAnswered(question) {
  if (question.matches('[data-checked]')) return true
  const fields = [...question.querySelectorAll('input, select')]
  const choices = fields.filter(field => field.type === 'radio' || field.type === 'checkbox')
  if (choices.length) return choices.some(choice => choice.checked)
  return fields.every(field => field.value.trim() !== '')
}

/** Sends the answers a second after the last change, and when the learner leaves. */
function keepAnswers(form) {
  const status = form.querySelector('[data-kept]')
  let timer
  let isChanged = false
  const keep = async isLeaving => {
    clearTimeout(timer)
    if (!isChanged) return
    isChanged = false
    try {
      const response = await fetch(form.dataset.keep, {
        method: 'POST',
        headers: { accept: 'application/json' },
        body: new URLSearchParams(new FormData(form)),
        keepalive: isLeaving,
      })
      if (!response.ok) throw new Error(String(response.status))
      status.textContent = (await response.json()).kept
      form.querySelector('[data-kept-above]').hidden = false
    } catch {
      isChanged = true
      form.querySelector('[data-kept-above]').hidden = true
      // Answers that wait to be submitted say so, and not that a copy of them couldn't be kept.
      if (!('waits' in form.dataset)) status.textContent = form.dataset.notKept
    }
  }
  form.addEventListener('input', () => {
    isChanged = true
    clearTimeout(timer)
    timer = setTimeout(keep, 1000)
  })
  document.addEventListener('visibilitychange', () => document.hidden && keep(true))
  addEventListener('pagehide', () => keep(true))
  submitWhenReachable(form, () => (isChanged = false))
  form.querySelector(`[formaction="${form.dataset.keep}"]`).hidden = true
}
