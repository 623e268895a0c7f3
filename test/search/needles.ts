/** One value that is looked for, and how it may be written down. */
export interface Needle {
  /** Says which value it is, without being it. */
  readonly label: string;
  readonly forms: ReadonlyMap<string, Buffer>;
}

export function needle(label: string, value: string): Needle {
  const bytes = Buffer.from(value);
  const forms: [string, Buffer][] = [
    ["plain", bytes],
    ["hex", Buffer.from(bytes.toString("hex"))],
    ...[0, 1, 2].map((offset): [string, Buffer] => ["base64", base64At(bytes, offset)]),
  ];
  return { label, forms: new Map(forms.map(([name, form], i) => [`${name} ${i}`, form])) };
}

/** Base64 of anything that holds the value at this offset (modulo 3), without what its neighbours have a part in. */
function base64At(bytes: Buffer, offset: number): Buffer {
  const text = Buffer.concat([Buffer.alloc(offset), bytes])
    .toString("base64")
    .replace(/=+$/, "");
  const head = Math.ceil((offset * 8) / 6);
  const tail = (offset + bytes.length) % 3 === 0 ? 0 : 1;
  return Buffer.from(text.slice(head, text.length - tail));
}

/** A value that was found. */
export interface Hit {
  readonly where: string;
  readonly label: string;
  readonly form: string;
}

export function searchBytes(where: string, bytes: Buffer, needles: readonly Needle[]): Hit[] {
  return needles.flatMap(({ label, forms }) => {
    const found = [...forms].filter(([, form]) => bytes.includes(form));
    return found.slice(0, 1).map(([form]) => ({ where, label, form: form.split(" ")[0] ?? form }));
  });
}
