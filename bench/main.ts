// One entry for the bundler.
export { benchOptions, benchSlots, chatModel, measureChat, openClient } from './engine.js';
export { measureDownload } from './download.js';
export { measurePlacement } from './placement.js';
export { replay } from './typing.js';
