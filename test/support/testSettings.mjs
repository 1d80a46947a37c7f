/** Settings of the VS Code that the suites drive: nothing moves, and the daemon ends with the last window. */
export const testSettings = {
  settings: {
    'security.workspace.trust.enabled': false,
    'workbench.reduceMotion': 'on',
    'editor.minimap.enabled': false,
    'files.autoSave': 'off',
    'git.enabled': false,
    'seekpod.log.level': 'debug',
    'seekpod.chat.seed': 2,
    'seekpod.completion.seed': 1,
  },
  machineSettings: { 'seekpod.engine.exitAfterMinutes': 0, 'seekpod.engine.threads': 2 },
};
