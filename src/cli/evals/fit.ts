// `conclave eval fit`: synthetic voters like recorded ones, for councils that nobody can afford to ask, and how like they are.
import { resolve } from 'node:path';
import { badInput } from '../../errors.ts';
import { written } from '../../evals/report/written-numbers.ts';
import { type EvalResult, RESULT_KIND } from '../../evals/results/eval-result.ts';
import { fidelityOf } from '../../evals/synthetic/fidelity.ts';
import { fidelitySections } from '../../evals/synthetic/fidelity-sections.ts';
import { fitLatentModel } from '../../evals/synthetic/fit.ts';
import { domainsFrom, readLatentModel, writtenModel } from '../../evals/synthetic/latent-model.ts';
import { utf8 } from '../../signing/bytes.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { asTyped } from '../folders.ts';
import { padEnd, padStart, visible } from '../layout.ts';
import { requireOwn, writeOwn } from '../own-file.ts';
import type { Terminal } from '../terminal.ts';
import { checkOutputs, typedCommand, writeOutputs } from './outputs.ts';
import { type PoolOptions, readPool } from './pool.ts';

export interface FitWords extends PoolOptions {
  readonly model: string;
  readonly domainsFrom?: string;
  readonly source: string;
  readonly licence: string;
  readonly out?: readonly string[];
  readonly seed: number;
}

const LABEL_COLUMNS = 64;

/** How a written model begins. */
const MODEL_HEAD = 'schemaVersion: 1\nkind: conclave-latent-model\n';

export async function fit(
  files: readonly string[],
  options: FitWords,
  terminal: Terminal,
): Promise<ExitCode> {
  const { seed, source, licence, out = [] } = options;
  checkOutputs(out);
  const file = resolve(options.model);
  requireOwn(file, MODEL_HEAD);
  const { table: recorded, dataset, sources } = await readPool(files, options);
  const [data, ...more] = sources;
  if (data === undefined || more.length > 0)
    throw badInput('expected one file of verdicts to fit a model to');
  const known = options.domainsFrom === undefined ? undefined : readLatentModel(options.domainsFrom);
  const table = known === undefined ? recorded : { ...recorded, voters: domainsFrom(known, recorded.voters) };
  const provenance = { dataset, source, licence, sha256: data.digest };
  const model = fitLatentModel(table, { provenance, seed });
  await writeOwn(file, utf8(writtenModel(model)), { secret: false });
  const fidelity = fidelityOf(table, model, { seed });
  const result: EvalResult = {
    schemaVersion: 1,
    kind: RESULT_KIND,
    suite: {
      name: 'fit',
      title: `Synthetic voters like those of ${dataset}`,
      question: 'Do voters drawn from the model err together as the recorded ones do?',
    },
    command: typedCommand(),
    seed,
    sources,
    limits: ['A model that matches a recording is not shown to foretell another one.'],
    sections: fidelitySections(fidelity),
  };
  const { colors } = terminal;
  terminal.say(
    '',
    `  ${padEnd('', LABEL_COLUMNS + 2)} recorded  simulated, 95 % between`,
    ...fidelity.figures.map(({ label, unit, observed, simulated, within }) => {
      const sign = within ? colors.green('✓') : colors.yellow('–');
      return `  ${sign} ${padEnd(visible(label), LABEL_COLUMNS)} ${padStart(written(observed, unit), 8)}  ${padStart(written(simulated.low, unit), 8)} to ${written(simulated.high, unit)}`;
    }),
    '',
    `  the model is written to ${asTyped(file)}`,
  );
  const paths = await writeOutputs(out, [result], terminal);
  terminal.result({ model: file, fidelity: fidelity.figures, sources, seed, written: paths });
  return EXIT.yes;
}
