// npm run report -- ID: what came of a run, put together from its ledger; also of one that is still under way.
import { readDelivery } from '../src/activities/delivery';
import { composeReport } from '../src/domain/report';
import { reportMarkdown } from '../src/domain/report-markdown';
import type { Status } from '../src/domain/status';
import { Ended, exitCodes } from './cli/exit-codes';
import { reportLines } from './cli/report-lines';
import { gitHere, patiently } from './cli/repository-reading';
import { manyLines, oneLine, safeJson } from './cli/safe-text';
import { openScreen } from './cli/screen';
import { withServer } from './cli/server';
import { seeRun } from './cli/sight';
import { endWithReader, run, verb } from './cli/verb';

type Options = { json?: boolean; markdown?: boolean };

const command = verb({
  name: 'report',
  does: 'The report of a project or a milestone, also of one under way: results, deliverables, risks, debt, and what comes next. Reads the target repository.',
  examples: ['shop', 'shop --markdown > report.md', 'shop/login --json'],
})
  .argument('<id>', 'a project, or a milestone as <project>/<milestone>')
  .option('--markdown', 'as Markdown')
  .option('--json', 'as a FinalReport for a program')
  .action((id: string, options: Options) =>
    withServer(async (server) => {
      const { status, silence } = await seeRun(server, id);
      if (status === undefined)
        throw new Ended(exitCodes.unanswered, `${id} gives no account: ${oneLine(silence ?? '')}`);
      await print(status, options);
    }),
  );

async function print(status: Status, { json, markdown }: Options): Promise<void> {
  endWithReader();
  const report = composeReport(status, await read(status));
  if (json) console.log(safeJson(report));
  else if (markdown) console.log(manyLines(reportMarkdown(status, report)).trimEnd());
  else console.log(reportLines(status, report, openScreen().width).join('\n'));
}

async function read(status: Status) {
  const { repository } = status;
  return patiently(readDelivery(gitHere(), repository, status)).catch((error: unknown) => {
    if (error instanceof Ended) throw error;
    const why = error instanceof Error ? error.message : String(error);
    const words = `The report of ${status.id} is in ${repository}, which cannot be read from here: ${why}`;
    throw new Ended(exitCodes.failed, oneLine(words));
  });
}

run(command);
