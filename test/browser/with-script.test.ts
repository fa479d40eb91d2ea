import { testJourney } from './journey-tests'

// Axe checks each page, wide and narrow, in light and dark mode, and the console must stay empty.
testJourney(true)
