// A clock that can be set wrong while a process runs: preloaded by NODE_OPTIONS=--import, it adds to Date what the file
// named by SHIFTED_CLOCK_FILE says in milliseconds. Nothing in src/ knows of it. Timers go on as they are, as they do
// when an operator or a time server steps a machine's clock.
import { readFileSync } from 'node:fs';

const LOOKS_EVERY_MS = 50;
const file = process.env.SHIFTED_CLOCK_FILE;
const RealDate = Date;
const realNow = RealDate.now.bind(RealDate);

let offsetMs = 0;
let lookedMs = Number.NEGATIVE_INFINITY;

function shiftedNow() {
  const at = performance.now();
  if (file !== undefined && at - lookedMs >= LOOKS_EVERY_MS) {
    lookedMs = at;
    try {
      const read = Number(readFileSync(file, 'utf8'));
      if (Number.isSafeInteger(read)) offsetMs = read;
    } catch {
      // no file, no shift
    }
  }
  return realNow() + offsetMs;
}

globalThis.Date = class ShiftedDate extends RealDate {
  constructor(...given) {
    if (given.length === 0) super(shiftedNow());
    else super(...given);
  }
  static now() {
    return shiftedNow();
  }
};
