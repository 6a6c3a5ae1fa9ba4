import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';

/** What the stand-in has been told. */
export interface Told {
  readonly events: {
    readonly detailType: string;
    readonly detail: Record<string, unknown>;
    readonly resources: string[];
  }[];
  readonly metrics: {
    readonly MetricName: string;
    readonly Dimensions: unknown;
    readonly StatisticValues: Record<string, number>;
  }[];
  readonly logs: { readonly group: string; readonly stream: string; readonly message: string }[];
  readonly assumed: string[];
}

/** The few answers of S3, STS, CloudWatch, CloudWatch Logs and the local cloud's event door that SageMaker needs. */
export class AwsStandIn {
  public readonly objects = new Map<string, Buffer>();
  public readonly told: Told = { events: [], metrics: [], logs: [], assumed: [] };
  /** State by alarm name. */
  public readonly alarms = new Map<string, string>();
  /** Roles that nobody may assume. */
  public readonly unknownRoles = new Set<string>();
  /** Faults that strike the next resource at the step, each once. */
  public readonly faults: { readonly step: string; readonly effect: string; readonly message?: string }[] = [];
  public url = '';
  private readonly server: Server = createServer((request, response) => {
    void this.answer(request, response);
  });

  public async start(): Promise<void> {
    await new Promise<void>(resolve => this.server.listen(0, '127.0.0.1', resolve));
    const address = this.server.address();
    this.url = `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`;
  }

  public async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise(resolve => this.server.close(resolve));
  }

  public put(key: string, content: Buffer | string): void {
    this.objects.set(key, Buffer.from(content));
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) {
      chunks.push(chunk as Buffer);
    }
    const body = Buffer.concat(chunks);
    const url = new URL(request.url ?? '/', 'http://stand-in');
    const target = request.headers['x-amz-target'];
    if (url.pathname === '/_mlops/events') {
      this.takeEvents(JSON.parse(body.toString()) as { Entries: Record<string, unknown>[] });
      response.end('{}');
    } else if (url.pathname === '/_mlops/faults/take') {
      const { step } = JSON.parse(body.toString()) as { step: string };
      const index = this.faults.findIndex(fault => fault.step === step);
      response.end(JSON.stringify(index === -1 ? {} : { fault: this.faults.splice(index, 1)[0] }));
    } else if (typeof target === 'string') {
      response.setHeader('content-type', 'application/x-amz-json-1.0');
      response.end(JSON.stringify(this.answerJson(target, JSON.parse(body.toString()) as Record<string, never>)));
    } else if (body.toString().includes('Action=AssumeRole')) {
      this.assumeRole(new URLSearchParams(body.toString()).get('RoleArn') ?? '', response);
    } else {
      this.answerS3(request.method ?? '', url, body, response);
    }
  }

  private takeEvents({ Entries: entries }: { Entries: Record<string, unknown>[] }): void {
    for (const entry of entries) {
      this.told.events.push({
        detailType: String(entry.DetailType),
        detail: JSON.parse(String(entry.Detail)) as Record<string, unknown>,
        resources: entry.Resources as string[],
      });
    }
  }

  private answerJson(target: string, input: Record<string, never>): object {
    const [, operation] = target.split('.');
    switch (operation) {
      case 'PutMetricData':
        this.told.metrics.push(...(input.MetricData as Told['metrics']));
        return {};
      case 'DescribeAlarms': {
        const names = input.AlarmNames as string[];
        const known = names.filter(name => this.alarms.has(name));
        return { MetricAlarms: known.map(AlarmName => ({ AlarmName, StateValue: this.alarms.get(AlarmName) })) };
      }
      case 'PutLogEvents':
        for (const { message } of input.logEvents as { message: string }[]) {
          this.told.logs.push({ group: input.logGroupName, stream: input.logStreamName, message });
        }
        return {};
      default:
        return {};
    }
  }

  private assumeRole(roleArn: string, response: ServerResponse): void {
    this.told.assumed.push(roleArn);
    response.setHeader('content-type', 'text/xml');
    if (this.unknownRoles.has(roleArn)) {
      response.statusCode = 403;
      response.end(
        '<ErrorResponse><Error><Type>Sender</Type><Code>AccessDenied</Code><Message>no</Message></Error></ErrorResponse>',
      );
      return;
    }
    response.end(
      `<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>KEY-${roleArn.split('/').at(-1) ?? ''}</AccessKeyId>` +
        '<SecretAccessKey>secret</SecretAccessKey><SessionToken>token</SessionToken>' +
        '<Expiration>2099-01-01T00:00:00Z</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>',
    );
  }

  private answerS3(method: string, url: URL, body: Buffer, response: ServerResponse): void {
    const key = decodeURIComponent(url.pathname.slice(1));
    if (method === 'GET' && url.searchParams.get('list-type') === '2') {
      const bucket = key.replace(/\/$/, '');
      const prefix = `${bucket}/${url.searchParams.get('prefix') ?? ''}`;
      const found = [...this.objects.keys()].filter(name => name.startsWith(prefix)).sort();
      const contents = found.map(name => `<Contents><Key>${name.slice(bucket.length + 1)}</Key></Contents>`).join('');
      response.setHeader('content-type', 'application/xml');
      response.end(`<ListBucketResult><IsTruncated>false</IsTruncated>${contents}</ListBucketResult>`);
    } else if (method === 'PUT') {
      this.objects.set(key, body);
      response.end();
    } else {
      const object = this.objects.get(key);
      if (object === undefined) {
        response.statusCode = 404;
        response.end(
          method === 'HEAD' ? undefined : '<Error><Code>NoSuchKey</Code><Message>not there</Message></Error>',
        );
        return;
      }
      response.setHeader('content-length', object.length);
      response.end(method === 'HEAD' ? undefined : object);
    }
  }
}
