/** Why an API server refused a field: a conflict names the other manager, an invalid one what is allowed. */
export interface KubernetesCause {
  readonly reason?: string;
  readonly message?: string;
  readonly field?: string;
}

/** What an API server answers when it does not do what it was asked: a `Status` object. */
interface Status {
  readonly reason?: string;
  readonly message?: string;
  readonly details?: { readonly causes?: readonly KubernetesCause[] };
}

/** Enough of an answer that is no `Status`, such as a proxy's page, to know whose it is. */
const SHOWN_CHARACTERS = 300;

/** An API server has answered, and not done what it was asked. */
export class KubernetesError extends Error {
  override readonly name = 'KubernetesError';
  /** In Kubernetes' words: `Conflict`, `Forbidden`, `Invalid`, …; undefined when something else than it has answered. */
  readonly reason?: string;
  readonly causes: readonly KubernetesCause[];

  constructor(
    /** What was asked, such as `apply Deployment 'rain/model'`. */
    readonly request: string,
    /** HTTP status. */
    readonly status: number,
    body: string,
  ) {
    const answer = parse(body);
    const message = answer.message ?? body.slice(0, SHOWN_CHARACTERS);
    super(`could not ${request}: HTTP ${status}${answer.reason === undefined ? '' : ` ${answer.reason}`}: ${message}`);
    this.reason = answer.reason;
    this.causes = answer.details?.causes ?? [];
  }
}

/** No API server has answered: whether it has done what it was asked is not known. */
export class KubernetesUnreachableError extends Error {
  override readonly name = 'KubernetesUnreachableError';

  constructor(
    readonly request: string,
    server: string,
    cause: Error,
  ) {
    super(`could not ${request}: no answer from ${server}: ${cause.message}`, { cause });
  }
}

function parse(body: string): Status {
  try {
    const answer: unknown = JSON.parse(body);
    return typeof answer === 'object' && answer !== null ? answer : {};
  } catch {
    return {};
  }
}
