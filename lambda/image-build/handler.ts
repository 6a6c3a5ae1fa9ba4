/**
 * A custom resource that is an image: it is in its repository once the resource is there, and the resource tells its
 * digest. A build may take longer than a function may run, so that the function hands what it waits for to its next run.
 */
import { setTimeout } from 'node:timers/promises';
import { CodeBuildClient } from '@aws-sdk/client-codebuild';
import { ECRClient } from '@aws-sdk/client-ecr';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import type { CloudFormationCustomResourceEvent, Context } from 'aws-lambda';
import { z } from 'zod';
import { placeOfArn } from '../shared/aws-place';
import { answerCustomResource, UNFINISHED } from '../shared/custom-resource';
import { EcrImages } from '../shared/ecr-images';
import { CodeBuilds } from './code-build';
import { ensureImage } from './image';

const properties = z.object({
  RepositoryUri: z.string(),
  ImageTag: z.string(),
  ProjectName: z.string().optional(),
});

/** CloudFormation's event, and on a later run the build that is waited for. */
type Event = CloudFormationCustomResourceEvent & { readonly buildId?: string };

/** What the run itself needs at its end. */
const MARGIN_MS = 30_000;

const codeBuilds = new CodeBuilds(new CodeBuildClient());
const ecr = new ECRClient();
const lambda = new LambdaClient();

export async function handler(event: Event, context: Context): Promise<void> {
  await answerCustomResource(event, async () => {
    // versions may refer to the image for years
    if (event.RequestType === 'Delete') return;
    const { RepositoryUri, ImageTag, ProjectName } = properties.parse(event.ResourceProperties);
    const images = new EcrImages(ecr, placeOfArn(context.invokedFunctionArn));
    const answer = await ensureImage(
      { repositoryUri: RepositoryUri, tag: ImageTag, project: ProjectName, requestId: event.RequestId },
      event.buildId,
      new Date(Date.now() + context.getRemainingTimeInMillis() - MARGIN_MS),
      {
        now: () => new Date(),
        wait: milliseconds => setTimeout(milliseconds),
        image: uri => images.find(uri),
        start: (project, requestId) => codeBuilds.start(project, requestId),
        build: buildId => codeBuilds.build(buildId),
      },
    );
    if ('digest' in answer) return { ImageDigest: answer.digest };
    await lambda.send(
      new InvokeCommand({
        FunctionName: context.invokedFunctionArn,
        InvocationType: 'Event',
        Payload: JSON.stringify({ ...event, ...answer }),
      }),
    );
    return UNFINISHED;
  });
}
