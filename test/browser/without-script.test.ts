import { tellStories } from './stories'

// The same way by links and forms alone.
tellStories(false)
