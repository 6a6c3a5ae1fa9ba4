import { withHashes, withOtherCdk } from '../review/support/cdk-bump';
import { type EditableTemplate, stacksOf } from '../review/support/platform-change';
import { readableTemplate } from './readable-template';

const templates = [...stacksOf('prod'), ...stacksOf('localeks')].map(
  ({ template }) => template as unknown as EditableTemplate,
);
const read = (of: readonly EditableTemplate[]): string[] => of.map(readableTemplate);

describe('what a reviewer reads stays the same', () => {
  test.each([
    ['under another version of the CDK', withOtherCdk],
    ['when code alone has another hash', withHashes],
  ])('%s', (_, edit) => {
    const edited = templates.map(edit);

    expect(JSON.stringify(edited)).not.toBe(JSON.stringify(templates));
    expect(read(edited)).toEqual(read(templates));
  });
});

test('what a reviewer reads is another text when a resource is another', () => {
  const edited = templates.map(({ Resources, ...others }) => ({
    ...others,
    Resources: { ...Resources, Seeded: { Type: 'AWS::SNS::Topic', Properties: {} } },
  }));

  const [before, after] = [read(templates), read(edited)];
  expect(after.filter((text, index) => text === before[index])).toEqual([]);
});
