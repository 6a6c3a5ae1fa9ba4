import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Token } from 'aws-cdk-lib';
import { Asset } from 'aws-cdk-lib/aws-s3-assets';
import { Construct } from 'constructs';

/** What a template is made of. */
export interface TemplateAssetProps {
  /** The objects of a version, with placeholders. */
  readonly manifests: unknown[];
}

/** The objects of a version as a JSON file in the CDK's bucket, which the release controller fills and applies. */
export class TemplateAsset extends Construct {
  private readonly asset: Asset;

  /** SHA-256 of the file. */
  public readonly digest: string;

  constructor(scope: Construct, id: string, props: TemplateAssetProps) {
    super(scope, id);
    const text = JSON.stringify(props.manifests);
    if (Token.isUnresolved(text)) {
      throw new Error(
        `${this.node.path}: the template of versions holds a value that is known at deployment only, must be known at synth: give names and numbers of a model as they are`,
      );
    }
    this.digest = createHash('sha256').update(text).digest('hex');
    const folder = mkdtempSync(join(tmpdir(), 'mlops-template-'));
    try {
      const path = join(folder, 'template.json');
      writeFileSync(path, text);
      // copied to the assembly at once
      this.asset = new Asset(this, 'Asset', { path });
    } finally {
      rmSync(folder, { recursive: true });
    }
  }

  /** ARN of the file. */
  public get objectArn(): string {
    return this.asset.bucket.arnForObjects(this.asset.s3ObjectKey);
  }

  /**
   * ARNs of every JSON file in the bucket: those of other models, what this one was before the last deployment, and, since
   * names of assets are hashes, templates of stacks as well, which hold no secrets.
   */
  public get everyObjectArn(): string {
    return this.asset.bucket.arnForObjects('*.json');
  }

  /** How the settings name it, and what it must be. */
  public settings(): Record<string, string> {
    return { bucket: this.asset.s3BucketName, key: this.asset.s3ObjectKey, digest: this.digest };
  }
}
