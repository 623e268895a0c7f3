// Pulumi's SDK formats a stack for each of its promises, to print it where PULUMI_DEBUG_PROMISE_LEAKS is set. That takes a
// fifth of the driver's time in an update. The SDK has no setting for it, so its function is replaced, and the version
// of the package is pinned.
type Debuggable = { debuggablePromise: (promise: Promise<unknown>, context: unknown) => Promise<unknown> };

const debuggable: Debuggable = require("@pulumi/pulumi/runtime/debuggable");
const { debuggablePromise } = debuggable;

if (!process.env.PULUMI_DEBUG_PROMISE_LEAKS)
  debuggable.debuggablePromise = (promise, context) => {
    const { stackTraceLimit } = Error;
    Error.stackTraceLimit = 0;
    try {
      return debuggablePromise(promise, context);
    } finally {
      Error.stackTraceLimit = stackTraceLimit;
    }
  };
