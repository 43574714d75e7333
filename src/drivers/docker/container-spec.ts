import type { Json, JsonObject } from '../../model/json.ts';
import type { Job } from '../../model/ports.ts';

/** The `spec` of a docker task, rendered, with defaults in place. */
export interface DockerSpec {
  readonly image: string;
  /** A script, arguments, or null for the image's own command. */
  readonly command: string | readonly string[] | null;
  /** null is the image's. */
  readonly entrypoint: readonly string[] | null;
  /** null is the daemon's. */
  readonly user: string | null;
  readonly volumes: readonly Volume[];
  /** null is the engine's default. */
  readonly network: string | null;
  readonly pull: 'missing' | 'always' | 'never';
  readonly pullTimeout: string;
  readonly registryAuth: { readonly user: string; readonly password: string } | null;
  readonly privileged: boolean;
}

/** A folder or file of this machine that a container sees. */
export interface Volume {
  readonly source: string;
  readonly target: string;
  readonly readOnly: boolean;
}

/** Reads the spec of a job, which has passed the schema. */
export function readSpec({ spec }: Job): DockerSpec {
  const { image, command, entrypoint, user, volumes, network, pull, registry_auth: auth } = spec;
  return {
    image: String(image),
    command: typeof command === 'string' ? command : texts(command),
    entrypoint: texts(entrypoint),
    user: text(user),
    volumes: Array.isArray(volumes) ? volumes.map((volume) => readVolume(volume as JsonObject)) : [],
    network: text(network),
    pull: pull === 'always' || pull === 'never' ? pull : 'missing',
    pullTimeout: text(spec.pull_timeout) ?? '10m',
    registryAuth: auth === undefined ? null : readAuth(auth as JsonObject),
    privileged: spec.privileged === true,
  };
}

function readVolume({ source, target, read_only: readOnly }: JsonObject): Volume {
  return { source: String(source), target: text(target) ?? String(source), readOnly: readOnly === true };
}

function readAuth({ user, password }: JsonObject): { user: string; password: string } {
  return { user: String(user), password: String(password) };
}

function text(value: Json | undefined): string | null {
  return value === undefined || value === null ? null : String(value);
}

function texts(value: Json | undefined): readonly string[] | null {
  return Array.isArray(value) ? value.map(String) : null;
}
