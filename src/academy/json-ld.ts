import { fewestForAverage, type ReviewSummary } from '../community/review'
import { decimalAmount } from '../platform/currency'
import type { Published } from '../courses/published'
import type { LiveSession } from '../sessions/live-session'
import { isSessionFull, type SeatCounts } from '../sessions/shown-sessions'
import type { Texts } from '../web/texts'

/**
 * Returns a schema.org Course (https://schema.org/Course) with the properties that Google requires for course listings:
 * provider, offer, and an instance with its workload. `provider` is the name of the academy, and `baseUrl` the address
 * of the brand.
 */
export const courseJsonLd =
  (course: Published, provider: string, { listName }: Texts, reviews: ReviewSummary) =>
  (baseUrl: string) => {
    const { title, summary, language, topic, level, price, authors } = course.content
    return {
      '@context': 'https://schema.org',
      '@type': 'Course',
      '@id': `${baseUrl}/courses/${course.slug}`,
      url: `${baseUrl}/courses/${course.slug}`,
      name: title,
      description: summary,
      inLanguage: language,
      about: listName('topics', topic),
      educationalLevel: listName('levels', level),
      datePublished: course.publishedAt.toISOString(),
      image: `${baseUrl}/courses/${course.slug}/cover.png`,
      provider: { '@type': 'Organization', name: provider, url: baseUrl },
      author: authors.map(({ name, role }) => ({ '@type': 'Person', name, jobTitle: role })),
      offers: {
        '@type': 'Offer',
        category: price ? 'Paid' : 'Free',
        price: price ? decimalAmount(price.amount, price.currency) : '0',
        priceCurrency: price?.currency ?? 'EUR',
        url: `${baseUrl}/courses/${course.slug}`,
      },
      ...(reviews.total >= fewestForAverage && {
        aggregateRating: {
          '@type': 'AggregateRating',
          ratingValue: Math.round(reviews.average * 10) / 10,
          ratingCount: reviews.total,
          bestRating: 5,
          worstRating: 1,
        },
      }),
      hasCourseInstance: {
        '@type': 'CourseInstance',
        courseMode: 'Online',
        courseWorkload: `PT${course.minutes}M`,
        inLanguage: language,
      },
    }
  }

/** Returns the catalogue as a schema.org ItemList (https://schema.org/ItemList), at the address of the brand. */
export const catalogueJsonLd = (courses: Published[]) => (baseUrl: string) => ({
  '@context': 'https://schema.org',
  '@type': 'ItemList',
  itemListElement: courses.map((course, n) => ({
    '@type': 'ListItem',
    position: n + 1,
    url: `${baseUrl}/courses/${course.slug}`,
    name: course.content.title,
  })),
})

/**
 * Returns a live session as a schema.org EducationEvent (https://schema.org/Event) with the properties that Google
 * requires for events. Online it takes place on its own page: the address of the meeting is nowhere.
 */
export const sessionJsonLd =
  (session: LiveSession, organizer: string, seats: SeatCounts | undefined) => (baseUrl: string) => {
    const { title, summary, language, startsAt, endsAt, place, price, hosts } = session
    const url = `${baseUrl}/sessions/${session.slug}`
    const isRoom = session.kind === 'room'
    const isFull = seats !== undefined && isSessionFull(seats, session)
    return {
      '@context': 'https://schema.org',
      '@type': 'EducationEvent',
      '@id': url,
      url,
      name: title,
      description: summary,
      inLanguage: language,
      startDate: startsAt.toISOString(),
      endDate: endsAt.toISOString(),
      eventStatus: `https://schema.org/Event${session.state === 'cancelled' ? 'Cancelled' : 'Scheduled'}`,
      eventAttendanceMode: `https://schema.org/${isRoom ? 'Offline' : 'Online'}EventAttendanceMode`,
      location:
        isRoom && place
          ? { '@type': 'Place', name: place.name, address: place.address }
          : { '@type': 'VirtualLocation', url },
      image: `${url}/cover.png`,
      organizer: { '@type': 'Organization', name: organizer, url: baseUrl },
      performer: hosts.map(({ name, role }) => ({ '@type': 'Person', name, jobTitle: role })),
      isAccessibleForFree: price === null,
      ...(seats && {
        maximumAttendeeCapacity: seats.capacity,
        remainingAttendeeCapacity: Math.max(0, seats.capacity - seats.taken),
      }),
      offers: {
        '@type': 'Offer',
        price: price ? decimalAmount(price.amount, price.currency) : '0',
        priceCurrency: price?.currency ?? 'EUR',
        availability: `https://schema.org/${isFull ? 'SoldOut' : 'InStock'}`,
        url,
      },
    }
  }

/** Returns sessions as a schema.org ItemList, at the address of the brand. */
export const sessionsJsonLd = (sessions: LiveSession[]) => (baseUrl: string) => ({
  '@context': 'https://schema.org',
  '@type': 'ItemList',
  itemListElement: sessions.map(({ slug, title }, n) => ({
    '@type': 'ListItem',
    position: n + 1,
    url: `${baseUrl}/sessions/${slug}`,
    name: title,
  })),
})
