import { config } from '../platform/config'
import { decimalAmount } from '../platform/currency'
import type { Published } from '../courses/published'
import type { Texts } from '../web/texts'

/**
 * Returns a schema.org Course (https://schema.org/Course) with the properties that Google requires for course listings:
 * provider, offer, and an instance with its workload. `provider` is the name of the academy.
 */
export function courseJsonLd(course: Published, provider: string, { listName }: Texts) {
  const { title, summary, language, topic, level, price, authors } = course.content
  return {
    '@context': 'https://schema.org',
    '@type': 'Course',
    '@id': `${config.baseUrl}/courses/${course.slug}`,
    url: `${config.baseUrl}/courses/${course.slug}`,
    name: title,
    description: summary,
    inLanguage: language,
    about: listName('topics', topic),
    educationalLevel: listName('levels', level),
    datePublished: course.publishedAt.toISOString(),
    image: `${config.baseUrl}/courses/${course.slug}/cover.png`,
    provider: { '@type': 'Organization', name: provider, url: config.baseUrl },
    author: authors.map(({ name, role }) => ({ '@type': 'Person', name, jobTitle: role })),
    offers: {
      '@type': 'Offer',
      category: price ? 'Paid' : 'Free',
      price: price ? decimalAmount(price.amount, price.currency) : '0',
      priceCurrency: price?.currency ?? 'EUR',
      url: `${config.baseUrl}/courses/${course.slug}`,
    },
    hasCourseInstance: {
      '@type': 'CourseInstance',
      courseMode: 'Online',
      courseWorkload: `PT${course.minutes}M`,
      inLanguage: language,
    },
  }
}

/** Returns the catalogue as a schema.org ItemList (https://schema.org/ItemList). */
export function catalogueJsonLd(courses: Published[]) {
  return {
    '@context': 'https://schema.org',
    '@type': 'ItemList',
    itemListElement: courses.map((course, n) => ({
      '@type': 'ListItem',
      position: n + 1,
      url: `${config.baseUrl}/courses/${course.slug}`,
      name: course.content.title,
    })),
  }
}
