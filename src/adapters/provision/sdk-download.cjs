// Downloads Temporal's command line into a folder with the SDK's own downloader: `node sdk-download.cjs <folder>`.
// The SDK offers this only as part of starting a development server, so one is started and stopped.
'use strict';

const { TestWorkflowEnvironment } = require('@temporalio/testing');

const executable = { type: 'cached-download', downloadDir: process.argv[2] };

TestWorkflowEnvironment.createLocal({ server: { executable } })
  .then((server) => server.teardown())
  .catch((error) => {
    console.error(error.message);
    process.exit(1);
  });
