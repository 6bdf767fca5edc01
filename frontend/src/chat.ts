// The chat without its looks: what was said, what is on its way, and how we hear of more.
import { MOST, objectUrl, type Upload, upload } from "./files";
import { Follower } from "./follow";
import { call, type Event, Refusal } from "./http";
import { fetchConfig, openConversation } from "./opening";
import { random, Storage } from "./storage";
import type { Config, History, Message, Owner, Pending, Settings, ShownFile, State } from "./types";
import { asMessage } from "./types";
import { jitter, SLOWEST, sleep } from "./waiting";

const COLLAPSED = 20_000; // ms between looks while the window is closed and somebody may write
const TYPING = 3_000; // ms between two typing notices

const emit = (name: string, detail?: unknown) =>
  window.dispatchEvent(new CustomEvent(`setu:${name}`, { detail }));

export class Chat {
  config: Config | null = null;
  open = false;
  messages: Message[] = [];
  owner: Owner = "bot";
  waiting = "";
  agent: string | null = null;
  composing = false;
  /** The history stands: what comes now is new. */
  loaded = false;
  lost = false;
  /** A sending failed for want of a connection. */
  stuck = false;
  unread = 0;
  draft = "";
  /** For the next message: on their way, or there. */
  files: Upload[] = [];
  /** Why a file was not taken. */
  fault = "";

  #shown = new Map<string, Promise<string>>();
  #next = 0;
  #api: string;
  #kept: Storage;
  #site?: string;
  #cursor = 0;
  #follower: Follower;
  #sending = false;
  #hurry: () => void = () => {};
  #poll = 0;
  #typed = 0;
  /** The agent's message up to which the server knows that it was seen. */
  #told = 0;
  /** A choice of language is on its way: the server's word is older. */
  #choosing = false;
  #identity: string | null = null;
  #changed: () => void;

  constructor(settings: Settings, changed: () => void) {
    this.#api = `${settings.server}/api`;
    this.#site = settings.locale;
    this.#kept = new Storage(settings.server);
    this.#changed = changed;
    this.#follower = new Follower(() => this.#events(), {
      opened: () => {
        this.lost = false;
        this.#hurry();
        this.#changed();
      },
      lost: () => {
        this.lost = true;
        this.#changed();
      },
      heard: (event) => this.#hear(event),
      refused: (token) => {
        if (this.#kept.read().token === token) this.#drop(token);
      },
    });
  }

  get outbox(): Pending[] {
    return this.#kept.read().outbox;
  }

  get empty() {
    return !this.messages.length && !this.outbox.length;
  }

  text(key: string, values: Record<string, string> = {}): string {
    const template = this.config?.strings[key] ?? { open: "Chat", close: "Close" }[key] ?? "";
    return template.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
  }

  async start() {
    addEventListener("storage", (event) => {
      if (event.key === this.#kept.key) this.#adopt();
    });
    addEventListener("online", () => this.#wake());
    document.addEventListener("visibilitychange", () => this.#wake());
    addEventListener("pagehide", () => this.#disconnect());
    addEventListener("pageshow", () => this.#wake());
    const kept = this.#kept.read();
    const chosen = kept.conversation || kept.site === this.#site ? kept.locale : undefined;
    await this.#speak(chosen ?? this.#site ?? navigator.language);
    emit("ready");
    this.#wake();
    this.#send();
  }

  show(open: boolean) {
    if (this.open === open) return;
    this.open = open;
    this.#see();
    this.#wake();
    this.#changed();
  }

  attach(chosen: Iterable<File>) {
    const most = this.config?.max_file ?? 0;
    this.fault = "";
    for (const file of chosen) {
      if (!most || this.files.length >= MOST) break;
      if (file.size > most) {
        this.fault = this.text("file_size", { size: String(Math.round(most / (1 << 20))) });
        continue;
      }
      const entry: Upload = { key: this.#next++, file, progress: 0 };
      this.files.push(entry);
      void this.#bring(entry);
    }
    this.#changed();
  }

  detach(entry: Upload) {
    entry.request?.abort();
    this.files = this.files.filter((other) => other !== entry);
    this.#changed();
  }

  async #bring(entry: Upload) {
    try {
      await this.#conversation();
      const { conversation, token } = this.#kept.read();
      const url = `${this.#api}/conversations/${conversation}/attachments`;
      entry.done = await upload(url, token ?? "", entry, this.#changed);
    } catch (error) {
      if (!this.files.includes(entry)) return;
      this.detach(entry);
      this.fault = `${entry.file.name}: ${(error instanceof Refusal && error.message) || this.text("not_sent")}`;
    }
    this.#changed();
  }

  /** Where a file of this chat can be seen on this page. */
  look(file: ShownFile): Promise<string> {
    const { conversation, token } = this.#kept.read();
    const url = `${this.#api}/conversations/${conversation}/attachments/${file.id}`;
    const known = this.#shown.get(file.id) ?? objectUrl(url, token ?? "");
    this.#shown.set(file.id, known);
    known.catch(() => this.#shown.delete(file.id));
    return known;
  }

  say(text: string, payload?: string) {
    // A lone surrogate, half of a character, cannot be written as UTF-8.
    const whole = text.replace(/\p{Surrogate}/gu, "\ufffd").replaceAll("\0", "");
    const pending: Pending = { id: random(), text: whole, at: new Date().toISOString() };
    if (payload) pending.payload = payload;
    else if (this.files.length) {
      pending.attachments = this.files.flatMap(({ done }) => done ?? []);
      this.files = [];
    }
    this.#kept.change((kept) => kept.outbox.push(pending));
    this.#typed = 0; // sending ended the notice: what is typed next is news again
    this.#changed();
    this.#send();
  }

  /** Send again what was refused. It gets a new id: under the old one the server knows it. */
  again(id: string) {
    this.#kept.change((kept) => {
      const found = kept.outbox.find((pending) => pending.id === id);
      if (found) found.id = random();
      delete found?.refused;
    });
    this.#changed();
    this.#send();
  }

  /** Ask for a code to write in another chat; one sent to an address, to be written here. */
  async link(address?: string) {
    await this.#conversation();
    const channel = address?.includes("@") ? "email" : "whatsapp";
    const body = address ? { channel, address } : {};
    return this.#ask<{ code: string | null; minutes: number }>("/link", { method: "POST", body });
  }

  typing() {
    const { conversation } = this.#kept.read();
    const now = Date.now();
    // Nobody looks while the assistant has the conversation.
    if (!conversation || this.owner === "bot" || now - this.#typed < TYPING) return;
    this.#typed = now;
    this.#ask("/typing", { method: "POST" }).catch(() => {});
  }

  async locale(tag: string) {
    await this.#speak(tag);
    const { conversation } = this.#kept.change((kept) => {
      kept.locale = this.config?.locale;
      kept.site = this.#site;
    });
    if (!conversation || !this.config) return;
    this.#choosing = true;
    try {
      await this.#ask("", { method: "PATCH", body: { locale: this.config.locale } });
    } finally {
      this.#choosing = false;
    }
  }

  async identify(token: string) {
    this.#identity = token;
    if (this.#kept.read().conversation) await this.#introduce();
  }

  /** Start anew: for a site whose client signs out. */
  forget() {
    this.#identity = null;
    this.#kept.clear();
    this.#reset();
  }

  #reset() {
    this.#disconnect();
    this.messages = [];
    this.#cursor = this.unread = this.#told = 0;
    this.owner = "bot";
    this.waiting = "";
    this.agent = null;
    this.composing = this.loaded = false;
    this.files.forEach((entry) => entry.request?.abort());
    this.files = [];
    for (const url of this.#shown.values()) url.then(URL.revokeObjectURL, () => {});
    this.#shown.clear();
    this.#wake();
    this.#changed();
  }

  /** The conversation's own request; a token that another tab replaced is replaced here too. */
  async #ask<Answer>(path: string, options: { method?: string; body?: unknown } = {}) {
    const { conversation, token } = this.#kept.read();
    const url = `${this.#api}/conversations/${conversation}${path}`;
    try {
      return await call<Answer>(url, { ...options, token });
    } catch (error) {
      if (!(error instanceof Refusal) || error.status !== 401) throw error;
      const kept = this.#kept.read();
      if (kept.token === token || kept.conversation !== conversation) {
        this.#drop(token);
        throw error;
      }
      return call<Answer>(url, { ...options, token: kept.token });
    }
  }

  /** The conversation is gone or not ours any more; what is on its way goes into a new one. */
  #drop(token: string | undefined) {
    this.#kept.change((kept) => {
      if (kept.token !== token) return;
      delete kept.conversation;
      delete kept.token;
      delete kept.request;
      kept.seen = 0;
    });
    this.#reset();
  }

  /** Another tab changed what is kept. */
  #adopt() {
    const { conversation } = this.#kept.read();
    if (!conversation && this.messages.length) this.#reset();
    this.#wake();
    this.#changed();
  }

  async #speak(tag: string) {
    const first = !this.config; // later, another language than wished is better than waiting
    const config = await fetchConfig(this.#api, tag, () => {
      this.lost ||= first;
      this.#changed();
      return first;
    });
    if (first) this.lost = false;
    this.config = config ?? this.config;
    this.#changed();
  }

  async #conversation(): Promise<void> {
    if (!(await openConversation(this.#api, this.#kept, this.config?.locale))) return;
    if (this.#identity) await this.#introduce();
    this.#wake();
  }

  async #introduce() {
    try {
      await this.#ask("/identify", { method: "POST", body: { token: this.#identity } });
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      // Somebody else was here before: their chat is not for this client's eyes.
      if (error.status === 409) this.#drop(this.#kept.read().token);
      else console.warn(`setu: ${error.message}`);
    }
  }

  /** Send what waits, oldest first, until all is answered for. */
  async #send() {
    if (!this.config) return; // whoever is quicker than our first answer is sent for afterwards
    if (this.#sending) return this.#hurry();
    this.#sending = true;
    let wait = 1000;
    for (;;) {
      const next = this.outbox.find((pending) => !pending.refused);
      if (!next) break;
      try {
        await this.#conversation();
        const { id, text, payload, attachments } = next;
        const answer = await this.#ask<{ seq: number }>("/messages", {
          method: "POST",
          body: payload
            ? { id, payload }
            : attachments?.length
              ? { id, text, attachments: attachments.map((file) => file.id) }
              : { id, text },
        });
        this.#sent(next, answer.seq);
        this.stuck = false;
        wait = 1000;
      } catch (error) {
        const refusal = error instanceof Refusal ? error : null;
        if (refusal && !refusal.passing && refusal.status !== 401 && refusal.code !== "conversation_used") {
          this.#kept.change((kept) => {
            const found = kept.outbox.find((pending) => pending.id === next.id);
            if (found) found.refused = refusal.message || this.text("not_sent");
          });
        } else {
          this.stuck = !refusal;
          this.#changed();
          await Promise.race([
            sleep(Math.max(jitter(wait), (refusal?.retryAfter ?? 0) * 1000)),
            new Promise<void>((now) => {
              this.#hurry = refusal?.retryAfter ? () => {} : now;
            }),
          ]);
          wait = Math.min(wait * 2, SLOWEST);
        }
      }
      this.#changed();
    }
    this.#sending = false;
  }

  #sent(pending: Pending, seq: number) {
    const heard = this.messages.find((message) => message.seq === seq);
    this.#take([heard ?? asMessage(pending, seq)]);
    if (!this.#follower.running) this.#wake();
  }

  /** Put messages where they belong; one that is there already is replaced. */
  #take(messages: Message[]) {
    if (!messages.length) return;
    const { seen } = this.#kept.read();
    const known = new Map(this.messages.map((message) => [message.seq, message]));
    const ours = new Set<string>();
    for (const message of messages) {
      const fresh = !known.has(message.seq) && message.seq > seen;
      known.set(message.seq, message);
      if (message.author === "client") ours.add(message.id);
      if (fresh) {
        const { seq, author, text, language } = message;
        emit("message", { seq, author, text, language });
      }
    }
    this.messages = [...known.values()].sort((a, b) => a.seq - b.seq);
    if (ours.size) {
      this.#kept.change((kept) => {
        kept.outbox = kept.outbox.filter((pending) => !ours.has(pending.id));
      });
    }
    this.#see();
    this.#changed();
  }

  #see() {
    const newest = this.messages.at(-1)?.seq ?? 0;
    if (this.open && !document.hidden) {
      if (newest > this.#kept.read().seen) {
        this.#kept.change((kept) => (kept.seen = Math.max(kept.seen, newest)));
      }
      this.unread = 0;
      this.#tellSeen();
    } else {
      const { seen } = this.#kept.read();
      this.unread = this.messages.filter(
        ({ seq, author }) => seq > seen && author !== "client",
      ).length;
    }
  }

  /** People want to know whether their answer was seen; the assistant does not. */
  #tellSeen() {
    const theirs = this.messages.findLast(({ author }) => author === "agent")?.seq ?? 0;
    if (theirs <= this.#told || !this.#kept.read().token) return;
    const before = this.#told;
    this.#told = theirs;
    this.#ask("/read", { method: "POST", body: { seq: theirs } }).catch(() => {
      if (this.#told === theirs) this.#told = before;
    });
  }

  #state(state: State) {
    this.owner = state.owner;
    this.waiting = state.waiting ?? "";
    this.agent = state.agent;
    this.composing = state.composing;
    const spoken = this.config?.languages.some(({ tag }) => tag === state.locale);
    if (this.messages.length && spoken && !this.#choosing && state.locale !== this.config?.locale) {
      this.#kept.change((kept) => (kept.locale = state.locale));
      this.#speak(state.locale);
    }
    this.#changed();
  }

  /** Something changed that decides how we listen: window, tab, connection, conversation. */
  #wake() {
    this.#hurry();
    clearTimeout(this.#poll);
    const { conversation } = this.#kept.read();
    if (!conversation || document.hidden) {
      if (!conversation) this.loaded = true;
      return this.#disconnect();
    }
    if (this.open) {
      this.#see();
      if (!this.#follower.running) void this.#follower.start();
      return;
    }
    this.#disconnect();
    this.#look();
  }

  /** While the window is closed: is there something to read? */
  async #look() {
    clearTimeout(this.#poll);
    try {
      for (;;) {
        const history = await this.#ask<History>(`/messages?after=${this.#cursor}`);
        this.#cursor = history.messages.at(-1)?.seq ?? this.#cursor;
        this.#take(history.messages);
        this.#state(history);
        if (!history.more) break;
      }
    } catch {
      // The next look, or opening the window, tries again.
    }
    const waiting = this.owner !== "bot" || this.composing;
    if (!this.open && !document.hidden && waiting) {
      clearTimeout(this.#poll);
      this.#poll = setTimeout(() => this.#look(), jitter(COLLAPSED));
    }
  }

  #events() {
    const { conversation, token } = this.#kept.read();
    if (!conversation || !token) return null;
    return {
      url: `${this.#api}/conversations/${conversation}/events?after=${this.#cursor}`,
      token,
    };
  }

  #hear({ kind, data, id }: Event) {
    if (kind === "message") {
      this.#cursor = Number(id);
      this.#take([JSON.parse(data) as Message]);
    } else if (kind === "state") {
      this.loaded = true; // the state comes after the last message there is
      this.#state(JSON.parse(data) as State);
    }
  }

  #disconnect() {
    this.lost = false;
    this.#follower.stop();
  }
}

