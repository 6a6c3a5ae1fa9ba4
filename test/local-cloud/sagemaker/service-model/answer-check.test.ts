import { ServiceModel } from '../../../../local-cloud/sagemaker/service-model/model';
import { SERVICE_MODEL } from '../local-test-cloud';
import { answerViolations } from './answer-check';

const model = ServiceModel.load(SERVICE_MODEL);
const HEADERS = { 'content-type': 'application/x-amz-json-1.1', 'x-amzn-requestid': 'a' };
const ARN = 'arn:aws:sagemaker:us-east-1:000000000000:endpoint/rain';
const ENDPOINT = {
  EndpointName: 'rain',
  EndpointArn: ARN,
  CreationTime: 1_795_489_445.678,
  LastModifiedTime: 1_795_489_445,
  EndpointStatus: 'InService',
};

function found(operation: string, body: object, status = 200): string[] {
  return answerViolations(model, operation, { status, headers: HEADERS, body: JSON.stringify(body) });
}

test('finds nothing in an answer as AWS gives it', () => {
  expect(found('ListEndpoints', { Endpoints: [ENDPOINT] })).toEqual([]);
  expect(found('DeleteEndpoint', {})).toEqual([]);
  expect(found('DescribeEndpoint', { __type: 'ValidationException', message: 'no' }, 400)).toEqual([]);
  expect(found('CreateTrainingJob', { __type: 'ResourceInUse', Message: 'taken' }, 400)).toEqual([]);
});

test.each([
  ['a missing member', { EndpointArn: undefined }, "'output.Endpoints[0].EndpointArn' is missing"],
  ['an unknown member', { Colour: 'red' }, "'output.Endpoints[0].Colour' is no member"],
  ['a member called as a property of every object', { toString: 'x' }, "'output.Endpoints[0].toString' is no member"],
  ['null', { EndpointName: null }, "'output.Endpoints[0].EndpointName' is no text"],
  ['another type', { EndpointName: 7 }, "'output.Endpoints[0].EndpointName' is no text"],
  ['a value outside of the enum', { EndpointStatus: 'Happy' }, expect.stringContaining("is 'Happy', not one of")],
  [
    'a text that is too long',
    { EndpointName: 'x'.repeat(64) },
    "the length of 'output.Endpoints[0].EndpointName' is 64",
  ],
  ['a text of another form', { EndpointName: '-' }, "'output.Endpoints[0].EndpointName' does not match: '-'"],
  ['a time as text', { CreationTime: '2026-11-24' }, expect.stringContaining('is no time')],
  ['a time in milliseconds', { CreationTime: 1_795_489_445_678 }, expect.stringContaining('is no time')],
])('finds %s', (_what, changed, expected) => {
  expect(found('ListEndpoints', { Endpoints: [{ ...ENDPOINT, ...changed }] })[0]).toEqual(expected);
});

test.each([
  [
    'an error that the operation does not have',
    { __type: 'ConflictException', Message: 'x' },
    /is no error of this op/,
  ],
  ['an error without a message', { __type: 'ValidationException' }, /has no 'message'/],
  [
    'an error of the service model with a lower-case message',
    { __type: 'ResourceInUse', message: 'x' },
    /no 'Message'/,
  ],
  ['an error without a type', { message: 'x' }, /no '__type'/],
  ['a server that has failed', { __type: 'InternalFailure', message: 'x' }, /is no error of this operation/],
])('finds %s', (_what, body, expected) => {
  expect(found('CreateTrainingJob', body, 400)[0]).toMatch(expected);
});

test('finds output where there is none, and what is no JSON', () => {
  expect(found('DeleteEndpoint', { EndpointArn: ARN })).toEqual(["'output.EndpointArn' is no member"]);
  expect(answerViolations(model, 'DeleteEndpoint', { status: 200, headers: {}, body: '<html>' })).toEqual([
    "the content type is 'undefined'",
    "the header 'x-amzn-requestid' is missing",
    'the body is not JSON: <html>',
  ]);
});
