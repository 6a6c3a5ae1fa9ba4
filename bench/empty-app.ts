/** What any CDK app pays: start, load the library, write one empty stack. */
import { App, Stack } from 'aws-cdk-lib';

const app = new App();
new Stack(app, 'Empty');
app.synth();
