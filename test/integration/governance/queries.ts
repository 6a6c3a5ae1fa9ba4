import {
  AthenaClient,
  BatchGetNamedQueryCommand,
  GetQueryExecutionCommand,
  GetQueryResultsCommand,
  ListNamedQueriesCommand,
  StartQueryExecutionCommand,
} from '@aws-sdk/client-athena';
import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import type { LocalCloud } from '../../../local-cloud/start';
import { clientOf, eventually } from '../local-cloud/stack';

const WORKGROUP = 'mlops-local-audit';

/** A row of an answer, by its columns; nothing where it is null. */
export type Row = Readonly<Record<string, string | undefined>>;

/** Somebody who may ask the audit's queries, and nothing else. */
export class Auditor {
  private constructor(
    private readonly athena: AthenaClient,
    private readonly s3: S3Client,
  ) {}

  static async signIn(cloud: LocalCloud, roleArn: string): Promise<Auditor> {
    const { Credentials } = await new STSClient(clientOf(cloud)).send(
      new AssumeRoleCommand({ RoleArn: roleArn, RoleSessionName: 'auditor' }),
    );
    const credentials = {
      accessKeyId: Credentials?.AccessKeyId ?? '',
      secretAccessKey: Credentials?.SecretAccessKey ?? '',
      sessionToken: Credentials?.SessionToken ?? '',
    };
    const config = { ...clientOf(cloud), credentials };
    return new Auditor(new AthenaClient(config), new S3Client({ ...config, forcePathStyle: true }));
  }

  /** Asks in another workgroup. */
  async askIn(WorkGroup: string): Promise<void> {
    await this.athena.send(new StartQueryExecutionCommand({ QueryString: 'SELECT 1', WorkGroup }));
  }

  /** Writes an object past Athena. */
  async write(Bucket: string, Key: string): Promise<void> {
    await this.s3.send(new PutObjectCommand({ Bucket, Key, Body: 'mine' }));
  }

  /** Reads an object past Athena. */
  async read(Bucket: string, Key: string): Promise<void> {
    await this.s3.send(new GetObjectCommand({ Bucket, Key }));
  }

  /** Runs a query by its name, as the console does. */
  async ask(name: string): Promise<Row[]> {
    const { NamedQueryIds } = await this.athena.send(new ListNamedQueriesCommand({ WorkGroup: WORKGROUP }));
    const { NamedQueries = [] } = await this.athena.send(new BatchGetNamedQueryCommand({ NamedQueryIds }));
    const query = NamedQueries.find(({ Name }) => Name === `mlops-local-${name}`);
    if (query === undefined)
      throw new Error(`no query '${name}', there are ${NamedQueries.map(({ Name }) => Name).join()}`);
    return this.run(query.QueryString ?? '', query.Database ?? '');
  }

  private async run(QueryString: string, Database: string): Promise<Row[]> {
    const { QueryExecutionId } = await this.athena.send(
      new StartQueryExecutionCommand({ QueryString, WorkGroup: WORKGROUP, QueryExecutionContext: { Database } }),
    );
    const status = await eventually(async () => {
      const { QueryExecution } = await this.athena.send(new GetQueryExecutionCommand({ QueryExecutionId }));
      const { State } = QueryExecution?.Status ?? {};
      return State === 'QUEUED' || State === 'RUNNING' ? undefined : QueryExecution?.Status;
    });
    if (status.State !== 'SUCCEEDED') throw new Error(`${status.StateChangeReason ?? ''}\n${QueryString}`);
    const { ResultSet } = await this.athena.send(new GetQueryResultsCommand({ QueryExecutionId }));
    const [header, ...rows] = (ResultSet?.Rows ?? []).map(({ Data = [] }) => Data.map(cell => cell.VarCharValue));
    return rows.map(row => Object.fromEntries(row.map((value, column) => [header?.[column] ?? '', value])));
  }
}
