export interface Field {
  readonly name: string;
  readonly value: string;
}

/** RFC 9114 section 4.2.2: the size of a field section counts 32 bytes for each field besides its text. */
const FIELD_OVERHEAD_BYTES = 32;

export const fieldBytes = ({ name, value }: Field): number => name.length + value.length + FIELD_OVERHEAD_BYTES;
