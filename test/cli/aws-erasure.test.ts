import { LambdaClient } from '@aws-sdk/client-lambda';
import { askErasureFunction } from '../../cli/aws-erasure';
import { NotThereError } from '../../cli/errors';

test('fails where no model names whose rows its data are, by the property and with the fix', async () => {
  const request = { model: 'rain', subject: 'ada', id: 'erase-1', requestedBy: 'eve', dryRun: true };

  const asked = askErasureFunction(new LambdaClient({ region: 'eu-west-1' }), undefined, 'dev', request);

  await expect(asked).rejects.toThrow(NotThereError);
  await expect(asked).rejects.toThrow("no output 'ErasureFunctionName': no model of it names a 'subject'");
});
