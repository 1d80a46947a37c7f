/** How a tensor's elements are stored: `bytes` per `block` of elements. */
export interface GgmlType {
  readonly name: string;
  readonly block: number;
  readonly bytes: number;
}

/** The tensor types of GGUF files by their number, as ggml of llama.cpp v0.4.0 has them (`ggml_blck_size`, `ggml_type_size`). */
export const ggmlTypes: ReadonlyMap<number, GgmlType> = new Map<number, GgmlType>([
  [0, { name: 'f32', block: 1, bytes: 4 }],
  [1, { name: 'f16', block: 1, bytes: 2 }],
  [2, { name: 'q4_0', block: 32, bytes: 18 }],
  [3, { name: 'q4_1', block: 32, bytes: 20 }],
  [6, { name: 'q5_0', block: 32, bytes: 22 }],
  [7, { name: 'q5_1', block: 32, bytes: 24 }],
  [8, { name: 'q8_0', block: 32, bytes: 34 }],
  [9, { name: 'q8_1', block: 32, bytes: 36 }],
  [10, { name: 'q2_K', block: 256, bytes: 84 }],
  [11, { name: 'q3_K', block: 256, bytes: 110 }],
  [12, { name: 'q4_K', block: 256, bytes: 144 }],
  [13, { name: 'q5_K', block: 256, bytes: 176 }],
  [14, { name: 'q6_K', block: 256, bytes: 210 }],
  [15, { name: 'q8_K', block: 256, bytes: 292 }],
  [16, { name: 'iq2_xxs', block: 256, bytes: 66 }],
  [17, { name: 'iq2_xs', block: 256, bytes: 74 }],
  [18, { name: 'iq3_xxs', block: 256, bytes: 98 }],
  [19, { name: 'iq1_s', block: 256, bytes: 50 }],
  [20, { name: 'iq4_nl', block: 32, bytes: 18 }],
  [21, { name: 'iq3_s', block: 256, bytes: 110 }],
  [22, { name: 'iq2_s', block: 256, bytes: 82 }],
  [23, { name: 'iq4_xs', block: 256, bytes: 136 }],
  [24, { name: 'i8', block: 1, bytes: 1 }],
  [25, { name: 'i16', block: 1, bytes: 2 }],
  [26, { name: 'i32', block: 1, bytes: 4 }],
  [27, { name: 'i64', block: 1, bytes: 8 }],
  [28, { name: 'f64', block: 1, bytes: 8 }],
  [29, { name: 'iq1_m', block: 256, bytes: 56 }],
  [30, { name: 'bf16', block: 1, bytes: 2 }],
  [34, { name: 'tq1_0', block: 256, bytes: 54 }],
  [35, { name: 'tq2_0', block: 256, bytes: 66 }],
  [39, { name: 'mxfp4', block: 32, bytes: 17 }],
  [40, { name: 'nvfp4', block: 64, bytes: 36 }],
  [41, { name: 'q1_0', block: 128, bytes: 18 }],
  [42, { name: 'q2_0', block: 64, bytes: 18 }],
]);

/** Types that were in files once and are no longer read, by the names people know them by. */
const retiredTypes: ReadonlyMap<number, string> = new Map([
  [4, 'q4_2'],
  [5, 'q4_3'],
  [31, 'q4_0_4_4'],
  [32, 'q4_0_4_8'],
  [33, 'q4_0_8_8'],
  [36, 'iq4_nl_4_4'],
  [37, 'iq4_nl_4_8'],
  [38, 'iq4_nl_8_8'],
]);

/** Numbers of types are given in a row, and forks leave some hundred free: a larger one is no type. */
const mostTypes = 1_024;

/** What to call a type that is not in `ggmlTypes`; `null` for a number that no version will have. */
export function unknownTypeName(type: number): string | null {
  return retiredTypes.get(type) ?? (type < mostTypes ? `#${type}` : null);
}
