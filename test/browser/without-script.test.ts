import { testJourney } from './journey-tests'

// The same journey with links and forms alone.
testJourney(false)
