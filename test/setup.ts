// The CDK's own CloudFormation validation multiplies synth time by ten; `npm run synth` runs it instead.
process.env.CDK_VALIDATION = 'false';
