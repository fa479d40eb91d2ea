/** The typefaces of headings and reading, and of the interface. `preload` names files of public/fonts. */
type TypePairing = { serif: string; sans: string; preload: string[] }

const brygada = "'Brygada 1918 Variable', 'Brygada fallback', Georgia, serif"
const hanken = "'Hanken Grotesk Variable', 'Hanken fallback', system-ui, sans-serif"
const system = 'system-ui, sans-serif'

export const typePairings = {
  'brygada-hanken': {
    serif: brygada,
    sans: hanken,
    preload: ['brygada-1918-latin-wght-normal', 'hanken-grotesk-latin-wght-normal'],
  },
  hanken: { serif: hanken, sans: hanken, preload: ['hanken-grotesk-latin-wght-normal'] },
  'brygada-system': { serif: brygada, sans: system, preload: ['brygada-1918-latin-wght-normal'] },
  system: { serif: system, sans: system, preload: [] },
} as const satisfies Record<string, TypePairing>
/** What the tokens of tokens.css say. */
export const standardPairing = 'brygada-hanken'
export type TypePairingName = keyof typeof typePairings
export const typePairingNames = Object.keys(typePairings) as TypePairingName[]
