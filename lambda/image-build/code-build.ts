import { BatchGetBuildsCommand, type CodeBuildClient, StartBuildCommand } from '@aws-sdk/client-codebuild';
import type { Build, Start } from './image';

/** What passes: a quota in use, too many calls, rights that are not known everywhere yet. */
const REFUSALS = ['AccountLimitExceededException', 'ThrottlingException', 'AccessDeniedException'];

/** CodeBuild takes tokens of at most 64 characters. */
const MAX_TOKEN = 64;

/** Builds of AWS CodeBuild. */
export class CodeBuilds {
  constructor(private readonly codeBuild: CodeBuildClient) {}

  async start(projectName: string, requestId: string): Promise<Start> {
    try {
      const { build } = await this.codeBuild.send(
        new StartBuildCommand({ projectName, idempotencyToken: requestId.slice(0, MAX_TOKEN) }),
      );
      if (build?.id === undefined) throw new Error(`project '${projectName}' started a build without an id`);
      return { buildId: build.id };
    } catch (error) {
      if (error instanceof Error && REFUSALS.includes(error.name))
        return { refused: `${error.name}: ${error.message}` };
      throw error;
    }
  }

  async build(buildId: string): Promise<Build> {
    const { builds } = await this.codeBuild.send(new BatchGetBuildsCommand({ ids: [buildId] }));
    const build = builds?.[0];
    if (build?.buildStatus === undefined) {
      throw new Error(`build '${buildId}' is gone, deploy again to start another one`);
    }
    // the last phases run whatever happened: the first that failed is what failed
    const failed = build.phases?.find(({ phaseStatus }) => phaseStatus !== undefined && phaseStatus !== 'SUCCEEDED');
    const reason = failed?.contexts
      ?.map(({ statusCode, message }) => [statusCode, message].filter(Boolean).join(': '))
      .filter(text => text !== '')
      .join('; ');
    return {
      status: build.buildStatus,
      phase: failed?.phaseType,
      reason: reason === '' ? undefined : reason,
      logUrl: build.logs?.deepLink,
    };
  }
}
