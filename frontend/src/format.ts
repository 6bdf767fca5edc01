// Times and days as the interface's locale writes them, digits included.
import type { Config } from "./types";

const tag = (config: Config) => `${config.formats}-u-nu-${config.digits}`;

const formatter = (config: Config, options: Intl.DateTimeFormatOptions) => {
  try {
    return new Intl.DateTimeFormat(tag(config), options);
  } catch {
    return new Intl.DateTimeFormat(undefined, options);
  }
};

/** Some languages say the part of the day where others write am and pm. */
export function clock(at: Date, config: Config): string {
  const begins = Object.keys(config.day_parts)
    .map(Number)
    .filter((hour) => hour <= at.getHours());
  if (!begins.length) return formatter(config, { hour: "numeric", minute: "2-digit" }).format(at);
  const twelve: Intl.DateTimeFormatOptions = { hour: "numeric", minute: "2-digit", hour12: true };
  const said = formatter(config, twelve)
    .formatToParts(at)
    .filter(({ type }) => type === "hour" || type === "minute")
    .map(({ value }) => value)
    .join(":");
  return `${config.day_parts[Math.max(...begins)]} ${said}`;
}

export const day = (at: Date) => `${at.getFullYear()}-${at.getMonth()}-${at.getDate()}`;

export function dayName(
  at: Date,
  config: Config,
  text: (key: string) => string,
  now = new Date(),
): string {
  if (day(at) === day(now)) return text("today");
  const yesterday = new Date(now.getFullYear(), now.getMonth(), now.getDate() - 1);
  if (day(at) === day(yesterday)) return text("yesterday");
  return formatter(config, {
    weekday: "long",
    day: "numeric",
    month: "long",
    ...(at.getFullYear() !== now.getFullYear() && { year: "numeric" }),
  }).format(at);
}

export const digit = (n: number, config: Config) =>
  new Intl.NumberFormat(tag(config), { useGrouping: false }).format(n);
