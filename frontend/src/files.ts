// Files for the next message, each on its own way to the server, and the files of messages.
import { checked, Refusal } from "./http";
import type { ShownFile } from "./types";

export const MOST = 5; // files in a message
export const KINDS = "image/png,image/jpeg,image/webp,image/gif,application/pdf,.pdf";

export interface Upload {
  key: number;
  file: File;
  /** A part of one. */
  progress: number;
  done?: ShownFile;
  request?: XMLHttpRequest;
}

/** Send a file's bytes; fetch cannot tell how far they are. */
export function upload(
  url: string,
  token: string,
  entry: Upload,
  moved: () => void,
): Promise<ShownFile> {
  return new Promise((resolve, reject) => {
    const request = (entry.request = new XMLHttpRequest());
    request.open("POST", `${url}?name=${encodeURIComponent(entry.file.name)}`);
    request.setRequestHeader("Authorization", `Bearer ${token}`);
    request.setRequestHeader("Content-Type", "application/octet-stream");
    request.responseType = "json";
    request.upload.onprogress = ({ loaded, total }) => {
      entry.progress = total ? loaded / total : 0;
      moved();
    };
    request.onerror = () => reject(new TypeError("unreachable"));
    request.onload = () => {
      if (request.status === 201) return resolve(request.response);
      const { code = "", message = "" } = request.response?.error ?? {};
      reject(new Refusal(request.status, code, message, 0));
    };
    request.send(entry.file);
  });
}

/** A file's bytes behind an address that works on this page alone: the token is in no address. */
export async function objectUrl(url: string, token: string): Promise<string> {
  const answer = await checked(
    await fetch(url, { headers: { Authorization: `Bearer ${token}` }, credentials: "omit" }),
  );
  return URL.createObjectURL(await answer.blob());
}

/** Shown sizes: kB and MB are understood in every language. */
export const sized = (bytes: number, number: (value: number) => string) =>
  bytes < 1 << 20
    ? `${number(Math.max(1, Math.round(bytes / 1024)))} kB`
    : `${number(Math.round(bytes / 104858) / 10)} MB`;
