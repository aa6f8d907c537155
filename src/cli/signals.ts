// How a command that runs until it is told to stop is told: the first signal lets it finish what it has begun, a second
// one ends it at once, which is as safe as a power cut.

/** `hangup`: also when the terminal it was started from is closed; who detached it on purpose wants it to go on. */
export function untilTold({ hangup = false } = {}): Promise<'told'> {
  // The command line's own answer to Ctrl-C is to leave at once; others wait for what runs here.
  process.removeAllListeners('SIGINT');
  return new Promise((resolve) => {
    let asked = false;
    for (const signal of ['SIGTERM', 'SIGINT', ...(hangup ? (['SIGHUP'] as const) : [])] as const) {
      process.on(signal, () => {
        if (asked) process.exit(signal === 'SIGINT' ? 130 : 143);
        asked = true;
        resolve('told');
      });
    }
    // Whoever began it, as `conclave up` does, and has ended.
    process.once('disconnect', () => {
      asked = true;
      resolve('told');
    });
  });
}
