import type { CloudFormationCustomResourceEvent } from 'aws-lambda';

/** CloudFormation refuses longer answers. */
const MAX_REASON_LENGTH = 1_000;

/** The answer is left to a later run of the function. */
export const UNFINISHED = Symbol('unfinished');

/** What other resources may read from a custom resource. */
export type Attributes = Readonly<Record<string, string>>;

/**
 * Does a custom resource's work and tells CloudFormation how it went. The physical id is the logical one: it never
 * changes, so no update ever deletes what an earlier one made.
 */
export async function answerCustomResource(
  event: CloudFormationCustomResourceEvent,
  work: () => Promise<Attributes | typeof UNFINISHED | undefined>,
): Promise<void> {
  let failure: string | undefined;
  let attributes: Attributes | undefined;
  try {
    const result = await work();
    if (result === UNFINISHED) return;
    attributes = result;
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
      Data: attributes,
    }),
  });
  if (!response.ok) {
    throw new Error(`CloudFormation refused the answer of '${event.LogicalResourceId}': ${response.status}`);
  }
}
