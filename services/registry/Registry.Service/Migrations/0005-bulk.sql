-- Loads of any size: the file and its rows are staged, so that a load goes on where it was when its process died.

alter table roster_load
    drop column accepted,
    drop column error_workbook,
    alter column refused set default 0,
    add column region text not null default '',
    add column actor uuid not null default '00000000-0000-0000-0000-000000000000',
    add column actor_name text not null default '',
    add column actor_org text not null default '',
    add column on_behalf_of text,
    add column checked_on date not null default current_date,
    add column dry_run boolean not null default false,
    add column status text not null default 'Done',
    add column changed_at timestamptz not null default now(),
    add column file_bytes bigint not null default 0,
    add column rows int not null default 0,
    add column checked_to int not null default 0,
    add column loaded_to int not null default 0,
    add column organisations_accepted int not null default 0,
    add column created int not null default 0,
    add column amended int not null default 0,
    add column cases_opened int not null default 0,
    add column problem_count int not null default 0,
    add column problems bytea,
    add column problem_code text not null default '',
    add column problem_detail text not null default '',
    add column problem_detail_zh text not null default '',
    add column founded uuid[] not null default '{}',
    add column undo_reason text not null default '',
    add column undo_command uuid,
    add column undone_to int not null default 0,
    add column withdrawn int not null default 0,
    add column restored int not null default 0,
    add column kept int not null default 0;
create index roster_load_list on roster_load (org_path, id);
create index roster_load_open on roster_load (id)
    where status not in ('Done', 'Refused', 'Undone');

-- The file as sent and the error workbook, encrypted, in parts of at most 80 KiB. No scope column: whoever reads a
-- part has read its load first, and the policy asks the same.
create table roster_part (
    load_id uuid not null references roster_load (id) on delete cascade,
    kind text not null,
    number int not null,
    body bytea not null,
    primary key (load_id, kind, number)
);
alter table roster_part alter column body set storage external;

create table roster_line (
    load_id uuid not null,
    line int not null,
    org_path text collate "C" not null,
    state smallint not null,
    id_index bytea,
    person_index bytea,
    phone_index bytea,
    twin_line int,
    alike_line int,
    phone_line int,
    member_id uuid,
    amends boolean not null,
    case_open boolean not null,
    -- Set when the load was undone and something of the row stays.
    why smallint,
    kept_fields text not null default '',
    primary key (load_id, line)
);

-- Rows against rows, whoever comes first in the file. A row with a twin is out of the other questions, so twins are
-- looked for first; the other two may be asked at the same time, and any of them again.
-- Statistics made before this load know nothing of its rows: for none the planner would compare each row with each, and
-- for few it would sort them all to find the few that are alike.
create function roster_twins(load uuid) returns void language sql volatile
    set work_mem = '64MB' set enable_nestloop = off set enable_sort = off as $$
    update roster_line l set twin_line = f.first from (
        select id_index, min(line) as first from roster_line
        where load_id = load and state in (0, 1) group by id_index having count(*) > 1) f
    where l.load_id = load and l.state in (0, 1) and l.id_index = f.id_index and l.line > f.first $$;
create function roster_alike(load uuid) returns void language sql volatile
    set work_mem = '64MB' set enable_nestloop = off set enable_sort = off as $$
    update roster_line l set alike_line = f.first from (
        select person_index, min(line) as first from roster_line
        where load_id = load and state in (0, 1) and twin_line is null group by person_index having count(*) > 1) f
    where l.load_id = load and l.state in (0, 1) and l.twin_line is null and l.person_index = f.person_index and l.line > f.first $$;
create function roster_phones(load uuid) returns void language sql volatile
    set work_mem = '64MB' set enable_nestloop = off set enable_sort = off as $$
    update roster_line l set phone_line = f.first from (
        select phone_index, min(line) as first from roster_line
        where load_id = load and state in (0, 1) and twin_line is null group by phone_index having count(*) > 1) f
    where l.load_id = load and l.state in (0, 1) and l.twin_line is null and l.phone_index = f.phone_index and l.line > f.first $$;

create table roster_mapping (
    id uuid primary key,
    org_path text collate "C" not null,
    fingerprint text not null,
    mapping jsonb not null,
    saved_by text not null,
    saved_at timestamptz not null,
    unique (org_path, fingerprint)
);

alter table roster_part enable row level security;
alter table roster_part force row level security;
create policy part_scope on roster_part
    using (exists (select from roster_load l where l.id = load_id and in_scope(l.org_path)))
    with check (exists (select from roster_load l where l.id = load_id and in_scope(l.org_path)));

alter table roster_line enable row level security;
alter table roster_line force row level security;
create policy line_scope on roster_line using (in_scope(org_path)) with check (in_scope(org_path));

alter table roster_mapping enable row level security;
alter table roster_mapping force row level security;
create policy mapping_scope on roster_mapping using (in_scope(org_path)) with check (in_scope(org_path));

-- The only way a member, a card or an organisation ever goes: one load is taken back, of it only what it created and
-- the caller sees, and nothing whose going does not stand in the trail already. Of members who were there before, only
-- the cards go that the load opened. Source: P5.
create function withdraw_loaded(load uuid, lines int[]) returns void language plpgsql security definer
    set search_path = public set plan_cache_mode = force_custom_plan as $$
declare undo uuid := (select l.undo_command from roster_load l where l.id = load and l.status = 'Undoing');
    members uuid[] := array(select r.member_id from roster_line r
        where r.load_id = load and r.line = any (lines) and not r.amends and r.twin_line is null);
    amended uuid[] := array(select r.member_id from roster_line r
        where r.load_id = load and r.line = any (lines) and r.amends and r.twin_line is null);
    cards uuid[] := array(
        select c.id from outbound_card c where c.member_id = any (members)
        union all
        select c.id from outbound_card c where c.member_id = any (amended) and exists (select from audit a
            where a.subject_id = c.id and a.command_id = load));
begin
    if undo is null or exists (select from unnest(members || cards) s where not exists (
            select from audit a where a.subject_id = s and a.command_id = undo)) then
        raise exception 'no load is being undone, or the trail does not say so' using errcode = 'insufficient_privilege';
    end if;
    delete from outbound_card where id = any (cards);
    delete from member where id = any (members);
end $$;

create function withdraw_founded(load uuid, organisation_id uuid) returns void language plpgsql security definer
    set search_path = public as $$
begin
    if not exists (select from roster_load l join audit a on a.command_id = l.undo_command
            where l.id = load and l.status = 'Undoing' and organisation_id = any (l.founded)
              and a.subject_id = organisation_id) then
        raise exception 'no load is being undone, or the trail does not say so' using errcode = 'insufficient_privilege';
    end if;
    delete from organisation where id = organisation_id;
end $$;

do $$ begin
    if exists (select from pg_roles where rolname = 'platform_app') then
        grant select, insert, update, delete on roster_part, roster_line, roster_mapping to platform_app;
        -- Dry runs are forgotten.
        grant delete on roster_load to platform_app;
    end if;
end $$;
