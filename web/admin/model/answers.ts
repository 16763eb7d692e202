// What the operations answer (docs/api.md), as far as the pages show it. Times are as 2026-11-27T12:00:00Z.

export interface Status {
    readonly version: string;
    readonly host_name: string;
    readonly process: number;
    readonly started: string;
    readonly listening: readonly { readonly service: string; readonly endpoint: string }[];
    readonly connections: number;
    readonly connections_max: number;
    readonly memory_bytes: number;
    readonly memory_budget: number;
    readonly memory: readonly { readonly name: string; readonly bytes: number; readonly bytes_max?: number }[];
    readonly disk_free_bytes: number;
    readonly store_bytes: number;
    readonly queued: number;
    readonly queue_oldest: string | null;
    readonly index_waiting: number;
    readonly certificates: readonly { readonly name: string; readonly ends: string | null; readonly problem: string; readonly days_left?: number }[];
    readonly last_backup: { readonly time: string; readonly folder: string } | null;
    readonly warnings: readonly string[];
}

export interface JourneyEvent {
    readonly journey: string;
    readonly time: string;
    readonly kind: string;
    /** Names repeat. */
    readonly fields: readonly (readonly [string, string])[];
    readonly message_id: string;
}

/** Somebody who manages the server stopped it. */
export interface QueueHold {
    readonly since: string;
    readonly by: string;
    readonly reason: string;
}

export interface QueueRecipient {
    readonly address: string;
    readonly state: string;
    readonly attempts: number;
    readonly last_server: string;
    readonly last_reply: string;
    readonly last_attempt: string | null;
    readonly hold?: QueueHold;
}

export interface QueueItem {
    readonly number: number;
    readonly destination: string;
    readonly local: boolean;
    readonly next_due: string;
    readonly attempts: number;
    readonly being_sent: boolean;
    readonly recipients: readonly QueueRecipient[];
    /** Of everything for the destination. */
    readonly hold?: QueueHold;
}

export interface QueueEntry {
    readonly id: number;
    /** Empty: a report about another letter. */
    readonly sender: string;
    readonly items: readonly QueueItem[];
    readonly bytes: number;
    readonly created: string;
    readonly expires: string;
    readonly submitter: string;
    readonly journey: string;
    readonly held_until?: string;
    /** Of one that was asked for alone. */
    readonly subject?: string;
    readonly preview?: string;
}

export interface Domain {
    readonly name: string;
    readonly display: string;
    readonly catch_all: string | null;
    readonly subaddress_separator: string;
    readonly mta_sts: "none" | "testing" | "enforce";
    readonly accounts?: number;
    readonly aliases?: number;
    readonly hints?: readonly string[];
}

export interface DnsRecord {
    readonly name: string | null;
    readonly type: string;
    readonly data: string | null;
    readonly needed: boolean;
    readonly what_for: string;
    readonly without: string;
    /** Of one that was looked at. */
    readonly state?: "right" | "missing" | "wrong" | "no-answer";
    readonly mail_suffers?: boolean;
    readonly found?: readonly string[];
    readonly words?: string;
    /** Of one that was published. */
    readonly outcome?: string;
}

export interface SigningKey {
    readonly selector: string;
    readonly kind: string;
    readonly state: "announced" | "signing" | "retired";
    readonly since: string;
    readonly until: string | null;
    readonly usable: boolean;
    readonly name: string;
    readonly text: string;
}

export interface Account {
    readonly id: number;
    readonly address: string;
    /** 0: none. */
    readonly quota_bytes: number;
    readonly enabled: boolean;
    readonly created: string;
    readonly role?: string;
    /** Of a domain administrator. */
    readonly domains?: readonly string[];
    /** Of one that was asked for alone. */
    readonly used_bytes?: number;
    readonly messages?: number;
    /** Of one that was removed. */
    readonly removed?: string;
    readonly kept_until?: string;
}

export interface WebSession {
    readonly id: string;
    readonly since: string;
    /** A day. */
    readonly used: string;
    readonly client: string;
    readonly agent: string;
}

export interface Alias {
    readonly address: string;
    readonly targets: readonly string[];
}

interface Reporter {
    readonly organization: string;
    readonly proven: string | null;
    readonly reports: number;
    readonly letters?: number;
    readonly sessions?: number;
}

export interface DmarcHost {
    readonly address: string;
    readonly name: string | null;
    readonly letters: number;
    readonly passed: number;
    readonly failed: number;
}

export interface DmarcDomain {
    readonly domain: string;
    readonly display: string;
    readonly reports: number;
    readonly letters: number;
    readonly passed: number;
    readonly failed: number;
    readonly quarantined: number;
    readonly rejected: number;
    readonly letters_of_other_hosts: number;
    readonly hosts: readonly DmarcHost[];
    readonly reporters: readonly Reporter[];
}

export interface TlsDomain {
    readonly domain: string;
    readonly display: string;
    readonly reports: number;
    readonly succeeded: number;
    readonly failed: number;
    readonly failures: readonly { readonly type: string; readonly host: string; readonly reason: string; readonly sessions: number }[];
    readonly reporters: readonly Reporter[];
}

export interface Ban {
    readonly client: string | null;
    readonly login: string | null;
    readonly until: string;
}

export interface Certificate {
    readonly name: string;
    readonly names: readonly string[];
    readonly not_before: string | null;
    readonly not_after: string | null;
    readonly origin: string;
    readonly renewal: string | null;
    readonly problem: string;
    readonly next_try: string | null;
}
