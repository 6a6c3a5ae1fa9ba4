import { CloudWatchClient, DescribeAlarmsCommand } from '@aws-sdk/client-cloudwatch';
import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { setTimeout as passed } from 'node:timers/promises';
import { sha256 } from '../shared/canonical-json';
import type { EksServingSettings } from '../shared/contracts';
import { type AwsIdentity, EksClusters } from '../shared/eks-clusters';
import { TargetRefusedError } from './errors';
import type { KubernetesTools } from './kubernetes-target';
import { postJson } from './post-json';

/** CloudWatch's limit for one request. */
const MAX_ALARMS = 100;

/** Where Kubernetes and what belongs to it are reached, as the function's own role. */
export class AwsKubernetes {
  private readonly clusters: EksClusters;
  private readonly templates = new Map<string, string>();
  private readonly s3 = new S3Client();
  private readonly cloudWatch = new CloudWatchClient();

  constructor(identity: AwsIdentity) {
    this.clusters = new EksClusters(identity);
  }

  tools(settings: EksServingSettings): KubernetesTools {
    return {
      cluster: this.clusters.client(settings.cluster),
      template: place => this.template(place),
      alarms: names => this.alarms(names),
      post: postJson,
      now: () => new Date(),
      sleep: passed,
    };
  }

  /** A template never changes under its digest. */
  private async template({ bucket, key, digest }: EksServingSettings['template']): Promise<string> {
    const known = this.templates.get(digest);
    if (known !== undefined) return known;
    const object = await this.s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
    const text = (await object.Body?.transformToString()) ?? '';
    if (sha256(text) !== digest) {
      throw new TargetRefusedError(
        `the template 's3://${bucket}/${key}' has the digest '${sha256(text)}', the model's settings say '${digest}', deploy the stack of the model again`,
      );
    }
    this.templates.set(digest, text);
    return text;
  }

  private async alarms(names: readonly string[]): Promise<{ red: string[]; missing: string[] }> {
    if (names.length === 0) return { red: [], missing: [] };
    const { MetricAlarms: metric = [], CompositeAlarms: composite = [] } = await this.cloudWatch.send(
      new DescribeAlarmsCommand({
        AlarmNames: [...names],
        AlarmTypes: ['MetricAlarm', 'CompositeAlarm'],
        MaxRecords: MAX_ALARMS,
      }),
    );
    const found = [...metric, ...composite];
    return {
      red: found
        .filter(({ StateValue }) => StateValue === 'ALARM')
        .map(
          ({ AlarmName, StateReason }) => `alarm '${AlarmName ?? ''}' went off: ${StateReason ?? 'no reason given'}`,
        ),
      missing: names.filter(name => !found.some(({ AlarmName }) => AlarmName === name)),
    };
  }
}
