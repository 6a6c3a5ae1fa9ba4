import fc from 'fast-check';
import { ServiceError } from '../../../../local-cloud/sagemaker/errors';
import { ServiceModel } from '../../../../local-cloud/sagemaker/service-model/model';
import { compilePattern } from '../../../../local-cloud/sagemaker/service-model/pattern';
import { RequestReader, serialize } from '../../../../local-cloud/sagemaker/service-model/request-reader';
import { SUPPORTED } from '../../../../local-cloud/sagemaker/service-model/supported-fields';
import { SERVICE_MODEL } from '../local-test-cloud';

const model = ServiceModel.load(SERVICE_MODEL);
const reader = new RequestReader(model);

function refused(operation: string, input: unknown): ServiceError {
  try {
    reader.read(operation, typeof input === 'string' ? input : JSON.stringify(input));
  } catch (error) {
    if (error instanceof ServiceError) {
      return error;
    }
    throw error;
  }
  throw new Error('the request was not refused');
}

test('lists every constraint that a request breaks, in the words of AWS', () => {
  const error = refused('CreateEndpointConfig', {
    EndpointConfigName: '-bad-',
    ProductionVariants: [{ VariantName: 'main', InitialInstanceCount: 0, InitialVariantWeight: -1 }],
  });
  expect(error.code).toBe('ValidationException');
  expect(error.status).toBe(400);
  expect(error.message).toBe(
    "3 validation errors detected: Value '-bad-' at 'endpointConfigName' failed to satisfy constraint: Member must " +
      'satisfy regular expression pattern: [a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}; ' +
      "Value '0' at 'productionVariants.1.member.initialInstanceCount' failed to satisfy constraint: Member must have " +
      'value greater than or equal to 1; ' +
      "Value '-1' at 'productionVariants.1.member.initialVariantWeight' failed to satisfy constraint: Member must have " +
      'value greater than or equal to 0',
  );
});

test.each([
  [
    'a missing member',
    'DescribeEndpoint',
    {},
    'ValidationException',
    "1 validation error detected: Value null at 'endpointName' failed to satisfy constraint: Member must not be null",
  ],
  [
    'a value that is no member of an enum',
    'ListEndpoints',
    { StatusEquals: 'Happy' },
    'ValidationException',
    /^1 validation error detected: Value 'Happy' at 'statusEquals' failed to satisfy constraint: Member must satisfy enum value set: \[/,
  ],
  [
    'a name that is too long',
    'DescribeEndpoint',
    { EndpointName: 'x'.repeat(64) },
    'ValidationException',
    /Member must have length less than or equal to 63$/,
  ],
  [
    'a value of another type',
    'DescribeEndpoint',
    { EndpointName: 7 },
    'SerializationException',
    "'EndpointName' must be a string, got a number",
  ],
  [
    'a structure that is a list',
    'DescribeEndpoint',
    [],
    'SerializationException',
    "'request' must be a structure, got a list",
  ],
  [
    'a time that is none',
    'ListModels',
    { CreationTimeAfter: 'soon' },
    'SerializationException',
    "'CreationTimeAfter' must be a timestamp, got a string",
  ],
  ['a body that is not JSON', 'DescribeEndpoint', '{', 'SerializationException', /^request body is not JSON/],
  [
    'a member that AWS does not have',
    'DescribeEndpoint',
    { EndpointName: 'a', Colour: 'red' },
    'ValidationException',
    "'Colour' is not a member of the request of 'DescribeEndpoint'",
  ],
  [
    'a member that is not implemented',
    'CreateEndpointConfig',
    {
      EndpointConfigName: 'a',
      ProductionVariants: [{ VariantName: 'v', ServerlessConfig: { MemorySizeInMB: 1024, MaxConcurrency: 1 } }],
    },
    'NotImplemented',
    "not implemented by the local SageMaker: field 'ProductionVariants.ServerlessConfig' of 'CreateEndpointConfig'; leave it out",
  ],
  [
    'an operation that is not implemented',
    'CreateTransformJob',
    {},
    'NotImplemented',
    /^not implemented by the local SageMaker: operation 'CreateTransformJob'; implemented: CreateTrainingJob,/,
  ],
  [
    'an operation that AWS does not have',
    'MakeCoffee',
    {},
    'UnknownOperationException',
    "SageMaker has no operation 'MakeCoffee'",
  ],
  ['a property of every object', 'toString', {}, 'UnknownOperationException', "SageMaker has no operation 'toString'"],
])('fails for %s', (_what, operation, input, code, message) => {
  const error = refused(operation, input);
  expect(error.code).toBe(code);
  expect(error.message).toMatch(message);
});

test('reads times from seconds and from ISO 8601, and writes seconds', () => {
  const time = new Date('2026-11-24T03:04:05.678Z');
  const read = (CreationTimeAfter: unknown): unknown =>
    reader.read('ListModels', JSON.stringify({ CreationTimeAfter }));
  expect(read(time.getTime() / 1000)).toEqual({ CreationTimeAfter: time });
  expect(read(time.toISOString())).toEqual({ CreationTimeAfter: time });
  expect(serialize({ CreationTime: time, Nested: [{ at: time }] })).toBe(
    '{"CreationTime":1795489445.678,"Nested":[{"at":1795489445.678}]}',
  );
});

test('takes null for an absent member', () => {
  expect(reader.read('ListModels', '{"NameContains":null}')).toEqual({});
});

test('every pattern of an operation in use can be compiled', () => {
  const patterns = new Set<string>();
  const seen = new Set<string>();
  const visit = (name: string): void => {
    if (!seen.has(name)) {
      seen.add(name);
      const shape = model.shape(name);
      if (shape.pattern !== undefined) {
        patterns.add(shape.pattern);
      }
      [...Object.values(shape.members ?? {}), shape.member, shape.key, shape.value].forEach(
        reference => reference !== undefined && visit(reference.shape),
      );
    }
  };
  Object.keys(SUPPORTED).forEach(name => visit(model.operation(name)?.input?.shape ?? ''));
  expect(patterns.size).toBeGreaterThan(40);
  patterns.forEach(pattern => expect(() => compilePattern(pattern)).not.toThrow());
});

test('every path that is said to be supported is one of the service model', () => {
  const exists = (shapeName: string, path: readonly string[]): boolean => {
    const shape = model.shape(shapeName);
    const inner = shape.member ?? shape.value;
    if (inner !== undefined) {
      return exists(inner.shape, path);
    }
    const first = path.at(0);
    if (first === undefined) {
      return true;
    }
    const member = Object.entries(shape.members ?? {}).find(([name]) => name === first)?.[1];
    return member !== undefined && exists(member.shape, path.slice(1));
  };
  for (const [operation, support] of Object.entries(SUPPORTED)) {
    const shape = model.operation(operation)?.input?.shape ?? '';
    const paths = [
      ...(support?.implemented ?? []),
      ...(support?.recorded ?? []),
      ...Object.keys(support?.values ?? {}),
    ];
    const wrong = paths.filter(path => !exists(shape, path.split('.')));
    expect({ operation, wrong }).toEqual({ operation, wrong: [] });
  }
});

test('whatever a request holds, it is read or refused in AWS’s form', () => {
  fc.assert(
    fc.property(fc.constantFrom(...Object.keys(SUPPORTED)), fc.jsonValue(), fc.jsonValue(), (operation, any, value) => {
      const shape = model.shape(model.operation(operation)?.input?.shape ?? '');
      const members = Object.keys(shape.members ?? {});
      const bodies = [any, ...members.map(member => ({ [member]: value }))];
      for (const body of bodies) {
        try {
          reader.read(operation, JSON.stringify(body));
        } catch (error) {
          expect(error).toBeInstanceOf(ServiceError);
        }
      }
    }),
    { numRuns: 300 },
  );
});
