import { Courses } from '../courses/course'
import { coursePermissions, teamAccounts, type CoursePermission } from '../courses/course-role'
import { forbidden, notFound } from '../platform/errors'
import type { MemberGuard } from '../web/guard'

/**
 * Returns the guard of a route about the course `:slug` in the URL: it runs before a body is read. Every route of a
 * course has one, and says what the person needs to be allowed in that course. A course that the person may not read
 * isn't found, so that its name isn't disclosed either.
 */
export function inCourse(permission: CoursePermission): MemberGuard {
  return {
    roles: teamAccounts,
    csrf: true,
    needs: {
      permission,
      check: async (request, person) => {
        const course = await Courses.findOne({ slug: String(request.params.slug) }, { team: 1 })
        // The handlers say that an unknown course isn't found.
        if (!course) return
        const permissions = coursePermissions(person, course)
        if (!permissions.has('read')) throw notFound()
        if (!permissions.has(permission)) throw forbidden()
      },
    },
  }
}
