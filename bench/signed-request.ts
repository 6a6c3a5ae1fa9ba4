/** A request as an SDK sends it, to be sent by something leaner. */
export interface SignedRequest {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

type HttpRequest = Omit<SignedRequest, 'body'> & { readonly body: string | Uint8Array };

/** Settings of an SDK client that sends nothing. */
interface Capturing {
  readonly endpoint: string;
  readonly region: string;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
  readonly requestHandler: { handle(request: HttpRequest): Promise<never> };
  readonly maxAttempts: number;
}

/** Ends the sending of a request, which it holds. */
class Captured extends Error {
  constructor(readonly request: HttpRequest) {
    super('captured');
  }
}

/** What makes an SDK client that signs its requests for the endpoint as root and hands them to `captured`. */
export function capturing(endpoint: string): Capturing {
  return {
    endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    requestHandler: { handle: request => Promise.reject(new Captured(request)) },
    maxAttempts: 1,
  };
}

/** The request that a call by such a client would have sent; it is good for some minutes. */
export async function captured(call: Promise<unknown>): Promise<SignedRequest> {
  try {
    await call;
  } catch (error) {
    if (error instanceof Captured) {
      const { path, headers, body } = error.request;
      return { path, headers, body: typeof body === 'string' ? body : new TextDecoder().decode(body) };
    }
    throw error;
  }
  throw new Error('the client has sent its request; make it with the settings of `capturing`');
}
