import * as covers from './covers'
import { millLane, panelFront } from './panel'
import { phone } from './phone'
import { at, drawing } from './svg'

type Image = {
  /** Where it is saved, from scripts/demo/tarnwell. */
  file: string
  svg: string
  /** Pixels per unit of the drawing. */
  scale?: number
}

export const images: Image[] = [
  { file: 'courses/find-the-failing-pump/assets/cover.webp', svg: covers.failingPump() },
  { file: 'courses/alarms-people-act-on/assets/cover.webp', svg: covers.alarmsCover() },
  { file: 'courses/commission-a-panel-7/assets/cover.webp', svg: covers.panelCover() },
  { file: 'courses/cut-pumping-energy/assets/cover.webp', svg: covers.energyCover() },
  { file: 'courses/safe-work-on-a-pump-station/assets/cover.webp', svg: covers.safetyCover() },
  { file: 'courses/make-the-business-case/assets/cover.webp', svg: covers.businessCover() },
  { file: 'brand/hero.webp', svg: hero() },
]

function hero(): string {
  return drawing(
    720,
    560,
    '#DDE6E3',
    [at(32, 32, panelFront(millLane), 0.6), at(510, 128, phone({ clock: '14:09', alarm: 'new' }), 0.65)].join(
      '',
    ),
  )
}
