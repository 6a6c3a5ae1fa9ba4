import { Readable } from 'node:stream';
import type { SageMakerClient } from '@aws-sdk/client-sagemaker';
import type { ServiceModel } from '../../../../local-cloud/sagemaker/service-model/model';
import { checkAnswer } from './answer-check';

interface HttpAnswer {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  body: Readable;
}

/** Has a client refuse each answer that AWS's service model does not allow: the test that got it fails with the reason. */
export function checkEveryAnswer(client: SageMakerClient, model: ServiceModel): void {
  client.middlewareStack.add(
    (next, context) => async args => {
      const result = await next(args);
      const response = result.response as HttpAnswer;
      const body = await buffer(response.body);
      // the SDK reads it, too
      response.body = Readable.from([body]);
      checkAnswer(model, (context.commandName ?? '').replace(/Command$/, ''), {
        status: response.statusCode,
        headers: response.headers,
        body: body.toString('utf8'),
      });
      return result;
    },
    // nearest to the wire: before the SDK drops what it does not know
    { step: 'deserialize', priority: 'low', name: 'checkEveryAnswer' },
  );
}

async function buffer(stream: Readable): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) {
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks);
}
