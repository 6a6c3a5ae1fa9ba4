import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(__dirname, '..', '..');

/** Every page that people read, from the repository's root. */
export const PAGES: readonly string[] = [
  'README.md',
  'CONTRIBUTING.md',
  ...pagesIn('docs'),
  ...readdirSync(join(ROOT, 'examples')).flatMap(example => pagesIn(`examples/${example}`)),
];

/** What stands between fences on a page. */
export interface Snippet {
  readonly page: string;
  /** Line of the page on which it begins. */
  readonly line: number;
  /** What the fence says it is, such as `yaml`. */
  readonly language: string;
  readonly text: string;
}

function pagesIn(folder: string): string[] {
  return readdirSync(join(ROOT, folder))
    .filter(file => file.endsWith('.md'))
    .map(file => `${folder}/${file}`);
}

export function readPage(page: string): string {
  return readFileSync(join(ROOT, page), 'utf8');
}

/** The snippets of all pages in a language. */
export function snippetsIn(language: string): Snippet[] {
  return PAGES.flatMap(page => {
    const text = readPage(page);
    return [...text.matchAll(/^```(\w+)\n(.*?)^```$/gms)].map(found => ({
      page,
      line: text.slice(0, found.index).split('\n').length + 1,
      language: found[1] ?? '',
      text: found[2] ?? '',
    }));
  }).filter(snippet => snippet.language === language);
}
