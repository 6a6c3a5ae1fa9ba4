#!/usr/bin/env node
// what the AWS SDK says of Node's age is for who develops this, not for who reads an answer
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';
// TypeScript runs as it stands: nothing has to be built before a command answers
require('tsx/cjs');
require('./main.ts');
