// What a trial shows that merged what it must not have (I1, I2): each by one record that somebody has tampered with.
import { ABANDONED, answeredInstead, endInstead, eventsOf, type Tampered } from '../tampering';

const UNSAID = /checked\/milestone stands merged on main as \w+, and no run says so/;
const without = (trailer: string) => (said: string) => said.replace(new RegExp(`^Millwright-${trailer}: .*$`, 'm'), '');

export const merges: Tampered[] = [
  [
    'I1',
    'a milestone that was merged twice',
    /checked\/milestone was merged 2 times/,
    (copy) => {
      copy.git('update-ref', 'refs/heads/main', copy.like('main', 'main main^1'));
    },
  ],
  [
    'I1',
    'a candidate that was merged twice',
    /the candidate \w+ was merged 2 times/,
    (copy) => {
      const other = (said: string) => said.replace('Milestone: milestone', 'Milestone: another');
      copy.git('update-ref', 'refs/heads/main', copy.like('main', 'main main^2', 'main^{tree}', other));
    },
  ],
  [
    'I1',
    'an effect that was left twice',
    /the effect \S+ in \S+ was left 2 times/,
    (copy) => {
      copy.git('update-ref', copy.ledger, copy.like(copy.ledger, copy.ledger));
    },
  ],
  [
    'I1',
    'a merge that was said and never made',
    /says it merged \w+, which is not on main/,
    (copy) => {
      copy.git('update-ref', 'refs/heads/main', 'main^1');
    },
  ],
  ['I1', 'a merge that no run says', UNSAID, (copy) => copy.history(endInstead('COMPLETED', ABANDONED))],
  [
    'I1',
    'a merge that a run says in no life of its own, once it was reset',
    UNSAID,
    (copy) => {
      copy.formerLife(endInstead('TERMINATED', {}));
      copy.history(endInstead('COMPLETED', ABANDONED));
    },
  ],
  [
    'I1',
    'an effect without a key',
    /\w+ in refs\/millwright\/\S+ has no Millwright-Key/,
    (copy) => {
      const { ledger } = copy;
      copy.git('update-ref', ledger, copy.like(ledger, ledger, `${ledger}^{tree}`, without('Key')));
    },
  ],
  [
    'I1',
    'a merge without a key',
    /\w+ in main has no Millwright-Key/,
    (copy) => {
      copy.merge(without('Key'));
    },
  ],
  [
    'I2',
    'a commit that somebody pushed to the base',
    /is no merge of the gate/,
    (copy) => {
      copy.git(
        'update-ref',
        'refs/heads/main',
        copy.git('commit-tree', '-p', 'main', '-m', 'quick fix', 'main^{tree}'),
      );
    },
  ],
  [
    'I2',
    'a tree that is not what was tested',
    /has the tree \w+, and merging its parents makes/,
    (copy) => {
      copy.git('update-ref', 'refs/heads/main', copy.like('main', 'main^@', 'main^1^{tree}'));
    },
  ],
  [
    'I2',
    'an approval that nobody sent',
    /approved by nobody/,
    (copy) =>
      copy.history((events) => {
        events.splice(events.indexOf(eventsOf(events, 'WORKFLOW_EXECUTION_SIGNALED')[0]!), 1);
      }),
  ],
  [
    'I2',
    'tests that were red',
    /only red test runs/,
    (copy) => copy.history((events) => answeredInstead(events, 'runTests', (result) => (result.green = false))),
  ],
  [
    'I2',
    "a person's commit that is gone",
    /\w+, which a person made, is gone from main/,
    (copy) => {
      copy.git('update-ref', 'refs/heads/main', copy.git('commit-tree', '-m', 'anew', 'main^{tree}'));
    },
  ],
  ...['Base', 'Candidate', 'Tree'].map((name): Tampered => [
    'I2',
    `a merge that names another ${name.toLowerCase()}`,
    new RegExp(`says its ${name.toLowerCase()} is 0000000000, and it is \\w+`),
    (copy) => {
      copy.merge((said) => said.replace(new RegExp(`(Millwright-${name}: )\\w+`), `$1${'0'.repeat(40)}`));
    },
  ]),
  ...['base', 'candidate', 'tree'].map((name): Tampered => [
    'I2',
    `tests of another ${name}`,
    /was tested by nobody/,
    (copy) => copy.history((events) => answeredInstead(events, 'runTests', (result) => (result[name] = 'another'))),
  ]),
  [
    'I2',
    'a ledger that is not there',
    /names the ledger refs\/millwright\/\S+, which is not there/,
    (copy) => {
      copy.git('update-ref', '-d', copy.ledger);
    },
  ],
  ...['base', 'candidate', 'tree'].map((name): Tampered => [
    'I2',
    `a test report of another ${name}`,
    /has no test report in its ledger/,
    (copy) => copy.ledgered('stages/verify/1/TestReport.json', (report) => (report[name] = 'another')),
  ]),
  [
    'I2',
    "a ledger in which somebody approved another one's work",
    /has no approval in its ledger/,
    (copy) => copy.ledgered('stages/approve/1/decision.json', (decision) => (decision.subject = 'another')),
  ],
  [
    'I2',
    'a ledger in which a person wanted changes',
    /has no approval in its ledger/,
    (copy) => copy.ledgered('stages/approve/1/decision.json', (decision) => (decision.decision = 'changes-requested')),
  ],
  [
    'I2',
    'a receipt of another merge',
    /has no receipt in its ledger/,
    (copy) => copy.ledgered('stages/merge/1/receipt.json', (receipt) => (receipt.commit = 'another')),
  ],
  ...['review', 'evaluate'].flatMap((stage): Tampered[] => {
    const nothing = new RegExp(`has nothing of ${stage} about its candidate in its ledger`);
    const handoff = `stages/${stage}/1/handoff.json`;
    return [
      ['I2', `a ledger without its ${stage}`, nothing, (copy) => copy.ledgered(handoff)],
      [
        'I2',
        `a ledger with the ${stage} of another candidate`,
        nothing,
        (copy) => copy.ledgered(handoff, (said) => (said.facts = { candidate: 'another' })),
      ],
      [
        'I2',
        `a ledger in which ${stage} was blocked`,
        nothing,
        (copy) => copy.ledgered(handoff, (said) => (said.status = 'blocked')),
      ],
    ];
  }),
];
