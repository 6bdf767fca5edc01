// The two requests that come before a chat: the interface's language, and a conversation.
import { call, Refusal } from "./http";
import { random, type Storage } from "./storage";
import type { Config } from "./types";
import { jitter, SLOWEST, sleep } from "./waiting";

const timeZone = () => Intl.DateTimeFormat().resolvedOptions().timeZone ?? "";

/** The interface in a language. `failed` hears of each failure and says whether to go on. */
export async function fetchConfig(
  api: string,
  tag: string,
  failed: () => boolean,
): Promise<Config | null> {
  const query = new URLSearchParams({ locale: tag.slice(0, 35), time_zone: timeZone() });
  for (let wait = 1000; ; wait = Math.min(wait * 2, SLOWEST)) {
    try {
      return await call<Config>(`${api}/widget/config?${query}`);
    } catch (error) {
      if ((error instanceof Refusal && !error.passing) || !failed()) return null;
      await sleep(jitter(wait));
    }
  }
}

/**
 * Asks for a conversation, once, whatever happens to the answer and however many tabs ask.
 * Gives whether one was opened now; one that is there already is kept.
 */
export async function openConversation(
  api: string,
  storage: Storage,
  locale: string | undefined,
): Promise<boolean> {
  const create = async () => {
    const { conversation, visitor, request } = storage.change((kept) => {
      kept.request ??= random();
    });
    if (conversation) return false;
    const page = location.origin + location.pathname; // a query may hold what is private
    const body = {
      request_id: request,
      visitor,
      locale,
      time_zone: timeZone(),
      ...(/^https?:/.test(page) && { page: page.slice(0, 500) }),
    };
    try {
      const opened = await call<{ conversation: string; token: string }>(`${api}/conversations`, {
        method: "POST",
        body,
      });
      storage.change((kept) => Object.assign(kept, opened));
    } catch (error) {
      // The conversation of this request is in use, and its token is lost: ask for another.
      if (error instanceof Refusal && error.status === 409) {
        storage.change((kept) => delete kept.request);
      }
      throw error;
    }
    return true;
  };
  // Two tabs must not both ask: the later answer would make the earlier token useless.
  return navigator.locks ? navigator.locks.request(storage.key, create) : create();
}
