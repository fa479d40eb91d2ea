// What other sites load as /embed.js: puts a frame with a page of the academy after its script tag, as high as that page.
// <script src="https://academy.example/embed.js" data-course="pumps" async></script>
{
  const script =
    document.currentScript ?? document.querySelector('script[src$="/embed.js"]:not([data-shown])')
  const { course, lesson, theme, title } = script.dataset
  script.dataset.shown = ''
  const academy = new URL(script.src).origin
  const path = [...(course ? ['courses', course] : []), ...(course && lesson ? ['lessons', lesson] : [])]
  const address = new URL(['/embed', ...path.map(encodeURIComponent)].join('/'), academy)

  // The campaign that brought the reader to this page, or the one that the tag names.
  const given = new URLSearchParams(location.search)
  for (const field of ['source', 'medium', 'campaign', 'term', 'content']) {
    const name = `utm_${field}`
    const value = given.get(name) ?? script.getAttribute(`data-utm-${field}`)
    if (value) address.searchParams.set(name, value)
  }
  if (theme) address.searchParams.set('theme', theme)
  address.searchParams.set('site', location.origin)

  const frame = document.createElement('iframe')
  frame.src = address
  frame.title = title ?? ''
  frame.loading = 'lazy'
  // Its own origin lets both sides check whom they talk to. Links leave the frame for a new tab.
  frame.setAttribute('sandbox', 'allow-scripts allow-same-origin allow-popups allow-popups-to-escape-sandbox')
  Object.assign(frame.style, { display: 'block', width: '100%', height: '24rem', border: '0' })

  window.addEventListener('message', ({ origin, source, data }) => {
    if (origin !== academy || source !== frame.contentWindow) return
    const height = Number(data?.academyHeight)
    if (height > 0) frame.style.height = `${Math.min(height, 20_000)}px`
    if (!title && typeof data?.title === 'string') frame.title = data.title
  })
  script.after(frame)
}
