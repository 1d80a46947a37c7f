import * as l10n from '@vscode/l10n';
import { DisposableStore } from '../engine/base/disposable.js';
import type { PodRun } from '../engine/protocol/podTypes.js';
import { runChanges } from './podChanges.js';
import { planText } from './podReport.js';
import type { CommandContext } from './commandContext.js';
import { aborted, machinesAnswered, podRole, withPod, withPodModel } from './podSession.js';
import { ProgressLine } from './progressLine.js';

/** Says what would happen with a model. Answers 1 when it runs nowhere. @throws EngineError */
export function plan(context: CommandContext, model: string, contextSize: number | undefined): Promise<number> {
  return withPod(context, null, async ({ pod }) => {
    await machinesAnswered(pod, context.signal);
    const preview = await pod.plan(podRole(model, contextSize), context.signal);
    context.terminal.out.write(planText(preview));
    return preview.advice === 'none' ? 1 : 0;
  });
}

/** Loads a model on the pod and keeps it there until Ctrl+C, for `seekpod ask` in other terminals. @throws EngineError */
export function run(context: CommandContext, model: string, contextSize: number | undefined): Promise<number> {
  const { root, terminal: { out, info }, signal } = context;
  return withPod(context, withPodModel(root, podRole(model, contextSize)), async (engine) => {
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
