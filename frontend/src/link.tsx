import { useEffect, useRef, useState } from "preact/hooks";
import type { Chat } from "./chat";
import { digit } from "./format";
import { Refusal } from "./http";
import { SendIcon } from "./icons";

const CODE = /^\s*link-\w{8}\s*$/i;

/** "Both chats are mine": a code to write in the other one, or the other one's written here. */
export function Link({ chat, done }: { chat: Chat; done: () => void }) {
  const field = useRef<HTMLInputElement>(null);
  const [said, setSaid] = useState("");
  const { link } = chat.config!;
  useEffect(() => field.current!.focus(), []);
  const ask = async (address?: string) => {
    try {
      const { code, minutes } = await chat.link(address);
      const values = { code: code ?? "", minutes: digit(minutes, chat.config!) };
      setSaid(chat.text(code ? "link_shown" : "link_sent", values));
      if (address) field.current!.value = "";
    } catch (error) {
      setSaid((error instanceof Refusal && error.message) || chat.text("not_sent"));
    }
  };
  return (
    <form
      class="linking"
      onSubmit={(event) => {
        event.preventDefault();
        const text = field.current!.value.trim();
        if (CODE.test(text)) {
          chat.say(text);
          done();
        } else if (text) void ask(text);
      }}
      onKeyDown={(event) => {
        if (event.key !== "Escape" || event.isComposing) return;
        event.stopPropagation();
        done();
      }}
    >
      <p>{chat.text("link_about")}</p>
      <button type="button" onClick={() => ask()}>
        {chat.text("link_get")}
      </button>
      <label>
        {[
          chat.text("link_enter"),
          link.includes("email") && chat.text("link_email"),
          link.includes("whatsapp") && "WhatsApp (+…)",
        ]
          .filter(Boolean)
          .join(" / ")}
        <input ref={field} dir="ltr" autocomplete="off" maxLength={254} />
      </label>
      <button type="submit" class="icon send" aria-label={chat.text("send")}>
        <SendIcon />
      </button>
      <p role="status">{said}</p>
    </form>
  );
}
