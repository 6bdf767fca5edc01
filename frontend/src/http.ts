// The client API over fetch: JSON in and out, refusals as errors, events as a stream.

const PATIENCE = 15_000; // ms an ordinary request may take
const SILENCE = 40_000; // ms a stream may be silent: more than two of its heartbeats

/** The server answered, and said no. `message` is in the reader's language. */
export class Refusal extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    /** Seconds to wait, where the server named them. */
    readonly retryAfter: number,
  ) {
    super(message);
  }

  /** Whether the same request may be taken later. */
  get passing() {
    return this.status >= 500 || this.status === 429 || this.status === 408;
  }
}

export interface Event {
  kind: string;
  data: string;
  id: string;
}

export async function checked(response: Response): Promise<Response> {
  if (response.ok) return response;
  const error = await response.json().then(
    (body) => body.error,
    () => null,
  );
  throw new Refusal(
    response.status,
    error?.code ?? "",
    error?.message ?? "",
    Number(response.headers.get("Retry-After")) || 0,
  );
}

export async function call<Answer>(
  url: string,
  { method = "GET", body, token }: { method?: string; body?: unknown; token?: string } = {},
): Promise<Answer> {
  const headers: Record<string, string> = {};
  if (body !== undefined) headers["Content-Type"] = "application/json";
  if (token) headers.Authorization = `Bearer ${token}`;
  const patience = new AbortController();
  const timer = setTimeout(() => patience.abort(), PATIENCE);
  try {
    const response = await checked(
      await fetch(url, {
        method,
        headers,
        body: body === undefined ? undefined : JSON.stringify(body),
        credentials: "omit",
        signal: patience.signal,
      }),
    );
    return (response.status === 204 ? undefined : await response.json()) as Answer;
  } finally {
    clearTimeout(timer);
  }
}

/** Reads server-sent events until the stream ends; rejects when it breaks or falls silent. */
export async function listen(
  url: string,
  token: string,
  abort: AbortController,
  opened: () => void,
  heard: (event: Event) => void,
): Promise<void> {
  let timer = setTimeout(() => abort.abort(), SILENCE);
  try {
    const response = await checked(
      await fetch(url, {
        headers: { Authorization: `Bearer ${token}`, Accept: "text/event-stream" },
        credentials: "omit",
        cache: "no-store",
        signal: abort.signal,
      }),
    );
    opened();
    const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
    let rest = "";
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      clearTimeout(timer);
      timer = setTimeout(() => abort.abort(), SILENCE);
      const blocks = (rest + value).split("\n\n");
      rest = blocks.pop()!;
      for (const block of blocks) {
        const event: Event = { kind: "message", data: "", id: "" };
        for (const line of block.split("\n")) {
          const [, field, text] = /^(\w+): (.*)$/.exec(line) ?? [];
          if (field === "event") event.kind = text!;
          else if (field === "data") event.data += text;
          else if (field === "id") event.id = text!;
        }
        if (event.data) heard(event);
      }
    }
  } finally {
    clearTimeout(timer);
  }
}
