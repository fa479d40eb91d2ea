// The editor of the scoring model: − and + beside numbers, what a number was, and the effect of what is typed, which
// the server computes as it does after saving.
const form = document.querySelector('[data-scoring-form]')
const panel = document.querySelector('[data-effect]')
let timer = 0
let turn = 0

if (form) {
  for (const input of form.querySelectorAll('input[inputmode="decimal"]')) addSteps(input)
  showFact()
  form.addEventListener('input', () => {
    showFact()
    showWhatWas()
    clearTimeout(timer)
    timer = setTimeout(preview, 120)
  })
}

/** A fit rule asks one thing: only its fields are shown. */
const fieldsOfFact = {
  title: ['words'],
  country: ['codes'],
  company: ['domains'],
  email: ['kinds'],
  need: ['needAnswers'],
  answer: ['question', 'answers', 'from', 'to'],
  source: ['sources'],
}

function showFact() {
  const fact = form.elements.fact?.value
  if (!fact) return
  for (const name of Object.values(fieldsOfFact).flat()) {
    const control = form.querySelector(`[name="${name}"]`)
    const field = control?.closest('fieldset.field') ?? control?.closest('.field')
    if (field) field.hidden = !fieldsOfFact[fact].includes(name)
  }
}

function addSteps(input) {
  const label = form.querySelector(`label[for="${input.id}"]`)?.firstChild.textContent.trim() ?? ''
  const box = document.createElement('span')
  box.className = 'steps'
  input.replaceWith(box)
  box.append(stepButton(input, -1, '−', label), input, stepButton(input, 1, '+', label))
}

function stepButton(input, sign, text, label) {
  const button = document.createElement('button')
  button.type = 'button'
  button.className = 'button'
  button.textContent = text
  button.setAttribute('aria-label', `${label} ${text}1`)
  button.addEventListener('click', () => {
    const value = Number(input.value.replace(',', '.').replace('−', '-'))
    input.value = String(Math.round(((Number.isFinite(value) ? value : 0) + sign) * 1000) / 1000)
    input.dispatchEvent(new Event('input', { bubbles: true }))
  })
  return button
}

function showWhatWas() {
  for (const was of form.querySelectorAll('[data-was]')) {
    const input = was.closest('.field').querySelector('input')
    was.hidden = Number(input.value.replace(',', '.').replace('−', '-')) === Number(was.dataset.was)
  }
}

async function preview() {
  const mine = ++turn
  const body = new URLSearchParams(new FormData(form))
  body.set('preview', '1')
  const response = await fetch(form.action, { method: 'POST', body }).catch(() => null)
  // What is half typed has no effect yet; what is wrong is said when it is saved.
  if (!response?.ok || mine !== turn) return
  const html = await response.text()
  if (mine !== turn) return
  const page = new DOMParser().parseFromString(html, 'text/html')
  panel.replaceChildren(...page.body.childNodes)
}
