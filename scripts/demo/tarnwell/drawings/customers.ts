import { colour, path } from './svg'

/** Signs of customers, 32 × 32, in one colour. The names beside them are text. */
const sign = (content: string) =>
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32" width="32" height="32">${content}</svg>`

const ink = colour.ink2

/** By the customer: Hartley Dairies, Norrvik Vatten, Aguas del Segre, Bergmann Facilities, Oakhurst Estates. */
export const customerLogos: Record<string, string> = {
  'hartley-dairies': sign(path('M4 15L16 5L28 15V28H20V19H12V28H4Z', { fill: ink })),
  'norrvik-vatten': sign(
    path('M3 12C8 7 12 7 16 12S24 17 29 12M3 22C8 17 12 17 16 22S24 27 29 22', { stroke: ink, width: 3.6 }),
  ),
  'aguas-del-segre': sign(
    path('M16 4C21 11 24 15 24 20A8 8 0 0 1 8 20C8 15 11 11 16 4Z', { stroke: ink, width: 3 }),
  ),
  'bergmann-facilities': sign(path('M3 4H15V16H3ZM17 17H29V29H17Z', { fill: ink })),
  'oakhurst-estates': sign(
    path('M16 4A12 12 0 1 0 16.1 4Z', { stroke: ink, width: 3.2 }) +
      path('M16 11A5 5 0 1 0 16.1 11Z', { fill: ink }),
  ),
}
