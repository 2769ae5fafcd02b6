-- What every service database has: commands applied once, messages to send, and the trail.
-- The app role may add and read; it seals audit rows but can neither change their content nor delete them.

create table applied_command (
    id uuid primary key,
    subject text not null,
    actor uuid not null,
    at timestamptz not null
);

create table outbox (
    id bigint generated always as identity primary key,
    message_id uuid not null unique,
    lane text not null,
    type text not null,
    from_region text,
    to_region text,
    body bytea not null,
    at timestamptz not null,
    trace_parent text
);
create index outbox_lane on outbox (lane, id);
alter table outbox set (autovacuum_vacuum_scale_factor = 0.02);

create table audit (
    id uuid primary key,
    at timestamptz not null,
    actor uuid not null,
    actor_name text not null,
    actor_org text not null,
    on_behalf_of text,
    subject_kind text not null,
    subject_id uuid not null,
    subject_path text collate "C" not null,
    action text not null,
    reason text,
    command_id uuid,
    body bytea,
    trace_id text,
    position bigint unique,
    hash bytea
);
create index audit_subject on audit (subject_id, id);
create index audit_unsealed on audit (id) where position is null;

create table audit_head (
    single boolean primary key default true check (single),
    position bigint not null,
    hash bytea not null
);
insert into audit_head (position, hash) values (0, decode(repeat('00', 32), 'hex'));

-- Scope of the caller: an organisation path, '*' for the service itself, nothing when nobody said who asks.
create function in_scope(path text) returns boolean language sql stable parallel safe as
    $$ select current_setting('platform.scope', true) = '*'
           or starts_with(path, nullif(current_setting('platform.scope', true), '')) $$;
create function is_self(member uuid) returns boolean language sql stable parallel safe as
    $$ select member::text = nullif(current_setting('platform.member', true), '') $$;

alter table audit enable row level security;
alter table audit force row level security;
create policy audit_read on audit for select
    using (in_scope(subject_path) or is_self(subject_id));
create policy audit_add on audit for insert with check (true);
create policy audit_seal on audit for update
    using (current_setting('platform.scope', true) = '*' and position is null) with check (true);

do $$ begin
    if exists (select from pg_roles where rolname = 'platform_app') then
        grant usage on schema public to platform_app;
        grant select, insert on applied_command, audit to platform_app;
        grant select, insert, delete on outbox to platform_app;
        grant update (position, hash) on audit to platform_app;
        grant select, update on audit_head to platform_app;
        grant usage on all sequences in schema public to platform_app;
    end if;
end $$;
