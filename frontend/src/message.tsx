import type { ComponentChildren } from "preact";
import type { Chat } from "./chat";
import { Files } from "./attached";
import { digit } from "./format";
import { BookIcon } from "./icons";
import type { Message, Pending } from "./types";

const policy = (
  globalThis as {
    trustedTypes?: { createPolicy(name: string, rules: object): { createHTML(html: string): string } };
  }
).trustedTypes?.createPolicy("setu", { createHTML: (html: string) => html });

/** Addresses in plain text become links; everything else stays text. */
function linked(text: string): ComponentChildren {
  return text.split(/(https?:\/\/[^\s<>"]*[^\s<>"'.,;:!?)\]}।])/).map((part, index) =>
    index % 2 ? (
      <a href={part} target="_blank" rel="noopener noreferrer nofollow">
        {part}
      </a>
    ) : (
      part
    ),
  );
}

/** A used button goes away or goes dead: the focus must not go with it. */
export const focusLog = (used: HTMLElement) =>
  used.closest(".panel")!.querySelector<HTMLElement>(".log")!.focus({ preventScroll: true });

function Buttons({ chat, message, live }: { chat: Chat; message: Message; live: boolean }) {
  const { config, messages } = chat;
  if (!config || !message.buttons.length) return null;
  const rating = message.layout === "rating";
  const chosen = messages.findLast(
    ({ button, seq }) => seq > message.seq && message.buttons.some(({ payload }) => payload === button),
  )?.button;
  return (
    <div
      class={rating ? "rating" : "choices"}
      role="group"
      aria-label={chat.text(rating ? "rating" : "choices")}
    >
      {message.buttons.map(({ title, payload }, index) => {
        const n = digit(index + 1, config);
        return (
          <button
            type="button"
            key={payload}
            dir="auto"
            lang={message.language ?? undefined}
            disabled={!live}
            aria-pressed={rating || !live ? payload === chosen : undefined}
            aria-label={rating && !title.includes(n) ? `${n}. ${title}` : undefined}
            title={rating ? title : undefined}
            onClick={({ currentTarget }) => {
              chat.say(title, payload);
              if (!rating) focusLog(currentTarget);
            }}
          >
            {rating ? n : title}
          </button>
        );
      })}
      {rating && (
        <p aria-hidden="true" lang={message.language ?? undefined}>
          <span>{message.buttons[0]!.title}</span>
          <span>{message.buttons.at(-1)!.title}</span>
        </p>
      )}
    </div>
  );
}

export function Said({
  chat,
  message,
  label,
  live,
  children,
}: {
  chat: Chat;
  message: Message;
  /** Who says it; shown for people, only heard for the others. */
  label: string;
  live: boolean;
  children?: ComponentChildren;
}) {
  const { author, html, text, language, article, original } = message;
  return (
    <div class={`said ${author}`}>
      {label && (
        <span class={author === "agent" ? "name" : "hidden"} dir="auto">
          {label}
          <span class="hidden">: </span>
        </span>
      )}
      {!!message.attachments?.length && <Files chat={chat} files={message.attachments} />}
      {(text || !message.attachments?.length) && (
      <div class={article ? "bubble article" : "bubble"}>
        {article && (
          <p class="source">
            <BookIcon />
            {chat.text("article")}
          </p>
        )}
        {html ? (
          <div
            class="rich"
            dir="auto"
            lang={language ?? undefined}
            dangerouslySetInnerHTML={{ __html: policy ? policy.createHTML(html) : html }}
          />
        ) : (
          <div class="plain" dir="auto" lang={language ?? undefined}>
            {linked(text)}
          </div>
        )}
      </div>
      )}
      {original && (
        <details class="meta">
          <summary>{chat.text("translated")}</summary>
          <p dir="auto" lang={original.language}>
            {original.text}
          </p>
        </details>
      )}
      {message.untranslated && <p class="meta">{chat.text("not_translated")}</p>}
      <Buttons chat={chat} message={message} live={live} />
      {children}
    </div>
  );
}

export function OnItsWay({ chat, pending }: { chat: Chat; pending: Pending }) {
  return (
    <div class="said client pending">
      <span class="hidden">{chat.text("you")}: </span>
      {!!pending.attachments?.length && <Files chat={chat} files={pending.attachments} />}
      {pending.text && (
        <div class="bubble">
          <div class="plain" dir="auto">
            {pending.text}
          </div>
        </div>
      )}
      {pending.refused ? (
        <p class="meta refused">
          <span>{pending.refused}</span>{" "}
          <button type="button" class="link" onClick={() => chat.again(pending.id)}>
            {chat.text("try_again")}
          </button>
        </p>
      ) : (
        <p class="meta">{chat.text(chat.stuck ? "waiting_connection" : "sending")}</p>
      )}
    </div>
  );
}
