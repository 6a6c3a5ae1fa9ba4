import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { S3Client } from '@aws-sdk/client-s3';
import type { CreateTrainingJobCommandInput } from '@aws-sdk/client-sagemaker';
import { packFolder } from '../aws/archive';
import { downloadPrefix, filesUnder, parseS3Uri, uploadFile, uploadFolder } from '../aws/s3-transfer';
import { toLocalPath } from '../containers/container-environment';
import type { Checked } from '../service-model/checked';
import { downloadFailure, emptyInput, uploadFailure } from './job-failure';

/** A checked request for a training job. */
export type TrainingRequest = Checked<CreateTrainingJobCommandInput>;

const HOST = 'algo-1';
const DEFAULT_CHECKPOINTS = '/opt/ml/checkpoints';

/** Where a job's model lies once it was uploaded. */
export function modelArtifacts(request: TrainingRequest): string {
  const isFolder = request.OutputDataConfig.CompressionType === 'NONE';
  return `${outputPrefix(request)}/${isFolder ? 'model/' : 'model.tar.gz'}`;
}

function outputPrefix(request: TrainingRequest): string {
  return `${request.OutputDataConfig.S3OutputPath.replace(/\/+$/, '')}/${request.TrainingJobName}/output`;
}

/** The folder that a training container finds as `/opt/ml`, and its way from and to S3. */
export class TrainingFolder {
  constructor(
    public readonly base: string,
    private readonly request: TrainingRequest,
    private readonly s3: S3Client,
    private readonly region: string,
  ) {}

  /** Makes the folder anew with the files of SageMaker's training contract. */
  public async create(): Promise<void> {
    await rm(this.base, { recursive: true, force: true });
    for (const folder of ['input/config', 'input/data', 'model', 'output/data', 'checkpoints', 'code']) {
      await mkdir(join(this.base, folder), { recursive: true });
    }
    const channels = this.request.InputDataConfig ?? [];
    await this.writeConfig('hyperparameters', this.request.HyperParameters ?? {});
    await this.writeConfig(
      'inputdataconfig',
      Object.fromEntries(
        channels.map(channel => [
          channel.ChannelName,
          {
            ...(channel.ContentType !== undefined && { ContentType: channel.ContentType }),
            TrainingInputMode: channel.InputMode ?? 'File',
            S3DistributionType: channel.DataSource.S3DataSource?.S3DataDistributionType ?? 'FullyReplicated',
            RecordWrapperType: channel.RecordWrapperType ?? 'None',
          },
        ]),
      ),
    );
    const instanceType = this.request.ResourceConfig?.InstanceType;
    await this.writeConfig('resourceconfig', {
      current_host: HOST,
      current_instance_type: instanceType,
      current_group_name: 'homogeneousCluster',
      hosts: [HOST],
      instance_groups: [{ instance_group_name: 'homogeneousCluster', instance_type: instanceType, hosts: [HOST] }],
      network_interface_name: 'lo',
    });
  }

  /** Brings every channel, and the checkpoints of an earlier job. */
  public async download(): Promise<void> {
    for (const channel of this.request.InputDataConfig ?? []) {
      const uri = channel.DataSource.S3DataSource?.S3Uri ?? '';
      if ((await this.downloadTo(uri, join(this.base, 'input', 'data', channel.ChannelName))) === 0) {
        throw emptyInput(uri, this.region, this.request.RoleArn);
      }
    }
    if (this.request.CheckpointConfig !== undefined) {
      await this.downloadTo(this.request.CheckpointConfig.S3Uri, this.checkpoints);
    }
  }

  /** Brings the model, what the algorithm left beside it and the checkpoints to S3. */
  public async upload(): Promise<void> {
    const { KmsKeyId: kmsKeyId, CompressionType: compression } = this.request.OutputDataConfig;
    const prefix = outputPrefix(this.request);
    try {
      if (compression === 'NONE') {
        await uploadFolder(this.s3, join(this.base, 'model'), `${prefix}/model`, kmsKeyId);
      } else {
        await this.uploadArchive(join(this.base, 'model'), `${prefix}/model.tar.gz`, kmsKeyId);
      }
      if ((await filesUnder(join(this.base, 'output', 'data'))).length > 0) {
        await this.uploadArchive(join(this.base, 'output', 'data'), `${prefix}/output.tar.gz`, kmsKeyId);
      }
    } catch (error) {
      throw uploadFailure(prefix, this.request.RoleArn, error);
    }
  }

  /** Keeps the checkpoints, however the job has ended. */
  public async uploadCheckpoints(): Promise<void> {
    const config = this.request.CheckpointConfig;
    if (config !== undefined) {
      try {
        await uploadFolder(this.s3, this.checkpoints, config.S3Uri);
      } catch (error) {
        throw uploadFailure(config.S3Uri, this.request.RoleArn, error);
      }
    }
  }

  private get checkpoints(): string {
    return toLocalPath(this.request.CheckpointConfig?.LocalPath ?? DEFAULT_CHECKPOINTS, this.base);
  }

  private async downloadTo(uri: string, folder: string): Promise<number> {
    try {
      return await downloadPrefix(this.s3, uri, folder);
    } catch (error) {
      throw downloadFailure(uri, this.request.RoleArn, error);
    }
  }

  private async uploadArchive(folder: string, uri: string, kmsKeyId: string | undefined): Promise<void> {
    const archive = join(this.base, 'output', uri.slice(uri.lastIndexOf('/') + 1));
    await packFolder(folder, archive);
    await uploadFile(this.s3, archive, parseS3Uri(uri), kmsKeyId);
  }

  private async writeConfig(name: string, content: object): Promise<void> {
    await writeFile(join(this.base, 'input', 'config', `${name}.json`), JSON.stringify(content));
  }
}
