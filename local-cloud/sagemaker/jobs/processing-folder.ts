import { mkdir, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { S3Client } from '@aws-sdk/client-s3';
import type { CreateProcessingJobCommandInput } from '@aws-sdk/client-sagemaker';
import { downloadPrefix, uploadFolder } from '../aws/s3-transfer';
import { toLocalPath } from '../containers/container-environment';
import type { Checked } from '../service-model/checked';
import { downloadFailure, emptyInput, JobFailure, uploadFailure } from './job-failure';

/** A checked request for a processing job. */
export type ProcessingRequest = Checked<CreateProcessingJobCommandInput>;

const HOST = 'algo-1';

/** The folder that a processing container finds as `/opt/ml`, and its way from and to S3. */
export class ProcessingFolder {
  constructor(
    public readonly base: string,
    private readonly request: ProcessingRequest,
    private readonly s3: S3Client,
    private readonly region: string,
  ) {}

  /** Makes the folder anew with the files of SageMaker's processing contract. */
  public async create(arn: string): Promise<void> {
    await rm(this.base, { recursive: true, force: true });
    const { ProcessingResources: resources, ProcessingInputs: inputs, ProcessingOutputConfig: outputs } = this.request;
    const outputFolders = (outputs?.Outputs ?? []).map(output => this.local(output.S3Output?.LocalPath));
    for (const folder of [join(this.base, 'config'), join(this.base, 'output'), ...outputFolders]) {
      await mkdir(folder, { recursive: true });
    }
    await this.writeConfig('processingjobconfig', {
      ProcessingJobArn: arn,
      ProcessingJobName: this.request.ProcessingJobName,
      AppSpecification: this.request.AppSpecification,
      Environment: this.request.Environment ?? {},
      ProcessingInputs: inputs ?? [],
      ProcessingOutputConfig: outputs ?? { Outputs: [] },
      ProcessingResources: resources,
      RoleArn: this.request.RoleArn,
      StoppingCondition: this.request.StoppingCondition ?? {},
    });
    await this.writeConfig('resourceconfig', { current_host: HOST, hosts: [HOST] });
  }

  /** Brings every input. */
  public async download(): Promise<void> {
    for (const { S3Input: input } of this.request.ProcessingInputs ?? []) {
      const uri = input?.S3Uri ?? '';
      let count: number;
      try {
        count = await downloadPrefix(this.s3, uri, this.local(input?.LocalPath));
      } catch (error) {
        throw downloadFailure(uri, this.request.RoleArn, error);
      }
      if (count === 0) {
        throw emptyInput(uri, this.region, this.request.RoleArn);
      }
    }
  }

  /** Brings every output to S3. */
  public async upload(): Promise<void> {
    for (const { S3Output: output } of this.request.ProcessingOutputConfig?.Outputs ?? []) {
      const uri = output?.S3Uri ?? '';
      try {
        await uploadFolder(this.s3, this.local(output?.LocalPath), uri, this.request.ProcessingOutputConfig?.KmsKeyId);
      } catch (error) {
        throw uploadFailure(uri, this.request.RoleArn, error);
      }
    }
  }

  /** Refuses what the container has put where an output's folder should be. */
  public async checkOutputs(): Promise<void> {
    for (const { S3Output: output } of this.request.ProcessingOutputConfig?.Outputs ?? []) {
      const folder = this.local(output?.LocalPath);
      if (!(await stat(folder)).isDirectory()) {
        throw new JobFailure(`ClientError: output path '${String(output?.LocalPath)}' is no folder`);
      }
    }
  }

  private local(path: string | undefined): string {
    return toLocalPath(path ?? '', this.base);
  }

  private async writeConfig(name: string, content: object): Promise<void> {
    await writeFile(join(this.base, 'config', `${name}.json`), JSON.stringify(content));
  }
}
