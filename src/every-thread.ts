// What every thread of the gateway begins with: the launcher gives it to Node.js as --import, and threads inherit that.
import './quick-imports.ts';
import { giveBackWhenIdle } from './idle-memory.ts';

giveBackWhenIdle();
