/**
 * Pages of other sites in a lesson: a card says what loading one tells its site, and the page is loaded when the
 * learner asks for it. Without this file, each is a link.
 */
const template = document.querySelector('[data-embed-card]')

for (const place of document.querySelectorAll('[data-embed]')) {
  const link = place.querySelector('a')
  const { embed, host, name } = place.dataset
  const card = template.content.cloneNode(true)
  card.querySelector('[data-title]').textContent = link.textContent
  for (const text of card.querySelectorAll('[data-text]')) {
    text.textContent = text.textContent.replaceAll('{host}', host).replaceAll('{name}', name)
  }
  const outside = card.querySelector('a')
  outside.href = link.href
  const title = link.textContent
  card.querySelector('button').addEventListener('click', () => {
    const frame = document.createElement('iframe')
    frame.src = embed
    frame.title = title
    frame.allow = 'fullscreen; picture-in-picture'
    // Some services ask where they are shown.
    frame.referrerPolicy = 'strict-origin-when-cross-origin'
    frame.sandbox =
      'allow-scripts allow-same-origin allow-popups allow-popups-to-escape-sandbox allow-forms allow-presentation'
    place.replaceChildren(frame)
    frame.focus()
  })
  place.replaceChildren(card)
}
