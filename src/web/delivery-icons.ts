import type { DeliveryState } from '../webhooks/delivery'

/** The icon and the colour class of each delivery state; its label is `integrations:state.<state>`. */
export const deliveryIcons: Record<DeliveryState, { icon: string; colour: string }> = {
  pending: { icon: 'clock', colour: 'is-ochre' },
  sending: { icon: 'circle-half-fill', colour: 'is-blue' },
  delivered: { icon: 'check-circle-fill', colour: 'is-pine' },
  held: { icon: 'held', colour: 'is-grey' },
  failed: { icon: 'failed', colour: 'is-brick' },
  cancelled: { icon: 'prohibit', colour: 'is-grey' },
}
