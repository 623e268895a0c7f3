/** The middle value; between two of them, their mean. @throws {RangeError} when there is none */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const [low, high] = [sorted[Math.floor((sorted.length - 1) / 2)], sorted[Math.floor(sorted.length / 2)]];
  if (low === undefined || high === undefined) throw new RangeError("there is no median of nothing");
  return (low + high) / 2;
}

/** `median (min – max)`; the unit may be empty. */
export function spread(values: readonly number[], unit: string, digits = 2): string {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const text = (value: number) => value.toFixed(digits);
  const whole = (value: number) => `${text(value)} ${unit}`.trim();
  if (values.length === 1) return whole(low);
  return `${whole(median(values))} (${text(low)} – ${text(high)}, ${values.length} runs)`;
}
