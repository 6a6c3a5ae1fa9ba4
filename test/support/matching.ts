/** `expect.stringContaining`, typed so that it can stand where a text is expected. */
export function containing(text: string): string {
  return expect.stringContaining(text) as string;
}

/** `expect.stringMatching`, typed so that it can stand where a text is expected. */
export function matching(pattern: RegExp): string {
  return expect.stringMatching(pattern) as string;
}
