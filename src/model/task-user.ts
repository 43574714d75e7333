/** Another user that tasks run as. */
export interface TaskUser {
  readonly name: string;
  readonly uid: number;
  /** The user's own group; tasks get all groups of the user. */
  readonly gid: number;
  readonly home: string;
  /** Absolute path of `setpriv`, which becomes that user and then the task. */
  readonly setpriv: string;
}
