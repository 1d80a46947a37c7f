// The benchmarks by name. Each gives rows: what was measured, its value and unit, and the aim where there is one.
import { activation } from './activation.mjs';
import { decode } from './decode.mjs';
import { download } from './download.mjs';
import { attach, chat, load, typing } from './path.mjs';
import { placement } from './placement.mjs';

export const benchmarks = { activation, attach, load, chat, typing, decode, placement, download };
