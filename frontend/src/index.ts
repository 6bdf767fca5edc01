// The entry: one script tag makes one <setu-chat>, and window.setu steers it.
import { h, render } from "preact";
import { App } from "./app";
import { Chat } from "./chat";
import css from "./widget.css";
import type { Settings } from "./types";

type Command = "open" | "close" | "locale" | "identify" | "forget";
type Setu = ((command: Command, value?: unknown) => void) & { q?: IArguments[]; ready?: true };

declare global {
  interface Window {
    setu?: Setu;
    setuSettings?: Partial<Settings>;
  }
}

const script = document.currentScript as HTMLScriptElement | null;

class SetuChat extends HTMLElement {
  chat?: Chat;

  connectedCallback() {
    if (this.chat) return;
    const root = this.attachShadow({ mode: "open" });
    // Adopted sheets are no inline styles: a page's content security policy lets them be.
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(css);
    root.adoptedStyleSheets = [sheet];
    let due = false;
    const chat = new Chat(settings(), () => {
      if (due) return;
      due = true;
      queueMicrotask(() => {
        due = false;
        draw();
      });
    });
    const draw = () => render(h(App, { chat }), root);
    this.chat = chat;
    draw();
    void chat.start();
  }
}

function settings(): Settings {
  const { server, locale } = { ...script?.dataset, ...window.setuSettings };
  return {
    server: (server ?? new URL(script?.src ?? location.href).origin).replace(/\/$/, ""),
    locale: locale || undefined,
  };
}

function begin() {
  if (customElements.get("setu-chat")) return;
  customElements.define("setu-chat", SetuChat);
  let element = document.querySelector<SetuChat>("setu-chat");
  if (!element) {
    element = document.createElement("setu-chat") as SetuChat;
    document.body.append(element);
  }
  const chat = element.chat!;
  const setu: Setu = (command, value) => {
    if (command === "open" || command === "close") chat.show(command === "open");
    else if (command === "locale") void chat.locale(String(value));
    else if (command === "identify") void chat.identify((value as { token: string }).token);
    else if (command === "forget") chat.forget();
    else console.warn(`setu: there is no command "${command}"`);
  };
  setu.ready = true;
  const early = window.setu?.q ?? [];
  window.setu = setu;
  for (const [command, value] of early) setu(command as Command, value);
}

if (document.body) begin();
else addEventListener("DOMContentLoaded", begin);
