import { InvalidArgumentError } from 'commander';

/** For an option that is a number. */
export function number(check: (value: number) => boolean, expected: string): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() === '' || !check(value)) throw new InvalidArgumentError(expected);
    return value;
  };
}
