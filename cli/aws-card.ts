import { DescribeModelPackageCommand, type SageMakerClient } from '@aws-sdk/client-sagemaker';
import type { AwsPlace } from '../lambda/shared/aws-place';
import { ifExists } from '../lambda/shared/sagemaker-errors';
import type { VersionCard } from './ports';

/** What the card of a version's package says; nothing where there is no such version, or it has no card. */
export async function cardOf(
  client: SageMakerClient,
  { partition, region, account }: AwsPlace,
  group: string,
  version: string,
): Promise<VersionCard | undefined> {
  const arn = `arn:${partition}:sagemaker:${region}:${account}:model-package/${group}/${version}`;
  const found = await ifExists(() => client.send(new DescribeModelPackageCommand({ ModelPackageName: arn })));
  const { ModelCardContent: content, ModelCardStatus: status } = found?.ModelCard ?? {};
  if (content === undefined) return undefined;
  const { model_overview: overview, intended_uses: uses } = sections(content, arn);
  return {
    status,
    owner: textOf(overview?.['model_creator']),
    purpose: textOf(uses?.['purpose_of_model']),
    riskRating: textOf(uses?.['risk_rating']),
    riskExplanation: textOf(uses?.['explanations_for_risk_rating']),
    intendedUses: textOf(uses?.['intended_uses']),
    limits: textOf(uses?.['factors_affecting_model_efficiency']),
  };
}

type Section = Readonly<Record<string, unknown>>;

/** A person may have written the card anew, so that nothing is sure but that SageMaker took it. */
function sections(content: string, arn: string): Partial<Record<string, Section>> {
  try {
    const parsed: unknown = JSON.parse(content);
    if (typeof parsed === 'object' && parsed !== null) return parsed;
  } catch {
    // told below, as what is no object is
  }
  throw new Error(`the model card of '${arn}' is not a JSON object, write it anew in the model registry`);
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
