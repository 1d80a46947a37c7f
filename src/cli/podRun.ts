import * as l10n from '@vscode/l10n';
import { DisposableStore } from '../engine/base/disposable.js';
import type { PodRun } from '../engine/protocol/podTypes.js';
import { runChanges } from './podChanges.js';
import { planText } from './podReport.js';
import type { CommandContext } from './commandContext.js';
import type { LoadFlags } from './loadFlags.js';
import { modelFile } from './modelFile.js';
import { aborted, machinesAnswered, podRole, withPod, withPodModel } from './podSession.js';
import { ProgressLine } from './progressLine.js';

/** Says what would happen with a model. Answers 1 when it runs nowhere. @throws EngineError */
export async function plan(context: CommandContext, word: string, flags: LoadFlags): Promise<number> {
  const file = await modelFile(context, word);
  if (file === null) return 1;
  return withPod(context, null, async ({ pod }) => {
    await machinesAnswered(pod, context.signal);
    const preview = await pod.plan(podRole(file, flags), context.signal);
    context.terminal.out.write(planText(preview));
    return preview.advice === 'none' ? 1 : 0;
  });
}

/** Loads a model on the pod and keeps it there until Ctrl+C, for `seekpod ask` in other terminals. @throws EngineError */
export async function run(context: CommandContext, word: string, flags: LoadFlags): Promise<number> {
  const file = await modelFile(context, word);
  if (file === null) return 1;
  const { root, terminal: { out, info }, signal } = context;
  return withPod(context, withPodModel(root, podRole(file, flags)), async (engine) => {
    await machinesAnswered(engine.pod, signal);
    const store = new DisposableStore();
    const progress = new ProgressLine(info);
    try {
      store.add(engine.pod.onStatus((status) => progress.pod(status)));
      await engine.load('chat', signal);
      progress.end();
      let seen: PodRun | null = null;
      const see = (): void => {
        const now = engine.pod.status?.run ?? null;
        if (now === null) return;
        for (const line of runChanges(seen, now)) out.write(`${line}\n`);
        seen = now;
      };
      store.add(engine.pod.onStatus(see));
      see();
      out.write(`${l10n.t('Ask it in another terminal: seekpod ask "…". Ctrl+C unloads it.')}\n`);
      await aborted(signal);
      return 0;
    } finally {
      progress.end();
      store.dispose();
      await engine.unload('chat');
    }
  });
}
