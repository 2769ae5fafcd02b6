-- Organisations, members, both cards of mobility cases, mirrors for the tier above, loads, and how far arrivals were read.

create table organisation (
    id uuid primary key,
    code text not null,
    path text collate "C" not null unique,
    parent_id uuid references organisation (id),
    region text not null,
    name text not null,
    type text not null,
    contact text not null,
    phone text not null,
    unit_name text not null,
    credit_code text not null,
    community text not null,
    site text not null,
    dissolved_on date
);
create index organisation_parent on organisation (parent_id, code);
create unique index organisation_code on organisation (region, code);
create index organisation_type on organisation (region, type);

create table member (
    id uuid primary key,
    branch_id uuid not null references organisation (id),
    branch_path text collate "C" not null,
    name text not null,
    id_number bytea not null,
    id_number_index bytea not null unique,
    sex text not null,
    ethnic_group text not null,
    birth_on date not null,
    native_place text not null,
    education text not null,
    joined_on date,
    standing text not null,
    phone bytea not null,
    phone_index bytea,
    occupation text not null,
    employer text not null,
    credit_code text not null,
    residence bytea not null,
    role_played text not null,
    source text not null
);
create index member_branch on member (branch_path, id);
create index member_name on member (name text_pattern_ops);
create index member_phone on member (phone_index) where phone_index is not null;

create table outbound_card (
    id uuid primary key,
    member_id uuid references member (id),
    home_path text collate "C" not null,
    home_region text not null,
    home_branch text not null,
    host_region text not null,
    leg int not null,
    status text not null,
    facts bytea not null,
    peer_facts bytea,
    name text not null,
    id_number_index bytea not null,
    certificate_number text not null,
    reason text not null,
    departs_on date not null,
    planned_return_on date,
    applied_by uuid,
    talk_on date,
    educated_on date,
    contact_person bytea not null,
    host_branch text not null,
    host_contact bytea not null,
    last_feedback_on date,
    ended_on date,
    host_says_left text,
    lost_contact bytea,
    case_key bytea not null,
    since timestamptz not null,
    revision bigint not null,
    agreement text not null,
    differences text not null,
    next_step text not null,
    next_by text
);
create index outbound_list on outbound_card (home_path, agreement, since, id);
create index outbound_since on outbound_card (agreement, since, id);
create index outbound_unsettled on outbound_card (since, id) where agreement <> 'Settled';
create index outbound_owed on outbound_card (since, id) where next_by is not null;
create unique index outbound_open on outbound_card (member_id)
    where status not in ('Returned', 'Refused', 'Denied');
create index outbound_certificate on outbound_card (certificate_number) where certificate_number <> '';
create index outbound_person on outbound_card (id_number_index);

create table inbound_card (
    id uuid primary key,
    case_id uuid not null,
    leg int not null,
    host_path text collate "C" not null,
    host_region text not null,
    home_region text not null,
    home_branch text not null,
    home_contact bytea not null,
    status text not null,
    facts bytea not null,
    peer_facts bytea,
    name text not null,
    id_number_index bytea not null,
    certificate_number text not null,
    arrives_on date not null,
    document_shown text not null,
    branch_id uuid references organisation (id),
    branch_name text not null,
    placement_reason text not null,
    host_contact bytea not null,
    admitted_on date,
    last_feedback_on date,
    left_on date,
    left_because text,
    lost_contact bytea,
    case_key bytea not null,
    since timestamptz not null,
    revision bigint not null,
    agreement text not null,
    differences text not null,
    next_step text not null,
    next_by text,
    unique (case_id, leg)
);
create index inbound_list on inbound_card (host_path, agreement, since, id);
create index inbound_since on inbound_card (agreement, since, id);
create index inbound_unsettled on inbound_card (since, id) where agreement <> 'Settled';
create index inbound_owed on inbound_card (since, id) where next_by is not null;
create index inbound_certificate on inbound_card (certificate_number) where certificate_number <> '';
create index inbound_person on inbound_card (id_number_index);

create table case_mirror (
    id uuid primary key,
    case_id uuid not null,
    leg int not null,
    home_region text not null,
    host_region text not null,
    common_path text collate "C" not null,
    home jsonb,
    host jsonb,
    since timestamptz not null,
    agreement text not null,
    differences text not null,
    missing_side text,
    unique (case_id, leg)
);
create index mirror_list on case_mirror (agreement, since, id);
create index mirror_one_sided on case_mirror (since, id)
    where agreement in ('HomeOnly', 'HostOnly') and home_region <> host_region;
create index mirror_unsettled on case_mirror (since, id) where agreement <> 'Settled';
create index mirror_common on case_mirror (common_path);
create index mirror_home on case_mirror (home_region, agreement);
create index mirror_host on case_mirror (host_region, agreement);

create table certificate_serial (
    region text not null,
    year int not null,
    last int not null,
    primary key (region, year)
);

create table roster_load (
    id uuid primary key,
    org_path text collate "C" not null,
    file_name text not null,
    loaded_by uuid not null,
    at timestamptz not null,
    accepted int not null,
    refused int not null,
    error_workbook bytea
);

create table arrival_cursor (
    consumer text primary key,
    position bigint not null
);

-- Refused here, and the exchange has not heard of it yet.
create table arrival_refusal (
    message_id text primary key,
    code text not null,
    detail text not null
);

-- The second wall (P4): whoever forgets a check in the service still sees nothing outside the caller's subtree.
alter table organisation enable row level security;
alter table organisation force row level security;
create policy organisation_scope on organisation using (in_scope(path)) with check (in_scope(path));

alter table member enable row level security;
alter table member force row level security;
create policy member_scope on member using (in_scope(branch_path) or is_self(id)) with check (in_scope(branch_path));

alter table outbound_card enable row level security;
alter table outbound_card force row level security;
create policy outbound_scope on outbound_card
    using (in_scope(home_path) or is_self(member_id)) with check (in_scope(home_path));

alter table inbound_card enable row level security;
alter table inbound_card force row level security;
create policy inbound_scope on inbound_card using (in_scope(host_path)) with check (in_scope(host_path));

alter table case_mirror enable row level security;
alter table case_mirror force row level security;
create policy mirror_scope on case_mirror using (in_scope(common_path)) with check (in_scope(common_path));

alter table roster_load enable row level security;
alter table roster_load force row level security;
create policy load_scope on roster_load using (in_scope(org_path)) with check (in_scope(org_path));

-- A word as the JSON answers spell it.
create function camel(word text) returns text language sql immutable parallel safe as
    $$ select lower(left(word, 1)) || substr(word, 2) $$;

-- Both cards as one list; the caller's row-level security applies to each.
create view reconciliation with (security_invoker = true) as
    select id, id as case_id, leg, 'Home' as side, home_path as own_path, home_region, host_region, name,
           camel(status) as status,
           agreement, differences, next_step, next_by, since, departs_on as began_on, home_branch as branch
    from outbound_card
    union all
    select id, case_id, leg, 'Host', host_path, home_region, host_region, name, camel(status),
           agreement, differences, next_step, next_by, since, arrives_on,
           case when branch_name <> '' then branch_name else home_branch end
    from inbound_card;

-- A clerk must learn that an id number is held, though not by whom (P1): this one question looks past the scope.
create function held_id_numbers(indexes bytea[]) returns setof bytea language plpgsql stable security definer
    set search_path = public as $$
declare scope text := current_setting('platform.scope', true);
begin
    perform set_config('platform.scope', '*', true);
    return query select m.id_number_index from member m where m.id_number_index = any (indexes);
    perform set_config('platform.scope', coalesce(scope, ''), true);
end $$;

do $$ begin
    if exists (select from pg_roles where rolname = 'platform_app') then
        grant select, insert, update on organisation, member, outbound_card, inbound_card, case_mirror, roster_load,
            certificate_serial, arrival_cursor to platform_app;
        grant select, insert, delete on arrival_refusal to platform_app;
        grant select on reconciliation to platform_app;
    end if;
end $$;
