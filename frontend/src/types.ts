// What travels between the widget and the client API, and what the widget keeps of it.

export type Owner = "bot" | "queue" | "agent";

export interface Choice {
  title: string;
  payload: string;
}

export interface ShownFile {
  id: string;
  name: string;
  kind: string;
  size: number;
  width: number | null;
  height: number | null;
}

export interface Message {
  seq: number;
  id: string;
  author: "client" | "bot" | "agent" | "system";
  text: string;
  html: string | null;
  language: string | null;
  buttons: Choice[];
  button: string | null;
  layout: string | null;
  article: string | null;
  name: string | null;
  /** What the agent wrote, where a machine translated it. */
  original?: { text: string; language: string } | null;
  untranslated?: boolean;
  attachments?: ShownFile[];
  created_at: string;
}

export interface State {
  owner: Owner;
  agent: string | null;
  composing: boolean;
  locale: string;
  /** Place and wait in a few words, while somebody is waited for. */
  waiting?: string | null;
}

export interface History extends State {
  messages: Message[];
  more: boolean;
}

export interface Config {
  locale: string;
  /** The language with its country: what dates and numbers are written by. */
  formats: string;
  direction: "ltr" | "rtl";
  digits: string;
  day_parts: Record<string, string>;
  shop: string;
  strings: Record<string, string>;
  quick: (Choice & { language: string })[];
  languages: { tag: string; endonym: string }[];
  max_text: number;
  /** The channels a code can be sent over. */
  link: string[];
  /** Bytes; 0 where no files are taken. */
  max_file: number;
}

/** A message on its way: it keeps its id until the server has answered for it. */
export interface Pending {
  id: string;
  text: string;
  payload?: string;
  attachments?: ShownFile[];
  at: string;
  /** Why the server will not take it; the client may try again. */
  refused?: string;
}

/** A message that the server has just taken, until the log's own copy comes. */
export const asMessage = ({ id, text, payload, attachments, at }: Pending, seq: number): Message => ({
  seq,
  id,
  author: "client",
  text,
  html: null,
  language: null,
  buttons: [],
  button: payload ?? null,
  layout: null,
  article: null,
  name: null,
  attachments,
  created_at: at,
});

export interface Settings {
  server: string;
  locale?: string;
}
