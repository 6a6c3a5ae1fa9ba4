import fc, { type Arbitrary } from 'fast-check';

const DEEP = 20_000;
const HUGE = 300_000;

/** Names that every JavaScript object has, or that break something when they are used as a key unawares. */
const TREACHEROUS_NAMES = [
  '__proto__',
  'constructor',
  'toString',
  'hasOwnProperty',
  'prototype',
  'length',
  '',
  ' ',
  'a.b',
  '\u0000',
  '\ud800',
  'x'.repeat(HUGE),
];

/** Values of which hardly one is right anywhere. */
const JUNK: Arbitrary<unknown> = fc.oneof(
  fc.constantFrom(
    null,
    true,
    false,
    0,
    -1,
    1.5,
    1e308,
    -1e308,
    Number.MAX_SAFE_INTEGER,
    2 ** 63,
    '',
    ' ',
    '-',
    '../../etc/passwd',
    '${jndi:x}',
    'a\nb',
    '\u0000',
    '\ud800',
    '😀'.repeat(300),
    's3://',
    's3://UPPER_case/../x',
    'arn:aws:sagemaker:::',
    '2026-99-99T00:00:00Z',
    // what makes an expression with nested repetition try without end
    '-'.repeat(63),
    `${'a'.repeat(1000)}!`,
    `${'a-'.repeat(500)}!`,
    `${'/a'.repeat(500)} `,
    '['.repeat(255),
    'x'.repeat(HUGE),
    [],
    {},
    [[]],
    [null],
    { '': null },
    Array.from({ length: 2000 }, () => ({})),
    Array.from({ length: 2000 }, () => 'x'),
  ),
  fc.constantFrom(...TREACHEROUS_NAMES).map(name => Object.fromEntries([[name, 1]])),
  fc.jsonValue(),
);

type Change = (value: unknown) => unknown;

/** What is done to one member, somewhere in a request. */
const CHANGE: Arbitrary<Change> = fc.oneof(
  JUNK.map(
    (junk): Change =>
      () =>
        junk,
  ),
  fc.constant<Change>(() => undefined),
  fc.constant<Change>(value => [value]),
  fc.constant<Change>(value => ({ value })),
  fc.constant<Change>(value => Array.from({ length: 200 }, () => value)),
  fc.constant<Change>(value => (typeof value === 'number' ? -value : `${JSON.stringify(value)} `)),
  fc.tuple(fc.constantFrom(...TREACHEROUS_NAMES), JUNK).map(
    ([name, junk]): Change =>
      value =>
        isObject(value)
          ? Object.fromEntries([...Object.entries(value), [name, junk]])
          : Object.fromEntries([[name, value]]),
  ),
);

/** A request with one to three members changed, as the text of its body. */
export function malformed(input: Arbitrary<Record<string, unknown>>): Arbitrary<string> {
  const step = fc.tuple(fc.nat({ max: 1000 }), CHANGE);
  return fc
    .tuple(input, fc.array(step, { minLength: 1, maxLength: 3 }))
    .map(
      ([request, steps]) =>
        JSON.stringify(steps.reduce<unknown>((value, [at, change]) => changed(value, at, change), request)) ?? 'null',
    );
}

/** Bodies that are no JSON object, or hardly one. */
export const RAW_BODY: Arbitrary<Uint8Array> = fc.oneof(
  fc
    .constantFrom(
      '',
      ' ',
      '{',
      '}',
      '{"a":1,}',
      '{"a":1}{"a":2}',
      '{"a":1,"a":2}',
      "{'a':1}",
      '\ufeff{}',
      'null',
      '[]',
      '"x"',
      '7',
      'NaN',
      '{"a":NaN}',
      '1e999',
      '{"MaxResults":1e999}',
      '<xml/>',
      'Action=ListModels&Version=1',
      '{"__proto__":{"MaxResults":1}}',
      '{"constructor":{"prototype":{"x":1}}}',
      '['.repeat(DEEP),
      `${'['.repeat(DEEP)}${']'.repeat(DEEP)}`,
      `${'{"a":'.repeat(DEEP)}1${'}'.repeat(DEEP)}`,
      `{"NameContains":"${'x'.repeat(5_000_000)}"}`,
    )
    .map(text => Buffer.from(text)),
  // no UTF-8
  fc
    .constantFrom(
      [0xff, 0xfe],
      [0x7b, 0xff, 0x7d],
      [0xc3, 0x28],
      [0x7b, 0x22, 0xed, 0xa0, 0x80, 0x22, 0x3a, 0x31, 0x7d],
    )
    .map(bytes => Buffer.from(bytes)),
  fc.uint8Array({ maxLength: 200 }),
  fc.json().map(text => Buffer.from(text)),
);

/** Changes the member at a position, counted in the order of the tree. */
function changed(value: unknown, at: number, change: Change): unknown {
  const count = size(value);
  return visit(value, at % count);

  function visit(node: unknown, position: number): unknown {
    if (position === 0) {
      return change(node);
    }
    let left = position - 1;
    const inner = (child: unknown): unknown => {
      const width = size(child);
      const result = left >= 0 && left < width ? visit(child, left) : child;
      left -= width;
      return result;
    };
    if (Array.isArray(node)) {
      return node.map(inner);
    }
    return isObject(node)
      ? Object.fromEntries(Object.entries(node).map(([name, child]) => [name, inner(child)]))
      : node;
  }
}

function size(value: unknown): number {
  const children = Array.isArray(value) ? value : isObject(value) ? Object.values(value) : [];
  return children.reduce<number>((sum, child) => sum + size(child), 1);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
