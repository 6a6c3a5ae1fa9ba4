import { versionOf } from '../pipeline-control/model-package';
import { digestOf } from '../shared/canonical-json';
import { runSchema } from '../shared/contracts';
import type { PromotionRecord } from '../shared/ledger';
import { toPaste } from '../shared/notify';
import { approveCommand } from '../shared/release-commands';
import type { Asked, SourceEnvironment } from './event';
import { PromotionRefused, type Ports } from './ports';
import { PROMOTED_FROM, promotedPackage, type Approval, type Arrived } from './promoted-package';
import { sourceVersion, type Described, type Proved, type SourceVersion } from './source-version';

/** What became of a promotion; for the log, and for whoever asked by hand. */
export interface Outcome {
  readonly outcome: 'promoted' | 'exists' | 'ignored' | 'refused' | 'told';
  readonly detail: string;
  /** Number of the version here. */
  readonly version?: string;
  readonly modelPackageArn?: string;
}

/** Clocks of two accounts differ at most by this. */
const CLOCK_SKEW_MS = 5 * 60 * 1000;

/** Brings an approved version here, where it waits for a person. Done again, it finds what it brought. */
export async function promote(
  asked: Asked,
  from: SourceEnvironment,
  artifactBucket: string,
  ports: Ports,
): Promise<Outcome> {
  const { model, version } = asked;
  const group = await ports.group(model);
  if (group === undefined) return { outcome: 'ignored', detail: `this environment has no model '${model}'` };
  const known = await ports.ledger.promotion(model, from.environmentName, version);
  if (known !== undefined) return exists(known);

  const described = await ports.source.describe(asked.arn);
  if (described === undefined) return refused(asked, from, `'${asked.arn}' does not exist`, ports);
  if (described.ModelApprovalStatus !== 'Approved') {
    const status = String(described.ModelApprovalStatus);
    return { outcome: 'ignored', detail: `'${asked.arn}' is ${status} by now, only an Approved version is promoted` };
  }
  const source = sourceVersion(described);
  if ('unfit' in source) return refused(asked, from, source.unfit, ports);
  try {
    const arrived = await bring(
      source,
      `s3://${artifactBucket}/${model}/promoted/${from.environmentName}/${version}/`,
      ports,
    );
    return await register(asked, from, group, source, arrived, ports);
  } catch (error) {
    if (error instanceof PromotionRefused) return refused(asked, from, error.message, ports);
    throw error;
  }
}

/** Copies each part and proves that what lies here is what was approved there. */
async function bring(source: SourceVersion, folder: string, ports: Ports): Promise<Arrived> {
  const here = (uri: string): string => `${folder}${uri.slice(source.folder.length)}`;
  const bringProved = async ({ uri, sha256 }: Proved): Promise<string | undefined> => {
    // what an attempt before this one brought is not fetched again
    const before = await ports.files.digest(here(uri));
    if (before?.sha256 === sha256) return before.etag;
    await ports.files.copy(uri, here(uri));
    const copied = await ports.files.digest(here(uri));
    if (copied?.sha256 !== sha256) {
      throw new PromotionRefused(
        `'${uri}' is not what was registered: its SHA-256 is ${copied?.sha256 ?? '(none)'}, registered was ${sha256}`,
      );
    }
    return copied.etag;
  };
  const { baseline, evaluation, modelData } = source;
  // what is wrong with these is known before the large one flows
  await bringProved(baseline);
  await bringProved(evaluation);
  await bringRun(source, here(`${source.folder}run.json`), ports);
  const image = await ports.bringImage(source.image);
  const modelDataEtag = await bringProved(modelData);
  return {
    modelDataUri: here(modelData.uri),
    modelDataEtag,
    evaluationUri: here(evaluation.uri),
    baselineUri: here(baseline.uri),
    image,
  };
}

/** The run's id is the digest of its inputs, so its record proves itself. */
async function bringRun({ runId, folder }: SourceVersion, here: string, ports: Ports): Promise<void> {
  const from = `${folder}run.json`;
  await ports.files.copy(from, here);
  const text = (await ports.files.text(here)) ?? '';
  const run = runSchema.safeParse(jsonOf(text));
  const found = run.success ? digestOf(run.data.inputs) : '(no record of a run)';
  if (found !== runId) {
    throw new PromotionRefused(`'${from}' is not the record of run '${runId}': its inputs have the digest ${found}`);
  }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

async function register(
  { model, version }: Asked,
  from: SourceEnvironment,
  group: string,
  source: SourceVersion,
  arrived: Arrived,
  ports: Ports,
): Promise<Outcome> {
  const approval = approvalOf(source.described);
  // one that was made, but not recorded before its maker died
  const since = new Date((source.described.CreationTime ?? new Date(0)).getTime() - CLOCK_SKEW_MS);
  const made = await ports.registry.madeSince(group, since);
  const modelPackageArn =
    made.find(({ properties }) => properties[PROMOTED_FROM] === source.arn)?.modelPackageArn ??
    (await ports.registry.create(promotedPackage(group, source, arrived, approval)));
  const record: PromotionRecord = {
    from: {
      environment: from.environmentName,
      account: from.account,
      region: from.region,
      version,
      modelPackageArn: source.arn,
    },
    version: versionOf(modelPackageArn),
    modelPackageArn,
    runId: source.runId,
    approvedBy: approval.by,
    approvedAt: approval.at,
    reason: approval.reason,
    digests: {
      modelData: source.modelData.sha256,
      evaluation: source.evaluation.sha256,
      baseline: source.baseline.sha256,
      image: source.image.split('@')[1] ?? '',
    },
    at: ports.now().toISOString(),
  };
  // before the record: whoever dies in between tells twice, and not never
  await ports.tell({
    subject: `${model}: version ${record.version} came from ${from.environmentName} and waits for your approval`,
    what: `Version ${version} was approved in '${from.environmentName}' by ${approval.by}: ${approval.reason}`,
    did: `It was copied, each part proved by its digest, and registered here as ${modelPackageArn}. It serves nobody here until a person approves it here.`,
    numbers: { auc: source.described.CustomerMetadataProperties?.['auc'] ?? 'unknown', run: source.runId },
    youMay: [
      `Approve it, which releases it: ${toPaste(approveCommand(modelPackageArn))}`,
      `Or reject it: the same with '--model-approval-status Rejected'.`,
    ],
  });
  await ports.ledger.appendPromotion(model, record);
  return { outcome: 'promoted', detail: `from '${source.arn}'`, version: record.version, modelPackageArn };
}

/** Who approved; a package that was edited since tells its editor, which is the last hand that was on it. */
function approvalOf({ LastModifiedBy: by, LastModifiedTime, CreationTime, ApprovalDescription }: Described): Approval {
  return {
    by: by?.UserProfileName ?? by?.IamIdentity?.Arn ?? 'unknown',
    at: (LastModifiedTime ?? CreationTime ?? new Date(0)).toISOString(),
    reason: ApprovalDescription ?? 'no reason given',
  };
}

function exists({ version, modelPackageArn, at }: PromotionRecord): Outcome {
  return { outcome: 'exists', detail: `it was promoted at ${at}`, version, modelPackageArn };
}

async function refused(
  { model, version }: Asked,
  from: SourceEnvironment,
  why: string,
  ports: Ports,
): Promise<Outcome> {
  await ports.tell({
    subject: `${model}: version ${version} of ${from.environmentName} was NOT promoted`,
    what: why,
    did: 'Nothing was registered here, and nothing that serves has changed.',
    youMay: [
      `Put it right in '${from.environmentName}' and approve the version there again, which tries again.`,
      'Or train it again there: what a new version registers can be proved.',
    ],
  });
  return { outcome: 'refused', detail: why };
}
