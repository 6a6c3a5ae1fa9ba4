import type { ServiceModel, Shape } from '../../../../local-cloud/sagemaker/service-model/model';
import { compilePattern } from '../../../../local-cloud/sagemaker/service-model/pattern';

/** Errors that every operation may answer with; the others stand in its own list in the service model. */
const COMMON_ERRORS = [
  'ValidationException',
  'SerializationException',
  'UnknownOperationException',
  'ThrottlingException',
  'AccessDeniedException',
  // ours: what AWS would do, but this server does not
  'NotImplemented',
];

/** An answer as it came over the wire. */
export interface RawAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/**
 * Everything in an answer of the JSON protocol that AWS's service model does not allow. It reads the JSON by itself, not
 * with the server's own reader, so that a mistake there is not made here again.
 */
export function answerViolations(model: ServiceModel, operation: string, answer: RawAnswer): string[] {
  const found: string[] = [];
  if (answer.headers['content-type'] !== 'application/x-amz-json-1.1') {
    found.push(`the content type is '${String(answer.headers['content-type'])}'`);
  }
  if (answer.headers['x-amzn-requestid'] === undefined) {
    found.push("the header 'x-amzn-requestid' is missing");
  }
  let value: unknown;
  try {
    value = JSON.parse(answer.body);
  } catch {
    return [...found, `the body is not JSON: ${answer.body.slice(0, 200)}`];
  }
  const described = answer.status === 200 ? outputViolations : errorViolations;
  return [...found, ...described(model, operation, value)];
}

/** Throws what `answerViolations` finds. */
export function checkAnswer(model: ServiceModel, operation: string, answer: RawAnswer): void {
  const found = answerViolations(model, operation, answer);
  if (found.length > 0) {
    throw new Error(
      `the answer to '${operation}' is none of AWS's: ${found.join('; ')}\n${answer.body.slice(0, 2000)}`,
    );
  }
}

function outputViolations(model: ServiceModel, operation: string, value: unknown): string[] {
  const shape = model.operation(operation)?.output?.shape;
  // an operation without output answers with an empty object
  return shape === undefined
    ? structureViolations(model, { type: 'structure', members: {} }, value, 'output')
    : violations(model, shape, value, 'output');
}

function errorViolations(model: ServiceModel, operation: string, value: unknown): string[] {
  const { __type: type, ...members } = isObject(value) ? value : {};
  if (typeof type !== 'string') {
    return ["an error has no '__type'"];
  }
  const declared = (model.operation(operation)?.errors ?? []).map(error => error.shape);
  if (declared.includes(type)) {
    const text = typeof members.Message === 'string' && members.Message !== '' ? [] : [`'${type}' has no 'Message'`];
    return [...text, ...violations(model, type, members, type)];
  }
  if (!COMMON_ERRORS.includes(type)) {
    return [`'${type}' is no error of this operation, it has: ${[...declared, ...COMMON_ERRORS].join(', ')}`];
  }
  return typeof members.message === 'string' && members.message !== '' ? [] : [`'${type}' has no 'message'`];
}

function violations(model: ServiceModel, shapeName: string, value: unknown, path: string): string[] {
  const shape = model.shape(shapeName);
  const nested = (reference: { readonly shape: string } | undefined, item: unknown, itemPath: string): string[] =>
    violations(model, reference?.shape ?? '', item, itemPath);
  switch (shape.type) {
    case 'structure':
      return structureViolations(model, shape, value, path);
    case 'list':
      return Array.isArray(value)
        ? [
            ...sizes(shape, value.length, path),
            ...value.flatMap((item, i) => nested(shape.member, item, `${path}[${i}]`)),
          ]
        : [`'${path}' is no list`];
    case 'map':
      return isObject(value)
        ? [
            ...sizes(shape, Object.keys(value).length, path),
            ...Object.entries(value).flatMap(([key, item]) => [
              ...nested(shape.key, key, `key of ${path}`),
              ...nested(shape.value, item, `${path}.${key}`),
            ]),
          ]
        : [`'${path}' is no map`];
    case 'string':
      return typeof value === 'string' ? texts(shape, value, path) : [`'${path}' is no text`];
    case 'timestamp':
      // seconds since the epoch, and of this century: milliseconds are the usual mistake
      return typeof value === 'number' && value > 9e8 && value < 1e10 ? [] : [`'${path}' is no time: ${String(value)}`];
    case 'integer':
    case 'long':
      return Number.isSafeInteger(value) ? ranges(shape, value as number, path) : [`'${path}' is no whole number`];
    case 'float':
    case 'double':
      return typeof value === 'number' ? ranges(shape, value, path) : [`'${path}' is no number`];
    case 'boolean':
      return typeof value === 'boolean' ? [] : [`'${path}' is no boolean`];
    case 'blob':
      return typeof value === 'string' ? [] : [`'${path}' is no blob`];
  }
}

function structureViolations(model: ServiceModel, shape: Shape, value: unknown, path: string): string[] {
  if (!isObject(value)) {
    return [`'${path}' is no structure`];
  }
  const members = shape.members ?? {};
  const missing = (shape.required ?? []).filter(name => !Object.hasOwn(value, name));
  return [
    ...missing.map(name => `'${path}.${name}' is missing`),
    ...Object.entries(value).flatMap(([name, item]) => {
      const member = Object.hasOwn(members, name) ? members[name] : undefined;
      return member === undefined
        ? [`'${path}.${name}' is no member`]
        : violations(model, member.shape, item, `${path}.${name}`);
    }),
  ];
}

function texts(shape: Shape, value: string, path: string): string[] {
  if (shape.enum !== undefined) {
    return shape.enum.includes(value) ? [] : [`'${path}' is '${value}', not one of ${shape.enum.join(', ')}`];
  }
  const matches = shape.pattern === undefined || compilePattern(shape.pattern).test(value);
  return [...sizes(shape, value.length, path), ...(matches ? [] : [`'${path}' does not match: '${value}'`])];
}

function sizes(shape: Shape, size: number, path: string): string[] {
  return within(shape, size) ? [] : [`the length of '${path}' is ${size}`];
}

function ranges(shape: Shape, value: number, path: string): string[] {
  return within(shape, value) ? [] : [`'${path}' is ${value}`];
}

function within({ min, max }: Shape, value: number): boolean {
  return (min === undefined || value >= min) && (max === undefined || value <= max);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
