import { App, Stack } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { ReleaseController, type ReleaseControllerProps } from '../../../constructs';

const SLACK = { workspaceId: 'T0123ABCD', channelId: 'C0123ABCD' };
const TEAMS = {
  tenantId: '11111111-2222-4333-8444-555555555555',
  teamId: '66666666-7777-4888-9999-aaaaaaaaaaaa',
  channelId: '19%3aabc%40thread.tacv2',
};

function stackWith(props: Partial<ReleaseControllerProps>): Stack {
  const stack = new Stack(new App(), 'Stack');
  const artifactBucket = Bucket.fromBucketName(stack, 'Artifacts', 'artifacts');
  new ReleaseController(stack, 'Release', { environmentName: 'prod', artifactBucket, ...props });
  return stack;
}

const SLACK_TYPE = 'AWS::Chatbot::SlackChannelConfiguration';
const TEAMS_TYPE = 'AWS::Chatbot::MicrosoftTeamsChannelConfiguration';

test('both chats hear the topic on which people are told', () => {
  const template = Template.fromStack(stackWith({ slackChannels: [SLACK], teamsChannels: [TEAMS] }));
  const [topic] = Object.keys(template.findResources('AWS::SNS::Topic'));
  template.hasResourceProperties(SLACK_TYPE, {
    SlackWorkspaceId: 'T0123ABCD',
    SlackChannelId: 'C0123ABCD',
    SnsTopicArns: [{ Ref: topic }],
  });
  template.hasResourceProperties(TEAMS_TYPE, {
    TeamsTenantId: TEAMS.tenantId,
    TeamId: TEAMS.teamId,
    TeamsChannelId: TEAMS.channelId,
    SnsTopicArns: [{ Ref: topic }],
  });
});

test('nobody can change anything from a chat, by the role or past the guardrail', () => {
  const template = Template.fromStack(stackWith({ slackChannels: [SLACK], teamsChannels: [TEAMS] }));
  const guardrail = [
    Match.objectLike({ 'Fn::Join': ['', Match.arrayWith([':iam::aws:policy/CloudWatchReadOnlyAccess'])] }),
  ];
  template.hasResourceProperties(SLACK_TYPE, { GuardrailPolicies: guardrail });
  template.hasResourceProperties(TEAMS_TYPE, { GuardrailPolicies: guardrail });
  const statements = Object.entries(template.findResources('AWS::IAM::Policy'))
    .filter(([id]) => id.includes('ChatTargetsRole'))
    .flatMap(
      ([, policy]) =>
        (policy as { Properties: { PolicyDocument: { Statement: { Action: string[] }[] } } }).Properties.PolicyDocument
          .Statement,
    );
  expect(statements.flatMap(({ Action }) => Action)).toEqual([
    'cloudwatch:DescribeAlarms',
    'cloudwatch:GetMetricData',
    'cloudwatch:GetMetricStatistics',
  ]);
});

test('channels have names of their own, which do not change with their order', () => {
  const other = { ...SLACK, channelId: 'C0456EFGH' };
  const names = (slackChannels: (typeof SLACK)[]): string[] =>
    Object.values(Template.fromStack(stackWith({ slackChannels })).findResources(SLACK_TYPE))
      .map(({ Properties }) => (Properties as { ConfigurationName: string }).ConfigurationName)
      .sort();
  const found = names([SLACK, other]);
  expect(new Set(found).size).toBe(2);
  expect(names([other, SLACK])).toEqual(found);
});

test('whoever is told in a chat needs no e-mail, and without either synth warns', () => {
  const warning = Match.stringLikeRegexp('nobody is told of a rollback');
  Annotations.fromStack(stackWith({ teamsChannels: [TEAMS] })).hasNoWarning('*', warning);
  Annotations.fromStack(stackWith({})).hasWarning('*', warning);
  Template.fromStack(stackWith({})).resourceCountIs(SLACK_TYPE, 0);
});

test('fails on what AWS would refuse half-way, all of it at once', () => {
  expect(() =>
    stackWith({
      slackChannels: [{ workspaceId: 'my-team', channelId: '#alerts' }],
      teamsChannels: [{ tenantId: 'contoso', teamId: TEAMS.teamId, channelId: '19:abc@thread.tacv2' }],
    }),
  ).toThrow(
    "'slackChannels[0].workspaceId' is 'my-team', must be a workspace's id such as 'T0123ABCD'; " +
      "'slackChannels[0].channelId' is '#alerts', must be a channel's id such as 'C0123ABCD', not its name; " +
      "'teamsChannels[0].tenantId' is 'contoso', must be a UUID, as 'tenantId' in the channel's link; " +
      "'teamsChannels[0].channelId' is '19:abc@thread.tacv2', must be encoded as in the channel's link, such as '19%3aabc%40thread.tacv2'",
  );
});
