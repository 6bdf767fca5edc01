// Keeps an event stream open: again after each end, with growing pauses, until told to stop.
import { type Event, listen, Refusal } from "./http";
import { jitter, SLOWEST, sleep } from "./waiting";

const LOST = 2_500; // ms without a stream before we say so

interface Ears {
  opened(): void;
  heard(event: Event): void;
  lost(): void;
  /** The server does not take this token. */
  refused(token: string): void;
}

export class Follower {
  #running: AbortController | null = null;

  constructor(
    private where: () => { url: string; token: string } | null,
    private ears: Ears,
  ) {}

  get running() {
    return this.#running !== null;
  }

  stop() {
    const running = this.#running;
    this.#running = null;
    running?.abort();
  }

  async start() {
    const { ears } = this;
    const mine = new AbortController();
    this.#running = mine;
    let wait = 1000;
    let warning = 0;
    while (this.#running === mine) {
      const place = this.where();
      if (!place) break;
      warning ||= setTimeout(ears.lost, LOST);
      const link = new AbortController();
      mine.signal.onabort = () => link.abort();
      try {
        await listen(
          place.url,
          place.token,
          link,
          () => {
            clearTimeout(warning);
            warning = 0;
            wait = 1000;
            ears.opened();
          },
          (event) => this.#running === mine && ears.heard(event),
        );
      } catch (error) {
        if (error instanceof Refusal && error.status === 401) ears.refused(place.token);
      }
      if (this.#running !== mine) break;
      warning ||= setTimeout(ears.lost, LOST);
      await Promise.race([
        sleep(jitter(wait)),
        new Promise((now) => addEventListener("online", now, { once: true })),
      ]);
      wait = Math.min(wait * 2, SLOWEST);
    }
    clearTimeout(warning);
    if (this.#running === mine) this.#running = null;
  }
}
