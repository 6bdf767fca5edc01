// How long to wait before trying again.

/** ms between two tries, at most. */
export const SLOWEST = 30_000;

export const sleep = (ms: number) => new Promise<void>((done) => setTimeout(done, ms));

/** Not all at once after the server was away. */
export const jitter = (ms: number) => ms * (0.7 + Math.random() * 0.6);
