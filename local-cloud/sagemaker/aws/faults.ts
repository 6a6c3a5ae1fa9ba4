import type { Reporter } from '../report';

/** A fault that strikes a job or an endpoint now. */
export interface ResourceFault {
  readonly effect: 'capacity-error' | 'job-failure' | 'process-killed';
  /** Words of a `job-failure`. */
  readonly message?: string;
}

/** The faults that a test has put in force; the process in front keeps them, for every service together. */
export class Faults {
  constructor(
    private readonly endpointUrl: string,
    private readonly reporter: Reporter,
  ) {}

  /** The fault that strikes a resource at a step of its life; undefined when all goes well. */
  public async at(resourceArn: string, step: string): Promise<ResourceFault | undefined> {
    try {
      const response = await fetch(new URL('/_mlops/faults/take', this.endpointUrl), {
        method: 'POST',
        body: JSON.stringify({ resource: resourceArn, step }),
      });
      return ((await response.json()) as { readonly fault?: ResourceFault }).fault;
    } catch (error) {
      this.reporter.warn('faults cannot be asked for', error);
      return undefined;
    }
  }
}
