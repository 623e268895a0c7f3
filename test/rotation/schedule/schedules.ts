import { type ScheduleDeclaration, scheduleSchema } from "../../../infra/config/scheduleSchema";

export function scheduleOf(declared: object): ScheduleDeclaration {
  return scheduleSchema.parse(declared);
}

export const at = (text: string) => new Date(text);
export const day = 86_400_000;
