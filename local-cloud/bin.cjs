#!/usr/bin/env node
// TypeScript runs as it stands: nothing has to be built before the cloud starts
require('tsx/cjs');
require('./cli.ts');
