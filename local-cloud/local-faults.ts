import { readFileSync } from 'node:fs';

/** What fails, where, after how many chances, and how often; which effect takes which members, the README says. */
export interface LocalFault {
  readonly effect:
    | 'throttle'
    | 'error'
    | 'slow'
    | 'answer-lost'
    | 'caller-killed'
    | 'event-duplicated'
    | 'event-late'
    | 'event-lost'
    | 'capacity-error'
    | 'job-failure'
    | 'process-killed';
  /** Requests that it strikes, as a policy writes them: `dynamodb:UpdateItem`, `s3:*`. */
  readonly action?: string;
  /** ARN of the resource; `*` and `?` stand for any text. */
  readonly resource?: string;
  /** `detail-type` of the events that it strikes. */
  readonly detailType?: string;
  /** Step of a job or a deployment. */
  readonly step?: string;
  readonly code?: string;
  readonly status?: number;
  readonly message?: string;
  /** Real seconds. */
  readonly seconds?: number;
  /** Whether the caller dies before or after its request is carried out. */
  readonly when?: 'before' | 'after';
  /**
   * How many it lets go by first.
   *
   * @default 0
   */
  readonly after?: number;
  /**
   * How often it strikes.
   *
   * @default 1
   */
  readonly times?: number | 'always';
}

/** A fault in force, with how often it has struck. */
export interface LocalFaultState extends LocalFault {
  readonly id: string;
  readonly struck: number;
}

/** The faults of a running local cloud. */
export class LocalFaults {
  constructor(private readonly endpoint: string) {}

  /** Puts faults in force, all or, where one is wrong, none. */
  public async add(...faults: readonly LocalFault[]): Promise<LocalFaultState[]> {
    return this.call('POST', { faults });
  }

  /** What is in force. */
  public async list(): Promise<LocalFaultState[]> {
    return this.call('GET');
  }

  /** Lets everything go well again. */
  public async clear(): Promise<void> {
    await this.call('DELETE');
  }

  private async call(method: string, body?: object): Promise<LocalFaultState[]> {
    const response = await fetch(`${this.endpoint}/_mlops/faults`, {
      method,
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const answer = (await response.json()) as { faults?: LocalFaultState[]; message?: string };
    if (answer.faults === undefined) {
      throw new Error(answer.message ?? `'/_mlops/faults' answered HTTP ${String(response.status)}`);
    }
    return answer.faults;
  }
}

/** The faults of a file: `{"faults": [...]}`. What they say is checked when they are put in force. */
export function readFaultFile(file: string): readonly LocalFault[] {
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new Error(`'--faults' names '${file}', which cannot be read: ${(error as Error).message}`, {
      cause: error,
    });
  }
  const faults = (content as { readonly faults?: unknown } | null)?.faults;
  if (!Array.isArray(faults) || faults.length === 0) {
    throw new Error(`'--faults' names '${file}', which must be {"faults": [...]} with at least one fault`);
  }
  return faults as readonly LocalFault[];
}
