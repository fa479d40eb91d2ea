// Shows the example as the mapping is typed. The server makes it, as without a script.
const form = document.querySelector('.mapping')
let timer = 0
let turn = 0

form.addEventListener('input', () => {
  clearTimeout(timer)
  timer = setTimeout(preview, 300)
})

async function preview() {
  const mine = ++turn
  const body = new URLSearchParams(new FormData(form))
  body.set('preview', '1')
  const response = await fetch(form.action, { method: 'POST', body }).catch(() => null)
  // What is wrong so far is said when the mapping is saved.
  if (!response?.ok || mine !== turn) return
  const page = new DOMParser().parseFromString(await response.text(), 'text/html')
  const next = page.getElementById('mapping-example')
  if (next && mine === turn) document.getElementById('mapping-example').replaceChildren(...next.childNodes)
}
