import { assert, dictionary, letrec, oneof, property, string, tuple, array, constantFrom } from 'fast-check';
import { leastBytes, leastJsonBytes } from '../../../constructs/limits/least-bytes';

/** A document with references, and what a deployment makes of it. */
const document = letrec<{ node: [unknown, unknown] }>(tie => ({
  node: oneof(
    { maxDepth: 3 },
    string().map((text): [unknown, unknown] => [text, text]),
    constantFrom<[unknown, unknown]>(
      [{ Ref: 'AWS::AccountId' }, '000000000000'],
      [{ Ref: 'AWS::Partition' }, 'aws-cn'],
      [{ Ref: 'AWS::Region' }, 'us-east-1'],
      [{ Ref: 'Bucket' }, 'abc'],
      [{ 'Fn::GetAtt': ['Bucket', 'Arn'] }, 'arn:aws:s3:::abc'],
      [{ 'Fn::Sub': '${AWS::Region}-${!kept}' }, 'eu-west-1-${kept}'],
      [{ 'Fn::Join': ['/', ['a', { Ref: 'Bucket' }, 'b']] }, 'a/abc/b'],
      [{ 'Fn::If': ['C', 'longer', { Ref: 'Bucket' }] }, 'abc'],
    ),
    array(tie('node'), { maxLength: 4 }).map((nodes): [unknown, unknown] => [
      nodes.map(([template]) => template),
      nodes.map(([, deployed]) => deployed),
    ]),
    dictionary(
      string().filter(key => !/^(Ref|Fn::.*|__proto__)$/.test(key)),
      tie('node'),
      { maxKeys: 4 },
    ).map((nodes): [unknown, unknown] => [
      Object.fromEntries(Object.entries(nodes).map(([key, [template]]) => [key, template])),
      Object.fromEntries(Object.entries(nodes).map(([key, [, deployed]]) => [key, deployed])),
    ]),
  ),
})).node;

test('never counts more than a deployment makes of it', () => {
  assert(
    property(document, ([template, deployed]) => {
      expect(leastJsonBytes(template)).toBeLessThanOrEqual(Buffer.byteLength(JSON.stringify(deployed)));
    }),
  );
});

test('counts exactly what holds no reference', () => {
  assert(
    property(
      document.filter(([template, deployed]) => JSON.stringify(template) === JSON.stringify(deployed)),
      ([template]) => {
        expect(leastJsonBytes(template)).toBe(Buffer.byteLength(JSON.stringify(template)));
      },
    ),
  );
});

test('counts the text that is known of a joined text', () => {
  assert(
    property(tuple(string(), string()), ([one, other]) => {
      expect(leastBytes({ 'Fn::Join': ['-', [one, { Ref: 'AWS::AccountId' }, other]] })).toBe(
        Buffer.byteLength(`${one}-000000000000-${other}`),
      );
    }),
  );
});
