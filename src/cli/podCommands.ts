import * as l10n from '@vscode/l10n';
import { type Command, InvalidArgumentError } from 'commander';
import * as v from 'valibot';
import { machineNameSchema } from '../engine/protocol/podTypes.js';
import type { CommandContext } from './commandContext.js';
import { jsonText } from './jsonText.js';
import { addLoadFlags, type LoadFlags } from './loadFlags.js';
import { number } from './optionNumber.js';
import { findingsText, statusText } from './podReport.js';
import { add, pair, unpair } from './podPair.js';
import { plan, run } from './podRun.js';
import { machinesAnswered, withPod } from './podSession.js';
import { share, type ShareFlags } from './podShare.js';

/** Adds `seekpod pod …`. `execute` runs a command with what it needs and reports its failure. */
export function addPodCommands(program: Command, execute: (command: (context: CommandContext) => Promise<number>) => Promise<void>): void {
  const pod = program.command('pod').description(l10n.t('several machines that run one model together'));
  const gigabytes = number((value) => value >= 0 && value <= 65_536, l10n.t('gigabytes, from 0'));

  pod
    .command('share')
    .description(l10n.t('lend this machine to paired ones until Ctrl+C'))
    .option('--memory <GB>', l10n.t('lend at most so much memory; otherwise what is free'), gigabytes)
    .option('--cpu', l10n.t('lend the processor where there is no GPU'))
    .option('--only <machine...>', l10n.t('names or fingerprints of the paired machines that may use it'))
    .option('--port <number>', l10n.t('TCP port to listen on; 0 takes any'), number((value) => Number.isInteger(value) && value >= 0 && value <= 65_535, l10n.t('a port number')))
    .option('--cache <GB>', l10n.t('disk space for lent weights, so that the next load is faster; 0 keeps none'), gigabytes)
    .option('--name <name>', l10n.t('what other machines see as the name of this one'), name)
    .action((flags: ShareFlags) => execute((context) => share(context, flags)));

  pod
    .command('status')
    .description(l10n.t('say which machines there are and what runs on them'))
    .option('--json', l10n.t('as JSON'))
    .action(({ json }: { json?: boolean }) =>
      execute((context) =>
        withPod(context, null, async (engine) => {
          const status = await machinesAnswered(engine.pod, context.signal);
          if (status !== null) context.terminal.out.write(json === true ? jsonText(status) : statusText(status));
          return status === null ? 1 : 0;
        }),
      ),
    );

  pod
    .command('pair')
    .description(l10n.t('pair with a machine that is being shared'))
    .argument('<machine>', l10n.t('name, fingerprint, or host:port'))
    .action((machine: string) => execute((context) => pair(context, machine)));

  pod
    .command('unpair')
    .description(l10n.t('forget a paired machine'))
    .argument('<machine>', l10n.t('name or fingerprint'))
    .action((machine: string) => execute((context) => unpair(context, machine)));

  pod
    .command('add')
    .description(l10n.t('add a machine that does not show itself, by its address'))
    .argument('<host:port>')
    .action((address: string) => execute((context) => add(context, address)));

  addLoadFlags(pod.command('plan'))
    .description(l10n.t('say where the layers of a model would go and how fast it would be'))
    .argument('<model>', l10n.t('a GGUF file, or name, id or file of an installed model'))
    .action((model: string, flags: LoadFlags) => execute((context) => plan(context, model, flags)));

  addLoadFlags(pod.command('run'))
    .description(l10n.t('load a model on the pod until Ctrl+C'))
    .argument('<model>', l10n.t('a GGUF file, or name, id or file of an installed model'))
    .action((model: string, flags: LoadFlags) => execute((context) => run(context, model, flags)));

  pod
    .command('doctor')
    .description(l10n.t('look for what keeps machines from finding or using each other'))
    .action(() =>
      execute((context) =>
        withPod(context, null, async (engine) => {
          const findings = await engine.pod.doctor(context.signal);
          context.terminal.out.write(findingsText(findings));
          return findings.some(({ verdict }) => verdict === 'bad') ? 1 : 0;
        }),
      ),
    );
}

function name(text: string): string {
  const read = v.safeParse(machineNameSchema, text);
  if (!read.success) throw new InvalidArgumentError(l10n.t('a name of 1 to 128 characters'));
  return read.output;
}
