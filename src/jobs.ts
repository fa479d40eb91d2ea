import { refreshPlans } from './checkout/mirror-plans'
import { finishSuggestions } from './courses/comment'
import { recheckOutsideLinks } from './courses/try-outside-links'
import { purgeSearchMisses } from './courses/search-miss'
import { remindOfFinishDates, remindOfReviews } from './emails'
import { purgeOldActivity } from './events/purge-activity'
import { purgeOldAbsences } from './leads/absence'
import { checkScores } from './leads/check-scores'
import { purgeOldReplays } from './leads/scoring-replay'
import { purgeIdlePeople } from './leads/purge-idle-people'
import { watchResponseTimes } from './leads/watch-response-times'
import { discardOldFailures } from './mail/delete-emails'
import { hours, minutes } from './platform/clock'
import { compactAfterErasure } from './people/compact-after-erasure'
import { purgeOldSessions } from './sessions/purge-sessions'
import type { ScheduledJob } from './platform/scheduled-job'
import { sweepDeliveries } from './webhooks/apply-endpoint-state'
import { endSilentListeners } from './webhooks/listener'
import { purgeOldBodies } from './webhooks/purge-bodies'

/** The jobs that run on a schedule. The title of each is the translation `admin:jobs.scheduled.<name>`. */
export const jobs: ScheduledJob[] = [
  { name: 'check-scores', every: hours(24), run: checkScores },
  { name: 'sweep-deliveries', every: minutes(1), run: sweepDeliveries },
  { name: 'end-silent-listeners', every: minutes(1), run: endSilentListeners },
  { name: 'purge-message-bodies', every: hours(24), run: purgeOldBodies },
  { name: 'discard-failed-emails', every: hours(24), run: discardOldFailures },
  { name: 'purge-activity', every: hours(24), run: purgeOldActivity },
  { name: 'purge-idle-people', every: hours(24), run: purgeIdlePeople },
  { name: 'purge-search-misses', every: hours(24), run: purgeSearchMisses },
  { name: 'purge-sessions', every: hours(24), run: purgeOldSessions },
  { name: 'compact-after-erasure', every: hours(24), run: compactAfterErasure },
  { name: 'recheck-outside-links', every: hours(24), run: recheckOutsideLinks },
  { name: 'finish-suggestions', every: minutes(5), run: finishSuggestions },
  { name: 'remind-of-reviews', every: hours(24), run: remindOfReviews },
  { name: 'remind-of-dates', every: hours(1), run: remindOfFinishDates },
  { name: 'purge-replays', every: hours(24), run: purgeOldReplays },
  { name: 'purge-absences', every: hours(24), run: purgeOldAbsences },
  { name: 'watch-response-times', every: minutes(5), run: watchResponseTimes },
  { name: 'refresh-plans', every: hours(1), run: refreshPlans },
]
