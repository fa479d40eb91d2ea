import type { DeliveryState } from '../webhooks/delivery'

/** A state is told by shape, colour and word: the icon and the class; the word is `integrations:state.<state>`. */
export const deliveryIcons: Record<DeliveryState, { icon: string; colour: string }> = {
  pending: { icon: 'clock', colour: 'is-ochre' },
  sending: { icon: 'circle-half-fill', colour: 'is-blue' },
  delivered: { icon: 'check-circle-fill', colour: 'is-pine' },
  held: { icon: 'held', colour: 'is-grey' },
  failed: { icon: 'dead', colour: 'is-brick' },
  cancelled: { icon: 'prohibit', colour: 'is-grey' },
}
