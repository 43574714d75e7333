/** What was asked for is done, and well. */
export const EXIT_SUCCESS = 0;
/** The run failed. */
export const EXIT_FAILED = 1;
/** The command line or a file is wrong; nothing was run. */
export const EXIT_USAGE = 2;
/** What was cancelled is over, but processes or containers of it are left. */
export const EXIT_LEFTOVERS = 3;
/** The daemon cannot be reached. */
export const EXIT_UNREACHABLE = 5;
/** A bug of ours. */
export const EXIT_BUG = 70;
/** The time to wait is over and the run is not, as with `timeout`. */
export const EXIT_TIMED_OUT = 124;
/** The run was cancelled, or nobody waits for it any more, as a shell says of a program ended by Ctrl-C. */
export const EXIT_CANCELLED = 130;
