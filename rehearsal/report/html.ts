/** Markup that is safe to put on the page as it stands. */
export class Html {
  constructor(readonly markup: string) {}

  toString(): string {
    return this.markup;
  }
}

/** What may stand in a hole of a template; nothing at all is written for `undefined` and `false`. */
export type Fragment = Html | string | number | undefined | false | readonly Fragment[];

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};
/** Neither HTML nor SVG can hold these, while a log line may. */
const CONTROL_CHARACTERS = /[^\P{Cc}\t\n]/gu;

/** Text as it must be written in an element or in a quoted attribute. */
export function escapeText(text: string): string {
  return text.replace(CONTROL_CHARACTERS, '\ufffd').replace(/[&<>"']/g, character => ENTITIES[character] ?? character);
}

/** A template whose holes are escaped, save those that hold markup already. */
export function html(strings: TemplateStringsArray, ...holes: Fragment[]): Html {
  return new Html(String.raw({ raw: strings }, ...holes.map(write)));
}

function write(fragment: Fragment): string {
  if (fragment === undefined || fragment === false) {
    return '';
  }
  if (fragment instanceof Html) {
    return fragment.markup;
  }
  if (typeof fragment === 'string' || typeof fragment === 'number') {
    return escapeText(String(fragment));
  }
  return fragment.map(write).join('');
}
