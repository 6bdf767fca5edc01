// What the browser keeps of a chat, one record a server. Every tab of the site shares it, so a
// change is read, made and written in one go.
import type { Pending } from "./types";

export interface Kept {
  visitor: string;
  /** Names the request for a conversation, so that a lost answer can be asked for again. */
  request?: string;
  conversation?: string;
  token?: string;
  /** The newest message that was on the screen. */
  seen: number;
  outbox: Pending[];
  locale?: string;
  /** The page's own locale setting when `locale` was chosen. */
  site?: string;
}

export const random = () =>
  Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) =>
    byte.toString(16).padStart(2, "0"),
  ).join("");

export class Storage {
  #key: string;
  #memory = "";

  constructor(server: string) {
    this.#key = `setu:${server}`;
  }

  get key() {
    return this.#key;
  }

  read(): Kept {
    let text: string | null = this.#memory;
    try {
      text = localStorage.getItem(this.#key);
    } catch {
      // Storage is forbidden here: the chat lives as long as the page.
    }
    try {
      const kept = JSON.parse(text || "") as Kept;
      if (typeof kept.visitor === "string" && Array.isArray(kept.outbox)) return kept;
    } catch {
      // Nothing there, or not ours.
    }
    return { visitor: random(), seen: 0, outbox: [] };
  }

  change(edit: (kept: Kept) => void): Kept {
    const kept = this.read();
    edit(kept);
    this.#memory = JSON.stringify(kept);
    try {
      localStorage.setItem(this.#key, this.#memory);
    } catch {
      // As above; a full storage too leaves the copy in memory.
    }
    return kept;
  }

  clear() {
    this.#memory = "";
    try {
      localStorage.removeItem(this.#key);
    } catch {
      // As above.
    }
  }
}
