import type { CloudFormationCustomResourceEvent } from 'aws-lambda';

/** CloudFormation refuses longer answers. */
const MAX_REASON_LENGTH = 1_000;

/**
 * Does a custom resource's work and tells CloudFormation how it went. The physical id is the logical one: it never
 * changes, so no update ever deletes what an earlier one made.
 */
export async function answerCustomResource(
  event: CloudFormationCustomResourceEvent,
  work: () => Promise<void>,
): Promise<void> {
  let failure: string | undefined;
  try {
    await work();
  } catch (error) {
    console.error(error);
    failure = error instanceof Error ? error.message : String(error);
  }
  const response = await fetch(event.ResponseURL, {
    method: 'PUT',
    // the URL is signed for a request without a content type
    headers: { 'content-type': '' },
    body: JSON.stringify({
      Status: failure === undefined ? 'SUCCESS' : 'FAILED',
      Reason: failure?.slice(0, MAX_REASON_LENGTH),
      PhysicalResourceId: event.RequestType === 'Create' ? event.LogicalResourceId : event.PhysicalResourceId,
      StackId: event.StackId,
      RequestId: event.RequestId,
      LogicalResourceId: event.LogicalResourceId,
    }),
  });
  if (!response.ok) {
    throw new Error(`CloudFormation refused the answer of '${event.LogicalResourceId}': ${response.status}`);
  }
}
