import { tellStories } from './stories'

// Axe looks at each page that is passed, wide and narrow, by day and by night, and the console has to be silent.
tellStories(true)
