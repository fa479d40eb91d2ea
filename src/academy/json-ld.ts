import { decimalAmount } from '../platform/currency'
import type { Published } from '../courses/published'
import type { Texts } from '../web/texts'

/**
 * Returns a schema.org Course (https://schema.org/Course) with the properties that Google requires for course listings:
 * provider, offer, and an instance with its workload. `provider` is the name of the academy, and `baseUrl` the address
 * of the brand.
 */
export const courseJsonLd =
  (course: Published, provider: string, { listName }: Texts) =>
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
