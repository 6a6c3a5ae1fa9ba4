import { approvedVersion, releaseRequest, type PackageEvent } from '../../../lambda/release-trigger/approval';
import { trigger, type TriggerPorts } from '../../../lambda/release-trigger/trigger';
import { containing } from '../../support/matching';

const ARN = 'arn:aws:sagemaker:eu-west-1:000000000000:model-package/mlops-local-rain/2';
const MODIFIED = '2026-11-24T03:00:00.000Z';

function event(detail: Partial<PackageEvent['detail']> = {}, time = '2026-11-24T03:00:01Z'): PackageEvent {
  return {
    time,
    detail: {
      ModelPackageGroupName: 'mlops-local-rain',
      ModelPackageVersion: 2,
      ModelPackageArn: ARN,
      ModelApprovalStatus: 'Approved',
      ...detail,
    },
  };
}

describe('approvedVersion', () => {
  test('names the model by its group, and the version', () => {
    expect(approvedVersion(event(), 'local')).toEqual({ model: 'rain', version: '2', arn: ARN });
  });

  test.each([
    [{ ModelApprovalStatus: 'Rejected' }, "approval status is 'Rejected', not 'Approved'"],
    [{ ModelPackageGroupName: 'mlops-prod-rain' }, "is no model package group of environment 'local'"],
    [{ ModelPackageGroupName: undefined }, "is no model package group of environment 'local'"],
    // an edit of an old version's metadata must move no traffic
    [{ UpdatedModelPackageFields: ['CustomerMetadataProperties'] }, 'only CustomerMetadataProperties changed'],
  ])('ignores %j', (detail, reason) => {
    expect(approvedVersion(event(detail), 'local')).toEqual({ ignored: containing(reason) });
  });

  test('takes an event that says that the approval changed', () => {
    const fields = { UpdatedModelPackageFields: ['ModelApprovalStatus', 'ApprovalDescription'] };
    expect(approvedVersion(event(fields), 'local')).toMatchObject({ version: '2' });
  });
});

describe('releaseRequest', () => {
  const approved = { model: 'rain', version: '2', arn: ARN };

  test('asks in the name of whoever approved, with the reason that was given', () => {
    const found = { lastModifiedAt: MODIFIED, lastModifiedBy: 'ann', approvalDescription: 'better AUC' };
    expect(releaseRequest(event(), approved, found).input).toEqual({
      action: 'release',
      model: 'rain',
      version: '2',
      requestedBy: 'ann',
      reason: 'better AUC',
      evidence: { approvedAt: MODIFIED, modelPackageArn: ARN },
    });
  });

  test('says that the registry approved when nobody is named', () => {
    expect(releaseRequest(event(), approved, {}).input).toMatchObject({
      requestedBy: 'registry approval',
      reason: 'approved in the model registry',
    });
  });

  test('has the same name for two events of one approval', () => {
    const found = { lastModifiedAt: MODIFIED };
    const first = releaseRequest(event({}, '2026-11-24T03:00:01Z'), approved, found);
    const second = releaseRequest(event({}, '2026-11-24T03:00:02Z'), approved, found);
    expect(first.name).toBe(second.name);
    expect(first.name).toMatch(/^approval-rain-v2-[0-9a-f]{16}$/);
  });

  test('has another name when the version is approved again', () => {
    const first = releaseRequest(event(), approved, { lastModifiedAt: MODIFIED });
    const again = releaseRequest(event({}, '2026-11-25T03:00:01Z'), approved, {
      lastModifiedAt: '2026-11-25T03:00:00.000Z',
    });
    expect(first.name).not.toBe(again.name);
  });

  test('is not made younger by an edit that came between the approval and its event', () => {
    // GIVEN the event of an approval, delivered late, or once more, after somebody edited the package
    const edited = { lastModifiedAt: '2026-11-26T03:00:00.000Z', lastModifiedBy: 'bob', approvalDescription: 'typo' };

    // WHEN
    const late = releaseRequest(event({ LastModifiedTime: MODIFIED }), approved, edited);

    // THEN
    expect(late.name).toBe(releaseRequest(event(), approved, { lastModifiedAt: MODIFIED }).name);
    expect(late.input).toMatchObject({ requestedBy: 'registry approval', evidence: { approvedAt: MODIFIED } });
  });

  test('takes the time of the registry within the second that the event tells', () => {
    const found = { lastModifiedAt: '2026-11-24T03:00:01.900Z', lastModifiedBy: 'ann' };
    expect(releaseRequest(event(), approved, found).input).toMatchObject({ requestedBy: 'ann' });
  });

  test('goes by the times of the event when the registry gives none', () => {
    const time = Date.parse(MODIFIED);
    expect(releaseRequest(event({ LastModifiedTime: time }), approved, {}).input.evidence).toMatchObject({
      approvedAt: MODIFIED,
    });
    expect(releaseRequest(event({ LastModifiedTime: 'oops' }, 'later'), approved, {}).input.evidence).toMatchObject({
      approvedAt: 'later',
    });
  });

  test('keeps the name within what Step Functions takes', () => {
    const long = { ...approved, model: 'x'.repeat(90) };
    expect(releaseRequest(event(), long, {}).name).toHaveLength(80);
  });
});

describe('trigger', () => {
  const ports = (start: TriggerPorts['start']): TriggerPorts => ({
    describe: () => Promise.resolve({ lastModifiedAt: MODIFIED }),
    start,
  });

  test('starts one execution', async () => {
    const start = jest.fn(() => Promise.resolve());
    expect(await trigger(event(), 'local', ports(start))).toMatch(/^started 'approval-rain-v2-/);
    expect(start).toHaveBeenCalledTimes(1);
  });

  test('does not mind a duplicate', async () => {
    const start = () => Promise.reject(Object.assign(new Error('exists'), { name: 'ExecutionAlreadyExists' }));
    expect(await trigger(event(), 'local', ports(start))).toMatch(/^already started/);
  });

  test('starts nothing for what is no approval', async () => {
    const start = jest.fn(() => Promise.resolve());
    expect(await trigger(event({ ModelApprovalStatus: 'Rejected' }), 'local', ports(start))).toMatch(/^ignored/);
    expect(start).not.toHaveBeenCalled();
  });

  test('fails on a fault, so that Lambda tries again and then keeps the event', async () => {
    const start = () => Promise.reject(new Error('throttled'));
    await expect(trigger(event(), 'local', ports(start))).rejects.toThrow('throttled');
  });
});
