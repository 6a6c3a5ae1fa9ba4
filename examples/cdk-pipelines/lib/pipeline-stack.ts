import { Stack, type StackProps, type Stage } from 'aws-cdk-lib';
import { BuildEnvironmentVariableType, BuildSpec, LinuxBuildImage } from 'aws-cdk-lib/aws-codebuild';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { StringParameter } from 'aws-cdk-lib/aws-ssm';
import {
  type AddStageOpts,
  CodeBuildStep,
  CodePipeline,
  CodePipelineSource,
  ManualApprovalStep,
  ShellStep,
  Step,
} from 'aws-cdk-lib/pipelines';
import type { Construct } from 'constructs';
import { useConnection } from './connection-rights';
import { explainEngine } from './engine-findings';

/** Settings of the pipeline. */
export interface PipelineStackProps extends StackProps {
  /** Owner and name of the repository, such as `acme/models`. */
  readonly repository: string;
  /** Whose commits are deployed. */
  readonly branch: string;
  /** Connection to whoever hosts the repository; a person confirms it once in the console. */
  readonly connectionArn: string;
  /** Environments in the order in which they are deployed. */
  readonly stages: readonly Stage[];
  /** Those before which a person reads what changes, and says yes. */
  readonly approved: readonly string[];
}

/**
 * AWS's own way to deliver the platform: a commit on the branch is synthesised once and deployed from one environment to the
 * next. The pipeline deploys itself first, so that a change of it comes the same way.
 */
export class PipelineStack extends Stack {
  constructor(scope: Construct, id: string, props: PipelineStackProps) {
    super(scope, id, props);
    const { repository, branch, connectionArn, stages, approved } = props;
    const source = CodePipelineSource.connection(repository, branch, {
      connectionArn,
      // the review reads the history
      codeBuildCloneOutput: true,
    });
    const pipeline = new CodePipeline(this, 'Pipeline', {
      // environments in other accounts decrypt what is built here
      crossAccountKeys: true,
      enableKeyRotation: true,
      // one project publishes all bundles, else there is one for each of them in each environment
      publishAssetsInParallel: false,
      codeBuildDefaults: {
        buildEnvironment: { buildImage: LinuxBuildImage.STANDARD_7_0 },
        partialBuildSpec: BuildSpec.fromObject({ phases: { install: { 'runtime-versions': { nodejs: 22 } } } }),
      },
      synth: new ShellStep('Synth', {
        input: source,
        installCommands: ['npm ci'],
        commands: [
          'npm run bundle',
          `npx cdk synth --quiet -a 'npx tsx examples/cdk-pipelines/bin/app.ts' ${contextOf(props, this.region)}`,
        ],
      }),
    });
    for (const stage of stages) {
      pipeline.addStage(stage, approved.includes(stage.stageName) ? this.approval(source, stage.stageName) : undefined);
    }
    // it makes its parts, which must be there to get rights and to be explained
    pipeline.buildPipeline();
    useConnection(pipeline, connectionArn);
    explainEngine(pipeline);
  }

  /**
   * Before the deploy tells in the log of a build what it does to the environment, and waits for a person; after it keeps
   * which commit is there now. The last merge alone would not do: earlier ones may have been refused, or overtaken.
   */
  private approval(source: CodePipelineSource, environmentName: string): AddStageOpts {
    const deployed = new StringParameter(this, `Deployed-${environmentName}`, {
      description: `Commit that was last deployed to ${environmentName} as a whole`,
      // what the review takes for: all is new
      stringValue: 'none',
    });
    const review = new CodeBuildStep(`Review-${environmentName}`, {
      input: source,
      buildEnvironment: {
        environmentVariables: {
          DEPLOYED: { type: BuildEnvironmentVariableType.PARAMETER_STORE, value: deployed.parameterName },
        },
      },
      installCommands: ['npm ci'],
      commands: [
        'npm run bundle',
        // 1 says that a person must look, which comes next; 2 that it could not be done
        `npm run --silent review -- --base "$DEPLOYED" --environment ${environmentName} || test $? -eq 1`,
      ],
    });
    const approve = new ManualApprovalStep(`Approve-${environmentName}`, {
      comment: `Deploys to ${environmentName}: the log of Review-${environmentName} tells what changes since its last whole deploy`,
    });
    const record = new CodeBuildStep(`Record-${environmentName}`, {
      env: { COMMIT: source.sourceAttribute('CommitId') },
      commands: [`aws ssm put-parameter --name "${deployed.parameterName}" --value "$COMMIT" --overwrite`],
      rolePolicyStatements: [
        new PolicyStatement({ actions: ['ssm:PutParameter'], resources: [deployed.parameterArn] }),
      ],
    });
    return { pre: Step.sequence([review, approve]), post: [record] };
  }
}

/** The context that the app needs, for the pipeline's own synth. */
function contextOf({ repository, connectionArn }: PipelineStackProps, region: string): string {
  return Object.entries({ repository, connection: connectionArn, region })
    .map(([key, value]) => `-c ${key}=${value}`)
    .join(' ');
}
