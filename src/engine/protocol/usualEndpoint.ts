/** Base address of the hub, where no mirror is named. */
export const usualEndpoint = 'https://huggingface.co';
