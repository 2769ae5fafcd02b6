-- The border post. Ledgers are only ever added to; streams are the only rows that move.

create table own_key (
    key_id text primary key,
    purpose text not null check (purpose in ('signing', 'sealing')),
    algorithm text not null,
    public_key bytea not null,
    private_key bytea not null, -- PKCS#8, encrypted with the field key, purpose "exchange-key"
    not_before timestamptz not null,
    not_after timestamptz not null
);

create table node_record (
    path text collate "C" primary key,
    version bigint not null,
    record bytea not null, -- platform.exchange.v1.NodeRecord, believed when it was stored
    learned_from text not null,
    learned_at timestamptz not null
);

create table used_enrolment_code (
    code_hash text primary key,
    path text not null,
    key_id text not null,
    used_at timestamptz not null
);

create table outgoing_stream (
    to_node text collate "C" primary key,
    head bigint not null default 0,
    head_digest bytea not null default decode(repeat('00', 32), 'hex'),
    receipted_through bigint not null default 0,
    published_through bigint not null default 0,
    attempt int not null default 0,
    resend_at timestamptz,
    asked_first bigint, -- the destination asks for these again
    asked_last bigint,
    stated_at timestamptz,
    receipt_at timestamptz,
    refusal_code text, -- last refusal heard since the last receipt
    alarm_code text,
    alarm_at timestamptz
) with (fillfactor = 50);

create table outgoing_ledger (
    to_node text collate "C" not null,
    sequence bigint not null,
    message_id uuid not null,
    digest bytea not null,
    envelope bytea not null, -- platform.exchange.v1.Envelope as sent, payload sealed to the destination
    sent_at timestamptz not null,
    primary key (to_node, sequence)
);
create index outgoing_ledger_message on outgoing_ledger (message_id);

-- Messages without a receipt yet: what is needed to address them anew. The row goes with the receipt.
create table outgoing_message (
    message_id uuid primary key,
    ordinal bigint generated always as identity,
    from_region text not null,
    to_region text not null,
    addressed_to text not null, -- path of a node, or empty: the node serving to_region
    type text not null,
    type_version int not null,
    payload bytea not null, -- encrypted with the field key, purpose "exchange-outgoing"
    occurred_at timestamptz not null,
    trace_parent text not null,
    accepted_at timestamptz not null,
    state text not null check (state in ('pending', 'sent', 'refused')),
    to_node text collate "C",
    sequence bigint,
    refused_code text
);
create index outgoing_message_pending on outgoing_message (ordinal) where state = 'pending';
create index outgoing_message_sent on outgoing_message (to_node, sequence) where state = 'sent';
create index outgoing_message_region on outgoing_message (to_region, addressed_to);
alter table outgoing_message set (autovacuum_vacuum_scale_factor = 0.02);

-- Into which stream the messages for a region went last: when the region moves, newer ones wait for older ones.
create table region_route (
    to_region text not null,
    addressed_to text not null,
    to_node text collate "C" not null,
    primary key (to_region, addressed_to)
);

create table receipt (
    from_node text collate "C" not null, -- who signed it: the destination of our stream
    through_sequence bigint not null,
    control bytea not null,
    has_exceptions boolean not null,
    received_at timestamptz not null,
    primary key (from_node, through_sequence)
);

create table incoming_stream (
    from_node text collate "C" primary key,
    through bigint not null default 0,
    digest bytea not null default decode(repeat('00', 32), 'hex'),
    acknowledged_through bigint not null default 0,
    heard bigint not null default 0,
    received_at timestamptz,
    asked_at timestamptz,
    alarm_code text,
    alarm_at timestamptz
) with (fillfactor = 50);

create table incoming_ledger (
    from_node text collate "C" not null,
    sequence bigint not null,
    message_id uuid not null,
    digest bytea not null,
    envelope bytea not null, -- as received; payload left out when it was oversize
    payload_digest bytea not null,
    payload_size int not null,
    type text not null,
    received_at timestamptz not null,
    position bigint, -- order of delivery to local services; null: not delivered
    refused_code text,
    moved_to text,
    settled text check (settled in ('applied', 'refused')),
    settled_code text,
    settled_at timestamptz,
    primary key (from_node, sequence)
);
create unique index incoming_ledger_position on incoming_ledger (position) where position is not null;
create index incoming_ledger_message on incoming_ledger (message_id);
create index incoming_ledger_refused on incoming_ledger (from_node, sequence) where refused_code is not null;

create table incoming_gap (
    from_node text collate "C" not null,
    sequence bigint not null,
    digest bytea not null,
    previous_digest bytea not null,
    envelope bytea not null,
    received_at timestamptz not null,
    primary key (from_node, sequence)
);

create table delivery_counter (
    single boolean primary key default true check (single),
    position bigint not null
);
insert into delivery_counter (position) values (0);

-- The desk: what a person has to look at.
create table desk_item (
    id uuid primary key,
    side text not null check (side in ('incoming', 'outgoing')),
    node text not null,
    sequence bigint,
    message_id uuid,
    type text,
    code text not null,
    detail text not null,
    first_at timestamptz not null,
    last_at timestamptz not null,
    count bigint not null,
    status text not null check (status in ('open', 'retried', 'dismissed')),
    closed_at timestamptz
);
create unique index desk_item_same on desk_item (side, node, code, coalesce(message_id, '00000000-0000-0000-0000-000000000000'))
    where status = 'open';
create index desk_item_open on desk_item (id) where status = 'open';

do $$ begin
    if exists (select from pg_roles where rolname = 'platform_app') then
        grant select, insert on outgoing_ledger, own_key, used_enrolment_code to platform_app;
        grant select, insert, update on outgoing_stream, node_record, region_route, incoming_stream, desk_item to platform_app;
        grant select, insert, update, delete on outgoing_message, receipt, incoming_gap to platform_app;
        grant select, insert on incoming_ledger to platform_app;
        grant update (settled, settled_code, settled_at, position, refused_code) on incoming_ledger to platform_app;
        grant select, update on delivery_counter to platform_app;
        grant usage on all sequences in schema public to platform_app;
    end if;
end $$;
