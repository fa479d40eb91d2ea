import express from 'express'
import { admins, machines, signedIn } from '../web/guard'
import { rateLimit, perPerson } from '../web/rate-limit'
import { bodyReader, type Route } from '../web/route'
import { createCopy } from './mirror-plans'
import * as orders from './orders'
import * as seatOrders from './seat-orders'
import * as stripeEvents from './stripe-events'

export const routes: Route[] = [
  ['get', '/courses/:slug/checkout', signedIn, orders.loadCourse, orders.checkout],
  [
    'post',
    '/courses/:slug/orders',
    signedIn,
    rateLimit('order', 10, 600, perPerson),
    orders.loadCourse,
    orders.create,
  ],
  ['get', '/sessions/:slug/checkout', signedIn, seatOrders.loadPaidSession, seatOrders.seatCheckout],
  [
    'post',
    '/sessions/:slug/orders',
    signedIn,
    rateLimit('order', 10, 600, perPerson),
    seatOrders.loadPaidSession,
    seatOrders.createSeatOrder,
  ],
  ['get', '/orders', signedIn, orders.index],
  ['get', '/orders/:id', signedIn, rateLimit('order-page', 120, 600, perPerson), orders.show],
  ['post', '/admin/brands/:id/plans/copies', admins, createCopy],
  [
    'post',
    '/stripe/events',
    machines,
    bodyReader(express.raw({ type: '*/*', limit: '256kb' })),
    stripeEvents.create,
  ],
]
