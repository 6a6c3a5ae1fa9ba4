import { z } from 'zod';

/** Who is told of an environment, and where. */

const uuid = (parameter: string) => z.guid(`a UUID, as '${parameter}' in the channel's link`);
const slackChannel = z.strictObject({
  workspaceId: z
    .string()
    .regex(/^T[0-9A-Z]+$/, "a workspace's id such as 'T0123ABCD'")
    .describe('Workspace, connected once in the console of Amazon Q Developer in chat applications.'),
  channelId: z
    .string()
    .regex(/^[CG][0-9A-Z]+$/, "a channel's id such as 'C0123ABCD', not its name")
    .describe('Channel.'),
});
const teamsChannel = z.strictObject({
  tenantId: uuid('tenantId').describe('Tenant.'),
  teamId: uuid('groupId').describe('Team, connected once in the console of Amazon Q Developer in chat applications.'),
  channelId: z
    .string()
    .regex(/%3[aA].*%40/, "encoded as in the channel's link, such as '19%3aabc%40thread.tacv2'")
    .describe('Channel.'),
});

export const notifications = z
  .strictObject({
    emails: z.array(z.email('an e-mail address')).describe('Who is told, by e-mail.'),
    slack: z.array(slackChannel).optional().describe('Slack channels that are told. Default: none.'),
    teams: z.array(teamsChannel).optional().describe('Channels of Microsoft Teams that are told. Default: none.'),
  })
  .default({ emails: [] })
  .describe('Who is told what the platform did and what a person may do.');
