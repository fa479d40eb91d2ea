// Copies the tag of "On your website", and makes the preview as high as its page.
const actions = document.querySelector('[data-copy]')
const status = actions.querySelector('[data-copied]')
const field = document.querySelector('.website-tag')
const frame = document.querySelector('.website-frame')

actions.hidden = !navigator.clipboard
actions.querySelector('button').addEventListener('click', async () => {
  status.textContent = ''
  await navigator.clipboard.writeText(field.value).then(
    () => (status.textContent = status.dataset.copied),
    () => field.select(),
  )
})
field.addEventListener('focus', () => field.select())

const fit = () => {
  const page = frame.contentDocument?.body
  if (page) frame.height = Math.ceil(page.getBoundingClientRect().height)
}
frame.addEventListener('load', fit)
new ResizeObserver(fit).observe(frame)
fit()
