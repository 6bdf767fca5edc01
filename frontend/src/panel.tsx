import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { Attach, Attached } from "./attached";
import type { Chat } from "./chat";
import { clock, day, dayName, digit } from "./format";
import { CloseIcon, DownIcon, LinkIcon, PersonIcon, SendIcon } from "./icons";
import { Link } from "./link";
import { focusLog, OnItsWay, Said } from "./message";
import type { Message } from "./types";

/** The payload that asks for a person; every conversation takes it at any time. */
const TALK_TO_PERSON = "talk_to_human";
const TOGETHER = 5 * 60_000; // ms within which one time under a group of messages is enough
const NEAR = 80; // px from the end that still count as reading the newest
const GAP = 8; // pixels above it

function status(chat: Chat): string {
  if (chat.owner === "queue") return chat.text("waiting");
  if (chat.owner === "bot") return chat.text("assistant");
  return chat.agent
    ? chat.text("with_agent", { name: chat.agent })
    : chat.text("with_team");
}

function Header({ chat, close }: { chat: Chat; close: () => void }) {
  const { config } = chat;
  const [linking, setLinking] = useState(false);
  const toggle = useRef<HTMLButtonElement>(null);
  const asked = chat.outbox.some(({ payload }) => payload === TALK_TO_PERSON);
  return (
    <div class="header">
      <div class="who">
        <h2>{config?.shop}</h2>
        <p role="status">{config && status(chat)}</p>
        {config && chat.waiting && <p class="wait">{chat.waiting}</p>}
      </div>
      {config && (
        <select
          aria-label={chat.text("language")}
          value={config.locale}
          onChange={(event) => chat.locale(event.currentTarget.value)}
        >
          {config.languages.map(({ tag, endonym }) => (
            <option key={tag} value={tag} lang={tag}>
              {endonym}
            </option>
          ))}
        </select>
      )}
      {config && (
        <button
          type="button"
          class="icon"
          ref={toggle}
          title={chat.text("link")}
          aria-label={chat.text("link")}
          aria-expanded={linking}
          onClick={() => setLinking(!linking)}
        >
          <LinkIcon />
        </button>
      )}
      <button type="button" class="icon" aria-label={chat.text("close")} onClick={close}>
        <CloseIcon />
      </button>
      {config && chat.owner === "bot" && (
        <button
          type="button"
          class="person"
          disabled={asked}
          onClick={({ currentTarget }) => {
            chat.say(chat.text("talk_to_person"), TALK_TO_PERSON);
            focusLog(currentTarget);
          }}
        >
          <PersonIcon />
          {chat.text("talk_to_person")}
        </button>
      )}
      {linking && (
        <Link
          chat={chat}
          done={() => {
            setLinking(false);
            toggle.current!.focus();
          }}
        />
      )}
    </div>
  );
}

function Greeting({ chat }: { chat: Chat }) {
  return (
    <div class="greeting">
      <div class="said bot">
        <span class="hidden">{chat.text("assistant")}: </span>
        <div class="bubble">
          <p>{chat.text("greeting")}</p>
          <p>{chat.text("any_language")}</p>
        </div>
        {chat.empty && chat.config!.quick.length > 0 && (
          <div class="choices" role="group" aria-label={chat.text("choices")}>
            {chat.config!.quick.map(({ title, payload, language }) => (
              <button
                type="button"
                key={payload}
                lang={language}
                dir="auto"
                onClick={({ currentTarget }) => {
                  chat.say(title, payload);
                  focusLog(currentTarget);
                }}
              >
                {title}
              </button>
            ))}
          </div>
        )}
      </div>
    </div>
  );
}

function label(chat: Chat, { author, name }: Message): string {
  if (author === "system") return "";
  if (author === "agent") return name ?? chat.text("team");
  return chat.text(author === "client" ? "you" : "assistant");
}

function Log({ chat }: { chat: Chat }) {
  const log = useRef<HTMLDivElement>(null);
  const near = useRef(true);
  const [away, setAway] = useState(false);
  const { config, messages, outbox } = chat;
  const end = () => {
    const box = log.current; // none any more when an observer comes late
    // At four times the size the whole panel scrolls instead.
    for (const each of [box, box?.parentElement]) if (each) each.scrollTop = each.scrollHeight;
  };
  // An answer taller than the window is read from its beginning.
  const show = () => {
    end();
    const first = log.current?.querySelector("[data-first]");
    if (!first) return;
    const hidden = log.current!.getBoundingClientRect().top - first.getBoundingClientRect().top;
    if (hidden > 0) log.current!.scrollTop -= hidden + GAP;
  };
  useLayoutEffect(() => {
    if (near.current) show();
    else setAway(true);
  }, [messages.length, chat.composing, config]);
  useLayoutEffect(end, [outbox.length, chat.loaded]);
  useEffect(() => {
    const box = new ResizeObserver(() => near.current && show());
    box.observe(log.current!);
    return () => box.disconnect();
  }, []);

  const asked = outbox.length ? Infinity : messages.findLast((m) => m.author === "client")?.seq ?? 0;
  // What was offered before somebody came, or went, is over; a newer offer of the same replaces it.
  const over = messages.findLast(
    ({ author, buttons }) => author === "agent" || (author === "system" && (chat.owner !== "queue" || buttons.length)),
  );
  const rating = messages.findLast(({ layout }) => layout === "rating")?.seq;
  return (
    <>
      <div
        class="log"
        role="log"
        aria-label={chat.text("history")}
        aria-live={chat.loaded ? "polite" : "off"}
        aria-relevant="additions"
        tabIndex={0}
        ref={log}
        onScroll={({ currentTarget: { scrollHeight, scrollTop, clientHeight } }) => {
          near.current = scrollHeight - scrollTop - clientHeight < NEAR;
          if (near.current) setAway(false);
        }}
      >
        {config && chat.loaded && <Greeting chat={chat} />}
        {config &&
          messages.map((message, index) => {
            const at = new Date(message.created_at);
            const before = messages[index - 1];
            const after = messages[index + 1];
            const newDay = !before || day(new Date(before.created_at)) !== day(at);
            const last =
              !after ||
              after.author !== message.author ||
              +new Date(after.created_at) - +at > TOGETHER;
            const first = message.seq > asked && (before?.seq ?? 0) <= asked;
            return (
              <div
                key={message.seq}
                class={last ? "entry last" : "entry"}
                data-first={first || undefined}
              >
                {newDay && <p class="day">{dayName(at, config, (key) => chat.text(key))}</p>}
                <Said
                  chat={chat}
                  message={message}
                  label={label(chat, message)}
                  live={
                    message.seq === rating ||
                    (message.seq > asked && message.seq >= (over?.seq ?? 0) && chat.owner !== "agent")
                  }
                >
                  {last && message.author !== "system" && (
                    <time class="meta" dateTime={message.created_at}>
                      {clock(at, config)}
                    </time>
                  )}
                </Said>
              </div>
            );
          })}
        {outbox.map((pending) => (
          <div key={pending.id} class="entry last">
            <OnItsWay chat={chat} pending={pending} />
          </div>
        ))}
      </div>
      {away && (
        <button type="button" class="newest" aria-label={chat.text("newest")} onClick={end}>
          <DownIcon />
        </button>
      )}
    </>
  );
}

function Writing({ chat }: { chat: Chat }) {
  const agent = chat.owner === "agent";
  const said = agent && chat.agent ? chat.text("writing_name", { name: chat.agent }) : chat.text("writing");
  return (
    <div class="writing" role={agent ? "status" : undefined}>
      {chat.composing && (
        <>
          <span class="dots" aria-hidden="true">
            <i />
            <i />
            <i />
          </span>
          <span class={agent ? "" : "hidden"}>{said}</span>
        </>
      )}
    </div>
  );
}

function Composer({ chat }: { chat: Chat }) {
  const field = useRef<HTMLTextAreaElement>(null);
  const [text, setText] = useState(chat.draft);
  const excess = chat.config ? [...text].length - chat.config.max_text : 0;
  useLayoutEffect(() => {
    const { style } = field.current!;
    style.height = "auto";
    style.height = `${field.current!.scrollHeight + 2}px`; // its two borders
    chat.draft = text;
  }, [text, chat.config]);
  const waits = chat.files.some(({ done }) => !done);
  const ready = (text.trim() || chat.files.length > 0) && !waits && excess <= 0;
  const send = () => {
    if (!ready) return;
    chat.say(text.trim());
    setText("");
    field.current!.focus();
  };
  return (
    <form
      class="composer"
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      <Attached chat={chat} />
      <Attach chat={chat} />
      <textarea
        ref={field}
        rows={1}
        dir={text ? "auto" : undefined}
        aria-label={chat.text("message")}
        placeholder={chat.text("placeholder")}
        aria-invalid={excess > 0}
        aria-describedby="excess"
        enterkeyhint="send"
        value={text}
        onPaste={(event) => {
          const { files } = event.clipboardData!;
          if (!files.length) return;
          event.preventDefault();
          chat.attach(files);
        }}
        onInput={(event) => {
          setText(event.currentTarget.value);
          chat.typing();
        }}
        onKeyDown={(event) => {
          // While an input method is composing, Enter is its own.
          if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
          event.preventDefault();
          send();
        }}
      />
      <button type="submit" class="icon send" aria-label={chat.text("send")} aria-disabled={!ready}>
        <SendIcon />
      </button>
      <p id="excess" class="excess" role="status">
        {excess > 0 && chat.text("too_long", { excess: digit(excess, chat.config!) })}
      </p>
    </form>
  );
}

export function Panel({ chat, close }: { chat: Chat; close: () => void }) {
  const panel = useRef<HTMLElement>(null);
  const [over, setOver] = useState(false);
  const carries = (event: DragEvent) =>
    !!chat.config?.max_file && !!event.dataTransfer?.types.includes("Files");
  useEffect(() => {
    // A touch screen's keyboard would cover what there is to read.
    const first = matchMedia("(pointer: coarse)").matches ? "section" : "textarea";
    const target = first === "section" ? panel.current : panel.current!.querySelector("textarea");
    target?.focus();
  }, []);
  return (
    <section
      class="panel"
      role="dialog"
      aria-label={chat.text("title") || chat.text("open")}
      tabIndex={-1}
      ref={panel}
      onDragOver={(event) => {
        if (!carries(event)) return;
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={(event) => {
        if (!panel.current!.contains(event.relatedTarget as Node | null)) setOver(false);
      }}
      onDrop={(event) => {
        if (!carries(event)) return;
        event.preventDefault();
        setOver(false);
        chat.attach(event.dataTransfer!.files);
      }}
      onKeyDown={(event) => {
        if (event.key !== "Escape" || event.isComposing) return;
        event.stopPropagation();
        close();
      }}
    >
      <Header chat={chat} close={close} />
      <p class="lost" role="status">
        {chat.lost && (chat.text("reconnecting") || "…")}
      </p>
      <Log chat={chat} />
      {over && (
        <p class="drop" aria-hidden="true">
          {chat.text("drop")}
        </p>
      )}
      <Writing chat={chat} />
      <Composer chat={chat} />
    </section>
  );
}
