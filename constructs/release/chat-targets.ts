import { Names } from 'aws-cdk-lib';
import { CfnMicrosoftTeamsChannelConfiguration, SlackChannelConfiguration } from 'aws-cdk-lib/aws-chatbot';
import { type IRole, ManagedPolicy, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import type { Problems } from '../private/validation';
import { explainWildcards } from '../private/wildcards';

/** What it takes to draw the metric of an alarm beside it. */
const CHART_ACTIONS = ['cloudwatch:DescribeAlarms', 'cloudwatch:GetMetricData', 'cloudwatch:GetMetricStatistics'];

/** Whatever anybody in the channel may be allowed by other ways, there they may do no more than this. */
const GUARDRAIL_POLICY = 'CloudWatchReadOnlyAccess';

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/**
 * A Slack channel that gets the notifications. A person connects the workspace once, in the console of Amazon Q
 * Developer in chat applications, before the first deploy.
 */
export interface SlackChannel {
  /** Id of the workspace, such as `T0123ABCD`. */
  readonly workspaceId: string;

  /** Id of the channel, such as `C0123ABCD`: the last part of its link. Into a private one the app must be invited. */
  readonly channelId: string;
}

/**
 * A channel of Microsoft Teams that gets the notifications. A person connects the team once, in the console of Amazon Q
 * Developer in chat applications, before the first deploy.
 */
export interface TeamsChannel {
  /** Id of the tenant: `tenantId` in the channel's link. */
  readonly tenantId: string;

  /** Id of the team: `groupId` in the channel's link. */
  readonly teamId: string;

  /** Id of the channel as its link has it, such as `19%3aabc%40thread.tacv2`. */
  readonly channelId: string;
}

/** Settings of the chat targets. */
export interface ChatTargetsProps {
  /** What is told there. */
  readonly notificationTopic: ITopic;

  /**
   * Slack channels.
   *
   * @default - none
   */
  readonly slackChannels?: SlackChannel[];

  /**
   * Channels of Microsoft Teams.
   *
   * @default - none
   */
  readonly teamsChannels?: TeamsChannel[];
}

/**
 * Chats that hear what the platform tells, by Amazon Q Developer in chat applications. They may look, and change
 * nothing: without a guardrail policy of our own the service takes `AdministratorAccess`.
 */
export class ChatTargets extends Construct {
  constructor(scope: Construct, id: string, props: ChatTargetsProps) {
    super(scope, id);
    const role = this.createRole();
    const guardrail = ManagedPolicy.fromAwsManagedPolicyName(GUARDRAIL_POLICY);
    for (const channel of props.slackChannels ?? []) {
      const target = new Construct(this, `Slack${channel.channelId}`);
      new SlackChannelConfiguration(target, 'Resource', {
        slackChannelConfigurationName: Names.uniqueResourceName(target, { maxLength: 128, separator: '-' }),
        slackWorkspaceId: channel.workspaceId,
        slackChannelId: channel.channelId,
        notificationTopics: [props.notificationTopic],
        guardrailPolicies: [guardrail],
        role,
      });
    }
    for (const channel of props.teamsChannels ?? []) {
      const target = new Construct(this, `Teams${channel.channelId.replace(/[^A-Za-z0-9]/g, '')}`);
      new CfnMicrosoftTeamsChannelConfiguration(target, 'Resource', {
        configurationName: Names.uniqueResourceName(target, { maxLength: 128, separator: '-' }),
        teamsTenantId: channel.tenantId,
        teamId: channel.teamId,
        teamsChannelId: channel.channelId,
        snsTopicArns: [props.notificationTopic.topicArn],
        guardrailPolicies: [guardrail.managedPolicyArn],
        iamRoleArn: role.roleArn,
      });
    }
  }

  private createRole(): IRole {
    const role = new Role(this, 'Role', {
      description: 'Lets chats draw the metrics of alarms, and nothing else',
      assumedBy: new ServicePrincipal('chatbot.amazonaws.com'),
    });
    role.addToPolicy(new PolicyStatement({ actions: CHART_ACTIONS, resources: ['*'] }));
    explainWildcards(role, {
      wildcard: '*',
      actions: CHART_ACTIONS,
      reason: 'CloudWatch reads metrics and describes alarms by no resource',
    });
    return role;
  }
}

/** Notes what is wrong with chat targets; AWS would tell only half-way through a deploy. */
export function requireChatTargets(
  problems: Problems,
  { slackChannels = [], teamsChannels = [] }: Pick<ChatTargetsProps, 'slackChannels' | 'teamsChannels'>,
): void {
  slackChannels.forEach(({ workspaceId, channelId }, index) => {
    const path = `slackChannels[${index}]`;
    problems.requirePattern(`${path}.workspaceId`, workspaceId, /^T[0-9A-Z]+$/, "a workspace's id such as 'T0123ABCD'");
    problems.requirePattern(
      `${path}.channelId`,
      channelId,
      /^[CG][0-9A-Z]+$/,
      "a channel's id such as 'C0123ABCD', not its name",
    );
  });
  teamsChannels.forEach(({ tenantId, teamId, channelId }, index) => {
    const path = `teamsChannels[${index}]`;
    problems.requirePattern(`${path}.tenantId`, tenantId, UUID, "a UUID, as 'tenantId' in the channel's link");
    problems.requirePattern(`${path}.teamId`, teamId, UUID, "a UUID, as 'groupId' in the channel's link");
    problems.requirePattern(
      `${path}.channelId`,
      channelId,
      /^[\w=+/.,-]*%3a[\w=+/.,-]*%40[\w=+/.,-]*$/i,
      "encoded as in the channel's link, such as '19%3aabc%40thread.tacv2'",
    );
  });
}
