import type { EmbedList } from './embed-list'

/** A page of another site that a lesson shows in a frame. */
export type Embed = {
  /** The service, as people call it; the host for one of the academy's own. */
  name: string
  /** The host that the frame loads from. */
  host: string
  /** The address of the frame. */
  src: string
}

type Service = {
  name: string
  hosts: string[]
  /** Returns the address of the frame for a page of the service; null for a page that it has no frame for. */
  frame: (url: URL) => string | null
}

/** Returns a function that finds an id in the path of an address, and puts it into the address of a frame. */
const byPath = (pattern: RegExp, frame: string) => (url: URL) => {
  const [, id] = pattern.exec(url.pathname) ?? []
  return id ? frame.replace('{id}', id) : null
}

/** THE SERVICES THAT AN ADMINISTRATOR CAN ALLOW, each with the addresses that people copy from it. */
export const embedServices = {
  youtube: {
    name: 'YouTube',
    hosts: ['youtube.com', 'www.youtube.com', 'm.youtube.com', 'youtu.be', 'www.youtube-nocookie.com'],
    frame(url) {
      const inPath = /^\/(?:embed\/|shorts\/|live\/|v\/)?([\w-]{11})$/.exec(url.pathname)?.[1]
      const id = url.pathname === '/watch' ? url.searchParams.get('v') : inPath
      if (!id || !/^[\w-]{11}$/.test(id)) return null
      const [, start] =
        /^(\d{1,5})s?$/.exec(url.searchParams.get('t') ?? url.searchParams.get('start') ?? '') ?? []
      // This host sets no cookies before the video plays.
      return `https://www.youtube-nocookie.com/embed/${id}${start ? `?start=${start}` : ''}`
    },
  },
  vimeo: {
    name: 'Vimeo',
    hosts: ['vimeo.com', 'www.vimeo.com', 'player.vimeo.com'],
    frame(url) {
      const [, id, hash] = /^\/(?:video\/)?(\d{5,12})(?:\/([0-9a-f]{6,20}))?\/?$/.exec(url.pathname) ?? []
      const secret = hash ?? /^[0-9a-f]{6,20}$/.exec(url.searchParams.get('h') ?? '')?.[0]
      return id ? `https://player.vimeo.com/video/${id}?dnt=1${secret ? `&h=${secret}` : ''}` : null
    },
  },
  loom: {
    name: 'Loom',
    hosts: ['loom.com', 'www.loom.com'],
    frame: byPath(/^\/(?:share|embed)\/([0-9a-f]{32})$/, 'https://www.loom.com/embed/{id}'),
  },
  arcade: {
    name: 'Arcade',
    hosts: ['app.arcade.software', 'demo.arcade.software'],
    frame: byPath(/^\/(?:share\/)?([A-Za-z0-9]{16,24})$/, 'https://demo.arcade.software/{id}?embed'),
  },
  storylane: {
    name: 'Storylane',
    hosts: ['app.storylane.io'],
    frame: byPath(/^\/(?:share|demo)\/([a-z0-9]{8,20})$/, 'https://app.storylane.io/demo/{id}'),
  },
  navattic: {
    name: 'Navattic',
    hosts: ['capture.navattic.com'],
    frame: byPath(/^\/([a-z0-9]{20,30})$/, 'https://capture.navattic.com/{id}'),
  },
  figma: {
    name: 'Figma',
    hosts: ['figma.com', 'www.figma.com', 'embed.figma.com'],
    frame(url) {
      const [, path] = /^\/((?:proto|design|board|slides|file)\/[A-Za-z0-9]{15,30})/.exec(url.pathname) ?? []
      if (!path) return null
      const node = /^[\d:-]{1,30}$/.exec(url.searchParams.get('node-id') ?? '')?.[0]
      return `https://embed.figma.com/${path}?embed-host=academy${node ? `&node-id=${node}` : ''}`
    },
  },
} satisfies Record<string, Service>

export const embedServiceNames = Object.keys(embedServices) as (keyof typeof embedServices)[]

/** The endings of pictures: an address with one is a picture that is hosted elsewhere. */
const picture = /\.(?:avif|gif|jpe?g|png|svg|webp)$/i

/** Whether an image of a text is meant as an embed: it leads to a page of another site. */
export function isEmbedAddress(target: string): boolean {
  return /^https?:\/\//i.test(target) && URL.canParse(target) && !picture.test(new URL(target).pathname)
}

/**
 * Returns the frame for the address of a page, as people copy it from their browser.
 *
 * @returns `refused` for a host that isn't allowed, and `unknown` for a page of an allowed service without a frame.
 */
export function embedOf(target: string, allowed: EmbedList): Embed | 'refused' | 'unknown' {
  const url = new URL(target)
  if (url.protocol !== 'https:' || url.username || url.password || url.port) return 'refused'
  if (allowed.hosts.includes(url.hostname)) return { name: url.hostname, host: url.hostname, src: url.href }
  const name = embedServiceNames.find(each => embedServices[each].hosts.includes(url.hostname))
  if (!name || !allowed.services.includes(name)) return 'refused'
  const service: Service = embedServices[name]
  const src = service.frame(url)
  return src === null ? 'unknown' : { name: service.name, host: new URL(src).hostname, src }
}
