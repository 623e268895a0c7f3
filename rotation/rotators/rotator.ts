/** What a rotator of one's own needs: `import { … } from "secret-rotation/rotator"`, see README.md here. */
export { z } from "zod";
export { duration } from "../../infra/config/duration";
export { defineRotator } from "./defineRotator";
export { type Credential, RotatorError, type RotatorSteps, type StepContext, type Verdict } from "./own/steps";
