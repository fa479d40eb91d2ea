import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

// Builds views/icons.svg from Phosphor icons: `node dist/scripts/icons.js`. Add the icons that a view needs.

const regular =
  `arrow-counter-clockwise arrow-down arrow-down-right arrow-left arrow-right arrow-u-up-left arrow-u-up-right
  arrow-up arrow-up-right arrows-clockwise arrows-left-right article at bell bell-z book-open books
  brackets-curly briefcase buildings calendar-blank calendar-check caret-down caret-left caret-right caret-up
  certificate chart-line-up chat-circle check check-circle check-square clipboard-text clock closed-captioning
  code code-simple columns columns-plus-right copy corners-in corners-out credit-card currency-eur cursor-click
  desktop device-mobile dots-six-vertical download-simple envelope-simple export eye eye-slash file-text flag
  funnel gear git-branch globe handshake hard-hat hash headphones image info key keyboard link list list-bullets
  list-checks list-numbers lock magnifying-glass map-pin megaphone minus minus-circle moon note note-pencil
  palette paper-plane-tilt paperclip path pause pause-circle pencil-simple phone picture-in-picture play-circle
  plugs-connected plus printer prohibit question queue quotes radio-button receipt record rows rows-plus-bottom rss
  seal-check shield-check sidebar-simple sign-out sliders-horizontal speaker-high speaker-x star student sun
  table tag text-b text-h text-h-four text-h-three text-h-two text-italic text-t textbox thumbs-up ticket trash
  tray upload-simple user user-plus users users-three video-camera warning warning-circle wrench x x-circle`.split(
    /\s+/,
  )

const filled = 'check-circle x-circle warning warning-circle seal-check circle-half play pause star'.split(
  ' ',
)

// Delivery states for which Phosphor has no icon: held (a square with bars) and dead letter (a diamond with a cross).
const own: Record<string, string> = {
  held: '<path d="M208 32H48a16 16 0 0 0-16 16v160a16 16 0 0 0 16 16h160a16 16 0 0 0 16-16V48a16 16 0 0 0-16-16Zm0 176H48V48h160ZM92 88h18v80H92Zm54 0h18v80h-18Z"/>',
  failed:
    '<path fill-rule="evenodd" d="M128 12 244 128 128 244 12 128ZM128 113l-24-24-15 15 24 24-24 24 15 15 24-24 24 24 15-15-24-24 24-24-15-15Z"/>',
}

const assets = 'node_modules/@phosphor-icons/core/assets'

const symbols = [
  ...regular.map(name => symbol(name, read(`regular/${name}`))),
  ...filled.map(name => symbol(`${name}-fill`, read(`fill/${name}-fill`))),
  ...Object.entries(own).map(([name, shape]) => symbol(name, shape)),
]

writeFileSync('views/icons.svg', `<svg xmlns="http://www.w3.org/2000/svg">${symbols.join('')}</svg>\n`)
console.log(`${symbols.length} icons in views/icons.svg`)

function read(file: string): string {
  const svg = readFileSync(join(assets, `${file}.svg`), 'utf8')
  return svg.replace(/^<svg[^>]*>/, '').replace(/<\/svg>\s*$/, '')
}

function symbol(id: string, inside: string): string {
  return `<symbol id="${id}" viewBox="0 0 256 256">${inside}</symbol>`
}
