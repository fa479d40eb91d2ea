import { runTogether } from '../setup/run-together'

runTogether(['courses', 'learning'])
