/** A platform with one model, and nothing that trains or watches it. */
import { CfnOutput, Stack } from 'aws-cdk-lib';
import { oneModel } from './one-model';

const releaseController = oneModel();
const platform = Stack.of(releaseController);
// by these names the `mlops` command line finds a platform
new CfnOutput(platform, 'ReleaseStateMachineArn', { value: releaseController.stateMachine.stateMachineArn });
new CfnOutput(platform, 'LedgerTableName', { value: releaseController.ledgerTable.tableName });
