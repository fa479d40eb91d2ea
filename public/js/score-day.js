// A slider over the days of the curve, instead of the field with the date. Each day is a page of its own.
const form = document.querySelector('[data-score-day]')
if (form) {
  const date = form.querySelector('[type="date"]')
  const day = 24 * 60 * 60 * 1000
  const [first, last] = [Date.parse(date.min), Date.parse(date.max)]
  const slider = document.createElement('input')
  Object.assign(slider, { type: 'range', min: 0, max: (last - first) / day, className: 'score-slider' })
  slider.value = (Date.parse(date.value) - first) / day
  slider.setAttribute('aria-label', form.querySelector('label').textContent)
  const say = () => {
    date.value = new Date(first + slider.value * day).toISOString().slice(0, 10)
    slider.setAttribute('aria-valuetext', date.value)
  }
  slider.addEventListener('input', say)
  slider.addEventListener('change', () => form.requestSubmit())
  say()
  form.prepend(slider)
}
