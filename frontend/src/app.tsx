import { useEffect, useRef } from "preact/hooks";
import type { Chat } from "./chat";
import { ChatIcon } from "./icons";
import { Panel } from "./panel";

export function App({ chat }: { chat: Chat }) {
  const launcher = useRef<HTMLButtonElement>(null);
  const back = useRef(false);
  useEffect(() => {
    if (!chat.open && back.current) launcher.current?.focus();
    back.current = false;
  }, [chat.open]);
  return (
    <div class={chat.open ? "setu open" : "setu"} lang={chat.config?.locale} dir={chat.config?.direction}>
      {chat.open ? (
        <Panel
          chat={chat}
          close={() => {
            back.current = true;
            chat.show(false);
          }}
        />
      ) : (
        <button
          type="button"
          class="launcher"
          ref={launcher}
          aria-label={chat.text(chat.unread ? "open_unread" : "open")}
          aria-haspopup="dialog"
          onClick={() => chat.show(true)}
        >
          <ChatIcon />
          {chat.unread > 0 && <span class="unread" aria-hidden="true" />}
        </button>
      )}
    </div>
  );
}
