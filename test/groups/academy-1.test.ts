import { runTogether } from '../setup/run-together'

runTogether(['academy'], 1, 2)
