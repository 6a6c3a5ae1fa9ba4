const CLASSES: readonly (readonly [RegExp, string])[] = [
  // Java's POSIX classes, which JavaScript lacks; AWS writes them inside brackets only, but for \p{ASCII}
  [/\\p\{Alnum\}/g, 'a-zA-Z0-9'],
  [/\\p\{Print\}/g, '\\x20-\\x7e'],
  [/\\p\{ASCII\}/g, '[\\x00-\\x7f]'],
  // a repeated anchor means nothing, and AWS has one
  [/\$\{\d+,\d+\}/g, '$$'],
  [/\\A/g, '^'],
  [/\\z/g, '$'],
];

const compiled = new Map<string, RegExp>();

/** A pattern of a service model, which is Java's and must match the whole value, as a JavaScript expression. */
export function compilePattern(pattern: string): RegExp {
  let expression = compiled.get(pattern);
  if (expression === undefined) {
    const translated = CLASSES.reduce((text, [java, script]) => text.replace(java, script), pattern);
    // only where \p or a pair of surrogates needs it: elsewhere the unicode flag forbids escapes that Java allows
    const unicode = translated.includes('\\p{') || translated.includes('\\uD8');
    expression = new RegExp(`^(?:${translated})$`, unicode ? 'u' : '');
    compiled.set(pattern, expression);
  }
  return expression;
}
