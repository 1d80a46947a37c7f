import { openAnswer } from '../../../engine/chat/conversation.js';
import type { ChatState, Draft } from '../../chatState.js';
import type { Post } from '../vscodeApi.js';
import { composer } from './composer.js';
import { conversationPanel } from './conversationPanel.js';
import { emptyState } from './emptyState.js';
import { engineBanner } from './engineBanner.js';
import { header } from './header.js';
import { notices } from './notices.js';
import { transcript } from './transcript.js';

export interface App {
  update(state: ChatState): void;
  focusComposer(): void;
  /** VS Code has focused the page; where that leaves nothing in it with the focus, the question has it. */
  pageFocused(): void;
  openConversations(): void;
}

/** The whole view. Each part renders what it is about, and nothing when that is unchanged. */
export function createApp(root: HTMLElement, post: Post, ownDraft: Draft): App {
  let shown: ChatState | undefined;
  const panel = conversationPanel(post, () => head.setExpanded(false), () => head.focusPicker());
  const openConversations = (): void => {
    panel.open();
    head.setExpanded(true);
  };
  const head = header(() => (panel.isOpen ? panel.close() : openConversations()), () => {
    post({ type: 'newConversation' });
    compose.focus();
  }, () => post({ type: 'chooseModel' }));
  const empty = emptyState(post);
  const turns = transcript(post, empty.element);
  const banner = engineBanner(post);
  const notes = notices(post);
  const compose = composer(post);
  // A press beside every control leaves the focus here, and not outside, where no key would be heard.
  root.tabIndex = -1;
  root.append(head.element, panel.element, turns.element, banner.element, notes.element, compose.element);
  compose.setDraft(ownDraft);

  root.addEventListener('focusin', ({ target }) => {
    if (target instanceof Node && !panel.element.contains(target) && !head.element.contains(target)) panel.dismiss();
  });
  // The keys of an input method are not ours: Enter takes what it composed, Escape gives it up.
  root.addEventListener('keydown', (event) => {
    if (event.isComposing) event.stopPropagation();
  }, { capture: true });
  root.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape' || shown === undefined || openAnswer(shown.conversation) === undefined) return;
    event.preventDefault();
    post({ type: 'stop' });
  });

  return {
    update(state) {
      const before = shown;
      // Who is in the editor meanwhile is left there.
      const focused = document.hasFocus() ? document.activeElement : null;
      shown = state;
      if (before?.conversation !== state.conversation) {
        head.update(state.conversation);
        turns.update(state.conversation);
      }
      if (before?.demonstration !== state.demonstration) empty.update(state);
      if (before?.modelName !== state.modelName) head.setModel(state.modelName);
      if (before?.engine !== state.engine) banner.update(state.engine);
      if (before?.notices !== state.notices) notes.update(state.notices);
      if (state.draft.at > compose.draft.at) compose.setDraft(state.draft);
      panel.update(state);
      compose.update(state);
      // What had the focus may be gone: a deleted row, an edited question, an answer that is made anew.
      if (focused?.isConnected === false && document.activeElement === document.body) compose.focus();
    },
    focusComposer: () => compose.focus(),
    pageFocused() {
      if ((document.activeElement === document.body || document.activeElement === root) && !panel.isOpen) compose.focus();
    },
    openConversations,
  };
}
