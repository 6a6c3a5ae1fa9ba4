import { ListModelsCommand, SageMakerClient } from '@aws-sdk/client-sagemaker';
import type { RawRequest } from '../../../local-cloud/sagemaker/service-model/raw-request';
import type { clientOf } from '../stack';

interface HttpRequest {
  readonly method: string;
  readonly path: string;
  headers: Record<string, string>;
  body: unknown;
}

/** Ends the sending of a request, which it holds. */
class Captured extends Error {
  constructor(readonly request: HttpRequest) {
    super('captured');
  }
}

/** Signs requests that no SDK would send. */
export class Signer {
  private readonly client: SageMakerClient;

  constructor(config: ReturnType<typeof clientOf> & { credentials: { sessionToken?: string } }) {
    this.client = new SageMakerClient({
      ...config,
      maxAttempts: 1,
      requestHandler: { handle: (request: HttpRequest) => Promise.reject(new Captured(request)) },
    });
  }

  /** The same request with the headers of a signature. */
  public async sign(wanted: RawRequest): Promise<RawRequest> {
    // any command will do: what it would send is replaced before it is signed
    const command = new ListModelsCommand({});
    command.middlewareStack.add(
      next => args => {
        const request = args.request as HttpRequest;
        request.headers = { ...wanted.headers, 'content-length': String(wanted.body.length) };
        request.body = wanted.body;
        return next(args);
      },
      { step: 'build', name: 'replace' },
    );
    try {
      await this.client.send(command);
    } catch (error) {
      if (error instanceof Captured) {
        return { ...wanted, headers: error.request.headers };
      }
      throw error;
    }
    throw new Error('the request was sent, not signed');
  }
}
