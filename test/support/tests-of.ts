import { readFileSync } from 'node:fs';
import ts from 'typescript';

/** Names of the tests of a file that are run, as they are written: with the `%s` of those that have a table. */
export function testsOf(file: string): string[] {
  const text = readFileSync(file, 'utf8');
  if (file.endsWith('.py')) return [...text.matchAll(/^def (test_\w+)\(/gm)].map(([, name]) => name);
  const names: string[] = [];
  const visit = (node: ts.Node): void => {
    const [name] = ts.isCallExpression(node) ? node.arguments : [];
    if (ts.isCallExpression(node) && name !== undefined && ts.isStringLiteralLike(name) && isTest(node.expression)) {
      names.push(name.text);
    }
    if (!isSkipped(node)) ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile(file, text, ts.ScriptTarget.Latest));
  return names;
}

/** `test(…)`, or `test.each(…)(…)`, and no other member of it. */
function isTest(called: ts.Expression): boolean {
  if (ts.isIdentifier(called)) return called.text === 'test';
  return (
    ts.isCallExpression(called) &&
    ts.isPropertyAccessExpression(called.expression) &&
    called.expression.name.text === 'each' &&
    isTest(called.expression.expression)
  );
}

/** `describe.skip(…)` and its like, with all that is in it. */
function isSkipped(node: ts.Node): boolean {
  if (!ts.isCallExpression(node)) return false;
  let called: ts.Expression = node.expression;
  while (ts.isCallExpression(called) || ts.isPropertyAccessExpression(called)) {
    if (ts.isPropertyAccessExpression(called) && called.name.text === 'skip') return true;
    called = called.expression;
  }
  return false;
}
