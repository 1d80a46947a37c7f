/** The bundler turns a text file into its text. */
declare module '*.txt' {
  const text: string;
  // oxlint-disable-next-line import/no-default-export -- how bundlers give a text file
  export default text;
}
