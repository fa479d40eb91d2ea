const nordics = ['DK', 'FI', 'IS', 'NO', 'SE']
const benelux = ['BE', 'LU', 'NL']
const dach = ['AT', 'CH', 'DE']
const eu = [
  ...['AT', 'BE', 'BG', 'CY', 'CZ', 'DE', 'DK', 'EE', 'ES', 'FI', 'FR', 'GR', 'HR', 'HU', 'IE', 'IT', 'LT'],
  ...['LU', 'LV', 'MT', 'NL', 'PL', 'PT', 'RO', 'SE', 'SI', 'SK'],
]
const europe = [
  ...eu,
  ...['AD', 'AL', 'BA', 'BY', 'CH', 'FO', 'GB', 'GG', 'GI', 'IM', 'IS', 'JE', 'LI', 'MC', 'MD', 'ME', 'MK'],
  ...['NO', 'RS', 'SM', 'UA', 'VA', 'XK'],
]
const middleEast = ['AE', 'BH', 'IL', 'IQ', 'JO', 'KW', 'LB', 'OM', 'PS', 'QA', 'SA', 'TR', 'YE']

/** Names of groups of countries that a rule may use, as sales teams divide the world. */
const regions: Record<string, readonly string[]> = {
  europe,
  eu,
  nordics,
  benelux,
  dach,
  'middle-east': middleEast,
  'north-america': ['CA', 'US'],
  'latin-america': [
    ...['AR', 'BO', 'BR', 'CL', 'CO', 'CR', 'CU', 'DO', 'EC', 'GT', 'HN', 'MX', 'NI', 'PA', 'PE', 'PR', 'PY'],
    ...['SV', 'UY', 'VE'],
  ],
  'asia-pacific': [
    ...['AU', 'BD', 'CN', 'HK', 'ID', 'IN', 'JP', 'KH', 'KR', 'LA', 'LK', 'MM', 'MN', 'MO', 'MY', 'NP', 'NZ'],
    ...['PG', 'PH', 'PK', 'SG', 'TH', 'TW', 'VN'],
  ],
}

export const regionNames = Object.keys(regions)

export function isRegion(name: string): boolean {
  return Object.hasOwn(regions, name)
}

/** True when a country is one of these countries, or in one of these regions. */
export function isInCountries(country: string, among: readonly string[]): boolean {
  return among.some(each => each === country || (isRegion(each) && regions[each]!.includes(country)))
}
