import { useEffect, useRef, useState } from "preact/hooks";
import type { Chat } from "./chat";
import { KINDS, sized } from "./files";
import { digit } from "./format";
import { ClipIcon, CrossIcon, PageIcon } from "./icons";
import type { ShownFile } from "./types";

function save(url: string, { name }: ShownFile) {
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
}

function Picture({ chat, file }: { chat: Chat; file: ShownFile }) {
  const [url, setUrl] = useState<string | null>();
  useEffect(() => {
    chat.look(file).then(setUrl, () => setUrl(null));
  }, [file.id]);
  // A page that allows no pictures of this kind, or a lost connection: the name is still there.
  if (url === null) return <span class="file">{chat.text("file_missing", { file: file.name })}</span>;
  return (
    <button
      type="button"
      class="picture"
      aria-label={chat.text("open_file", { file: file.name })}
      onClick={() => url && window.open(url, "_blank", "noopener")}
    >
      <img
        src={url}
        alt={file.name}
        width={file.width ?? undefined}
        height={file.height ?? undefined}
        onError={() => setUrl(null)}
      />
    </button>
  );
}

/** The files of a message. */
export function Files({ chat, files }: { chat: Chat; files: ShownFile[] }) {
  const [lost, setLost] = useState("");
  return (
    <div class="files">
      {files.map((file) =>
        file.width ? (
          <Picture key={file.id} chat={chat} file={file} />
        ) : (
          <button
            type="button"
            class="file"
            key={file.id}
            onClick={() =>
              chat.look(file).then(
                (url) => save(url, file),
                () => setLost(file.id),
              )
            }
          >
            <PageIcon />
            <span dir="auto">{lost === file.id ? chat.text("file_missing", { file: file.name }) : file.name}</span>
            {chat.config && <small>{sized(file.size, (value) => digit(value, chat.config!))}</small>}
          </button>
        ),
      )}
    </div>
  );
}

/** What is attached to the message that is being written, and the button that attaches. */
export function Attach({ chat }: { chat: Chat }) {
  const picker = useRef<HTMLInputElement>(null);
  if (!chat.config?.max_file) return null;
  return (
    <>
      <button
        type="button"
        class="icon attach"
        aria-label={chat.text("attach")}
        title={chat.text("attach")}
        onClick={() => picker.current!.click()}
      >
        <ClipIcon />
      </button>
      <input
        type="file"
        class="hidden"
        tabIndex={-1}
        aria-hidden="true"
        multiple
        accept={KINDS}
        ref={picker}
        onChange={({ currentTarget }) => {
          chat.attach(currentTarget.files ?? []);
          currentTarget.value = "";
        }}
      />
    </>
  );
}

export function Attached({ chat }: { chat: Chat }) {
  return (
    <>
      {chat.files.length > 0 && (
        <ul class="attached">
          {chat.files.map((entry) => {
            const file = entry.file.name;
            return (
              <li key={entry.key}>
                <span dir="auto">{file}</span>
                {!entry.done && (
                  <progress aria-label={chat.text("uploading", { file })} max={1} value={entry.progress} />
                )}
                <button
                  type="button"
                  class="icon"
                  aria-label={chat.text("remove_file", { file })}
                  onClick={({ currentTarget }) => {
                    currentTarget.closest(".panel")!.querySelector("textarea")!.focus();
                    chat.detach(entry);
                  }}
                >
                  <CrossIcon />
                </button>
              </li>
            );
          })}
        </ul>
      )}
      <p class="hidden" role="status">
        {chat.files.map(({ done }) => done && chat.text("attached", { file: done.name }))}
      </p>
      <p class="excess" role="alert">
        {chat.fault}
      </p>
    </>
  );
}
