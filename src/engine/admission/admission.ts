import { FairQueue } from '../fair-queue.ts';

/** A run as far as its admission goes. */
export interface Candidate {
  readonly id: string;
  readonly workflow: string;
  /** The concurrency group it belongs to, and how many of that may run at once. */
  readonly group: { readonly name: string; readonly limit: number } | null;
  /** Waits until every earlier run of its workflow is over. */
  readonly isSerial: boolean;
  /** Belongs to a run that has a place, and needs none of its own: the two would wait for each other. */
  readonly isCalled: boolean;
}

/**
 * Which of the runs that are not over may run: a serial run after those before it, a member of a group while the group has room,
 * and all of them within `most`. Within a workflow and a group they go in the order they were added, workflows take turns. Nothing
 * here waits or is written: it is the state that decisions are made on, and holds runs whose record is still on its way to the disk.
 */
export class Admission {
  readonly #most: number;
  readonly #members = new Map<string, Member>();
  /** By workflow, in the order of adding. */
  readonly #workflows = new Map<string, Set<Member>>();
  readonly #groups = new Map<string, Group>();
  /** Those that want only for a place. */
  readonly #ready = new FairQueue<Member>();
  readonly #startable = new Set<Member>();
  /** Members that hold a place. */
  #placed = 0;
  /** Called members that go on without one. */
  #within = 0;

  constructor(most: number) {
    this.#most = most;
  }

  /** How many runs wait for their turn. */
  get waiting(): number {
    return this.#members.size - this.#placed - this.#within;
  }

  /** The oldest run of a workflow that is not over. */
  oldest(workflow: string): string | undefined {
    return first(this.#workflows.get(workflow))?.candidate.id;
  }

  /** The runs of a group that are not over, oldest first. */
  membersOf(group: string): readonly string[] {
    return [...(this.#groups.get(group)?.members ?? [])].map(({ candidate }) => candidate.id);
  }

  /** Takes a run in; true when its turn has come. It is not offered before `confirm`. */
  add(candidate: Candidate): boolean {
    const member = this.#enter(candidate);
    this.#advance(member);
    return member.isPlaced;
  }

  /** Takes in a run that runs already, whatever the bounds say. */
  addRunning(candidate: Candidate): void {
    const member = this.#enter(candidate);
    const group = this.#groupOf(member);
    group?.waiting.delete(member);
    group?.holders.add(member);
    this.#place(member);
  }

  /** The run is durable and may be offered. */
  confirm(id: string): void {
    const member = this.#members.get(id);
    if (!member || member.isConfirmed) return;
    member.isConfirmed = true;
    if (member.isPlaced) this.#startable.add(member);
  }

  /** A run whose turn has come, each once; only one that was called when `onlyCalled`. */
  next(onlyCalled = false): string | undefined {
    const member = first(onlyCalled ? [...this.#startable].filter(isCalled) : this.#startable);
    if (member) this.#startable.delete(member);
    return member?.candidate.id;
  }

  /** The run is over, or was never made. */
  remove(id: string): void {
    const member = this.#members.get(id);
    if (!member) return;
    const { workflow } = member.candidate;
    this.#members.delete(id);
    this.#startable.delete(member);
    this.#ready.delete(workflow, member);
    if (member.isPlaced) this.#count(member, -1);
    this.#leave(member);
    const oldest = first(this.#workflows.get(workflow));
    if (oldest?.candidate.isSerial) this.#advance(oldest);
    this.#fill();
  }

  #enter(candidate: Candidate): Member {
    const member: Member = { candidate, isConfirmed: false, isPlaced: false };
    this.#members.set(candidate.id, member);
    const siblings = this.#workflows.get(candidate.workflow) ?? new Set();
    this.#workflows.set(candidate.workflow, siblings.add(member));
    const group = this.#groupOf(member);
    group?.members.add(member);
    group?.waiting.add(member);
    return member;
  }

  #leave(member: Member): void {
    const siblings = this.#workflows.get(member.candidate.workflow);
    siblings?.delete(member);
    if (siblings?.size === 0) this.#workflows.delete(member.candidate.workflow);
    const group = this.#groupOf(member);
    if (!group) return;
    group.members.delete(member);
    group.waiting.delete(member);
    group.holders.delete(member);
    if (group.members.size === 0) this.#groups.delete(member.candidate.group?.name ?? '');
    for (let next = first(group.waiting); next && this.#claim(next); next = first(group.waiting)) this.#advance(next);
  }

  /** Brings a run as far as it can get now. */
  #advance(member: Member): void {
    const { workflow, isSerial } = member.candidate;
    if (member.isPlaced || !this.#claim(member)) return;
    if (isSerial && first(this.#workflows.get(workflow)) !== member) return;
    if (isCalled(member)) {
      this.#start(member);
      return;
    }
    this.#ready.add(workflow, member);
    this.#fill();
  }

  /** Whether the run has, or now gets, its part of the group. */
  #claim(member: Member): boolean {
    const group = this.#groupOf(member);
    if (!group || group.holders.has(member)) return true;
    if (first(group.waiting) !== member || group.holders.size >= (member.candidate.group?.limit ?? 1)) return false;
    group.waiting.delete(member);
    group.holders.add(member);
    return true;
  }

  #fill(): void {
    while (this.#placed < this.#most) {
      const member = this.#ready.take();
      if (!member) return;
      this.#start(member);
    }
  }

  #start(member: Member): void {
    this.#place(member);
    if (member.isConfirmed) this.#startable.add(member);
  }

  #place(member: Member): void {
    member.isPlaced = true;
    this.#count(member, 1);
  }

  #count(member: Member, by: number): void {
    if (isCalled(member)) this.#within += by;
    else this.#placed += by;
  }

  #groupOf({ candidate }: Member): Group | undefined {
    if (!candidate.group) return undefined;
    const known = this.#groups.get(candidate.group.name);
    if (known) return known;
    const group: Group = { members: new Set(), waiting: new Set(), holders: new Set() };
    this.#groups.set(candidate.group.name, group);
    return group;
  }
}

interface Member {
  readonly candidate: Candidate;
  isConfirmed: boolean;
  isPlaced: boolean;
}

interface Group {
  /** All, oldest first. */
  readonly members: Set<Member>;
  readonly waiting: Set<Member>;
  readonly holders: Set<Member>;
}

function isCalled({ candidate }: Member): boolean {
  return candidate.isCalled;
}

function first<T>(items: Iterable<T> | undefined): T | undefined {
  for (const item of items ?? []) return item;
  return undefined;
}
