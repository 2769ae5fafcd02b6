-- Organisations with history: what each was on any day, who belonged to which branch on any day, and what hangs on
-- organisations: reorganisations, appointments, terms, facilities, units, pairings, outposts waiting for approval.

select set_config('platform.scope', '*', true);

alter table organisation
    add column founded_on date not null default ((now() at time zone 'Asia/Shanghai')::date),
    add column since date not null default ((now() at time zone 'Asia/Shanghai')::date),
    add column division text collate "C" not null default '',
    add column sector text not null default '',
    add column department text not null default '',
    add column formation text not null default '',
    add column lacks_managers boolean not null default false,
    add column lacks_venue boolean not null default false,
    add column lacks_funds boolean not null default false;
update organisation o set founded_on = a.on, since = a.on
    from (select subject_id, (min(at) at time zone 'Asia/Shanghai')::date as on from audit
          where subject_kind = 'organisation' group by subject_id) a
    where a.subject_id = o.id;
create index organisation_division on organisation (division, path);
create index organisation_sector on organisation (sector, path) where sector <> '';
create index organisation_lacks on organisation (path) where lacks_managers or lacks_venue or lacks_funds;
create index organisation_grassroots on organisation (path) where type = 'GCM';

alter table member add column held_since date not null default ((now() at time zone 'Asia/Shanghai')::date);
update member m set held_since = a.on
    from (select subject_id, (min(at) at time zone 'Asia/Shanghai')::date as on from audit
          where subject_kind = 'member' group by subject_id) a
    where a.subject_id = m.id;
create index member_held on member (branch_id, standing);

-- One row while nothing about place, superior, name, type, division or sector changed. until_on is exclusive; null: today.
create table organisation_spell (
    organisation_id uuid not null references organisation (id) on delete cascade,
    from_on date not null,
    until_on date check (until_on > from_on),
    parent_id uuid,
    region text not null,
    path text collate "C" not null,
    code text not null,
    name text not null,
    type text not null,
    division text collate "C" not null,
    sector text not null,
    opened_by uuid,
    closed_by uuid,
    primary key (organisation_id, from_on)
);
create unique index organisation_spell_open on organisation_spell (organisation_id) where until_on is null;
-- Holds all that counting a level's children asks for, so that the table itself is left alone.
create index organisation_spell_child on organisation_spell (parent_id, path)
    include (organisation_id, from_on, until_on);
create index organisation_spell_path on organisation_spell (path, from_on);
create index organisation_spell_opened on organisation_spell (opened_by) where opened_by is not null;
create index organisation_spell_closed on organisation_spell (closed_by) where closed_by is not null;

-- One row while a member's relationship is held by one branch; written by triggers on member, whoever writes members.
create table membership_spell (
    member_id uuid not null,
    branch_id uuid not null,
    from_on date not null,
    until_on date check (until_on > from_on),
    opened_by uuid,
    closed_by uuid,
    primary key (member_id, from_on)
);
create index membership_spell_branch on membership_spell (branch_id, from_on, until_on, member_id);
create index membership_spell_opened on membership_spell (opened_by) where opened_by is not null;
create index membership_spell_closed on membership_spell (closed_by) where closed_by is not null;

insert into organisation_spell
    select id, founded_on, dissolved_on, parent_id, region, path, code, name, type, division, sector
    from organisation where dissolved_on is null or dissolved_on > founded_on;
insert into membership_spell (member_id, branch_id, from_on) select id, branch_id, held_since from member;

create table reorganisation (
    id uuid primary key,
    kind text not null,
    effective_on date not null,
    at timestamptz not null,
    by_whom uuid not null,
    organisation_id uuid not null references organisation (id),
    involved uuid[] not null,
    from_path text collate "C" not null,
    to_path text collate "C" not null,
    prefixes text[] not null,
    reason text not null,
    organisation_count int not null,
    member_count int not null,
    first_effective_on date not null
);
create index reorganisation_from on reorganisation (from_path, id);
create index reorganisation_to on reorganisation (to_path, id);
create index reorganisation_on on reorganisation (effective_on);
create index reorganisation_of on reorganisation (organisation_id, id);

create table appointment (
    id uuid primary key,
    path text collate "C" not null,
    organisation_id uuid not null references organisation (id),
    kind text not null,
    code text not null,
    member_id uuid,
    holder text not null,
    sent_by text not null,
    paid_by text not null,
    note text not null,
    from_on date not null,
    until_on date,
    ended_because text not null
);
create index appointment_organisation on appointment (organisation_id, id);
create index appointment_member on appointment (member_id, id) where member_id is not null;
create index appointment_code on appointment (code, path) where until_on is null;

create table committee_term (
    id uuid primary key,
    path text collate "C" not null,
    organisation_id uuid not null references organisation (id),
    elected_on date not null,
    years int not null,
    ends_on date not null,
    moved_months int not null,
    moved_because text not null
);
create unique index term_organisation on committee_term (organisation_id, elected_on);

create table facility (
    id uuid primary key,
    path text collate "C" not null,
    organisation_id uuid not null references organisation (id),
    type text not null,
    tier text not null,
    name text not null,
    address text not null,
    division text collate "C" not null,
    phone text not null,
    opening text not null,
    on_duty text not null,
    provider text not null,
    published boolean not null,
    closed_on date
);
create index facility_path on facility (path, id) where closed_on is null;
create index facility_published on facility (tier, division, id) where published and closed_on is null;

create table unit (
    id uuid primary key,
    path text collate "C" not null,
    kept_by uuid not null references organisation (id),
    name text not null,
    category text not null,
    credit_code text not null,
    division text collate "C" not null,
    site text not null,
    sector text not null,
    employees int not null,
    members int not null,
    organisation_id uuid references organisation (id),
    instructor text not null,
    surveyed_on date not null,
    closed_on date
);
create index unit_path on unit (path, id) where closed_on is null;
create index unit_site on unit (site, id) where closed_on is null and site <> '';
create index unit_organisation on unit (organisation_id) where organisation_id is not null;

create table joint_building (
    id uuid primary key,
    path text collate "C" not null,
    kind text not null,
    organisation_id uuid not null references organisation (id),
    partner_id uuid references organisation (id),
    partner text not null,
    purpose text not null,
    from_on date not null,
    until_on date
);
create index joint_building_organisation on joint_building (organisation_id, id);
create index joint_building_path on joint_building (path, id);

create table outpost (
    id uuid primary key,
    path text collate "C" not null,
    committee_id uuid not null references organisation (id),
    region text not null,
    host_region text not null,
    code text not null,
    name text not null,
    type text not null,
    mode text not null,
    relies_on text not null,
    workplace text not null,
    advantages text[] not null,
    grounds text not null,
    case_ids uuid[] not null,
    meets_rule boolean not null,
    status text not null,
    proposed_by uuid not null,
    proposed_on date not null,
    decided_by uuid,
    decided_on date,
    decision text not null,
    organisation_id uuid references organisation (id)
);
create index outpost_path on outpost (path, id);
create index outbound_away on outbound_card (home_path, host_region, departs_on)
    where status in ('Notified', 'Admitted') and member_id is not null;

-- The reorganisation a transaction carries out; null for everything else.
create function current_act() returns uuid language sql stable as
    $$ select nullif(current_setting('platform.act', true), '')::uuid $$;

create function member_added() returns trigger language plpgsql security definer
    set search_path = public set plan_cache_mode = force_custom_plan as $$
declare scope text := current_setting('platform.scope', true); gone boolean; moved boolean;
begin
    perform set_config('platform.scope', '*', true);
    select bool_or(o.dissolved_on is not null), bool_or(a.branch_path <> o.path) into gone, moved
        from added a join organisation o on o.id = a.branch_id;
    if gone then
        raise unique_violation using message = 'the branch was dissolved meanwhile';
    end if;
    -- A branch may have moved between the reading of its path and this insert, which waited for the move.
    if moved then
        update member m set branch_path = o.path from added a join organisation o on o.id = a.branch_id
            where m.id = a.id and a.branch_path <> o.path;
    end if;
    -- Whoever counts by spells need not look for earlier ones.
    perform set_config('platform.first_spells', 'true', true);
    insert into membership_spell (member_id, branch_id, from_on, opened_by)
        select id, branch_id, held_since, current_act() from added;
    perform set_config('platform.first_spells', '', true);
    perform set_config('platform.scope', coalesce(scope, ''), true);
    return null;
end $$;
create trigger member_added after insert on member referencing new table as added
    for each statement execute function member_added();

create function member_turned() returns trigger language plpgsql security definer
    set search_path = public set plan_cache_mode = force_custom_plan as $$
declare scope text := current_setting('platform.scope', true);
begin
    perform set_config('platform.scope', '*', true);
    if exists (select from after_change a join before_change b on b.id = a.id join organisation o on o.id = a.branch_id
               where a.branch_id <> b.branch_id and o.dissolved_on is not null) then
        raise unique_violation using message = 'the branch was dissolved meanwhile';
    end if;
    update membership_spell s set branch_id = a.branch_id
        from after_change a join before_change b on b.id = a.id
        where a.branch_id <> b.branch_id and s.member_id = a.id and s.until_on is null and s.from_on >= a.held_since;
    with closed as (
        update membership_spell s set until_on = a.held_since, closed_by = current_act()
        from after_change a join before_change b on b.id = a.id
        where a.branch_id <> b.branch_id and s.member_id = a.id and s.until_on is null and s.from_on < a.held_since
        returning a.id, a.branch_id, a.held_since)
    insert into membership_spell (member_id, branch_id, from_on, opened_by)
        select id, branch_id, held_since, current_act() from closed;
    perform set_config('platform.scope', coalesce(scope, ''), true);
    return null;
end $$;
create trigger member_turned after update on member referencing old table as before_change new table as after_change
    for each statement execute function member_turned();

create function member_removed() returns trigger language plpgsql security definer
    set search_path = public set plan_cache_mode = force_custom_plan as $$
declare scope text := current_setting('platform.scope', true);
begin
    perform set_config('platform.scope', '*', true);
    delete from membership_spell where member_id in (select id from removed);
    perform set_config('platform.scope', coalesce(scope, ''), true);
    return null;
end $$;
create trigger member_removed after delete on member referencing old table as removed
    for each statement execute function member_removed();

create function organisation_added() returns trigger language plpgsql security definer
    set search_path = public set plan_cache_mode = force_custom_plan as $$
declare scope text := current_setting('platform.scope', true);
begin
    perform set_config('platform.scope', '*', true);
    if exists (select from added a join organisation p on p.id = a.parent_id where p.dissolved_on is not null) then
        raise unique_violation using message = 'the superior was dissolved meanwhile';
    end if;
    -- The superior may have moved between the reading of its path and this insert, which waited for the move.
    update organisation o set path = p.path || o.code || '/', region = p.region
        from added a join organisation p on p.id = a.parent_id
        where o.id = a.id and a.path <> p.path || a.code || '/';
    insert into organisation_spell
        select o.id, o.founded_on, null, o.parent_id, o.region, o.path, o.code, o.name, o.type, o.division, o.sector,
               current_act(), null
        from added a join organisation o on o.id = a.id;
    perform set_config('platform.scope', coalesce(scope, ''), true);
    return null;
end $$;
create trigger organisation_added after insert on organisation referencing new table as added
    for each statement execute function organisation_added();

-- Names and kinds; where an organisation stands changes by reorganisation only, which writes its spells itself.
create function organisation_turned() returns trigger language plpgsql security definer
    set search_path = public set plan_cache_mode = force_custom_plan as $$
declare scope text := current_setting('platform.scope', true);
begin
    perform set_config('platform.scope', '*', true);
    update organisation_spell s set (name, type, division, sector) = (a.name, a.type, a.division, a.sector)
        from after_change a join before_change b on b.id = a.id
        where s.organisation_id = a.id and s.until_on is null and s.from_on >= a.since
          and (a.name, a.type, a.division, a.sector) is distinct from (b.name, b.type, b.division, b.sector);
    with closed as (
        update organisation_spell s set until_on = a.since, closed_by = current_act()
        from after_change a join before_change b on b.id = a.id
        where s.organisation_id = a.id and s.until_on is null and s.from_on < a.since
          and (a.name, a.type, a.division, a.sector) is distinct from (b.name, b.type, b.division, b.sector)
        returning s.organisation_id, s.until_on as on_day, s.parent_id, s.region, s.path, s.code,
                  a.name, a.type, a.division, a.sector)
    insert into organisation_spell
        select organisation_id, on_day, null, parent_id, region, path, code, name, type, division, sector,
               current_act(), null
        from closed;
    delete from organisation_spell s using after_change a join before_change b on b.id = a.id
        where s.organisation_id = a.id and a.dissolved_on is not null and b.dissolved_on is null
          and s.until_on is null and s.from_on >= a.dissolved_on;
    -- What something else ended on that very day is ended by the dissolution: another date of the other thing must not
    -- bring it back.
    update organisation_spell s set until_on = a.dissolved_on, closed_by = current_act()
        from after_change a join before_change b on b.id = a.id
        where s.organisation_id = a.id and a.dissolved_on is not null and b.dissolved_on is null
          and (s.until_on is null or s.until_on = a.dissolved_on);
    perform set_config('platform.scope', coalesce(scope, ''), true);
    return null;
end $$;
create trigger organisation_turned after update on organisation
    referencing old table as before_change new table as after_change
    for each statement execute function organisation_turned();

-- A card that is saved while its branch or its member moves follows it.
create function outbound_placed() returns trigger language plpgsql as $$
declare held text;
begin
    select branch_path into held from member where id = new.member_id for share;
    if found then new.home_path := held; end if;
    return new;
end $$;
create trigger outbound_placed before insert on outbound_card
    for each row when (new.member_id is not null) execute function outbound_placed();

create function inbound_placed() returns trigger language plpgsql as $$
declare held text; gone date;
begin
    select path, dissolved_on into held, gone from organisation where id = new.branch_id for share;
    if gone is not null then
        raise unique_violation using message = 'the branch was dissolved meanwhile';
    end if;
    if found then new.host_path := held; end if;
    return new;
end $$;
create trigger inbound_placed before insert or update of branch_id on inbound_card
    for each row when (new.branch_id is not null) execute function inbound_placed();

-- What hangs on an organisation and is kept while it moves stands where it stands then; what is kept while it is
-- dissolved is refused. The argument names the column with the organisation's id.
create function record_placed() returns trigger language plpgsql security definer
    set search_path = public set plan_cache_mode = force_custom_plan as $$
declare scope text := current_setting('platform.scope', true); gone date;
begin
    perform set_config('platform.scope', '*', true);
    select path, dissolved_on into new.path, gone from organisation
        where id = (to_jsonb(new) ->> tg_argv[0])::uuid for share;
    perform set_config('platform.scope', coalesce(scope, ''), true);
    if gone is not null then
        raise unique_violation using message = 'the organisation was dissolved meanwhile';
    end if;
    return new;
end $$;
create trigger appointment_placed before insert on appointment
    for each row execute function record_placed('organisation_id');
create trigger committee_term_placed before insert on committee_term
    for each row execute function record_placed('organisation_id');
create trigger facility_placed before insert on facility
    for each row execute function record_placed('organisation_id');
create trigger unit_placed before insert on unit for each row execute function record_placed('kept_by');
create trigger joint_building_placed before insert on joint_building
    for each row execute function record_placed('organisation_id');
create trigger outpost_placed before insert on outpost for each row execute function record_placed('committee_id');

-- Every column that holds the path of an organisation as it is today; a table that gets one adds its row here.
create table path_column (
    in_table text not null,
    in_column text not null,
    primary key (in_table, in_column)
);
insert into path_column values ('member', 'branch_path'), ('outbound_card', 'home_path'), ('inbound_card', 'host_path'),
    ('appointment', 'path'), ('committee_term', 'path'), ('facility', 'path'), ('unit', 'path'),
    ('joint_building', 'path'), ('outpost', 'path');

-- Reorganisations of that day or later are about the new path too: who corrects their dates looks there.
create function readdress(old_path text, new_path text, day date) returns void language plpgsql security definer
    set search_path = public set plan_cache_mode = force_custom_plan as $$
declare scope text := current_setting('platform.scope', true);
begin
    perform set_config('platform.scope', '*', true);
    update reorganisation set prefixes = array(
            select p from unnest(prefixes) p
            union select new_path || substr(p, length(old_path) + 1) from unnest(prefixes) p
                where starts_with(p, old_path))
        where effective_on >= day and id is distinct from current_act()
          and exists (select from unnest(prefixes) p where starts_with(p, old_path));
    perform set_config('platform.scope', coalesce(scope, ''), true);
end $$;

-- From a day on, everything below the old path stands below the new one: organisations, their history since that day,
-- and what hangs on them. The organisation "except" keeps its place (it goes up in another one).
create function repath(old_path text, new_path text, except_id uuid, old_parent uuid, new_parent uuid, new_region text,
    day date) returns void language plpgsql as $$
declare tail int := length(old_path) + 1; ending text := old_path || '~'; c path_column;
begin
    with old as materialized (
        select * from organisation_spell
        where path >= old_path and path < ending and organisation_id <> except_id
          and from_on < day and (until_on is null or until_on > day)),
    closed as (
        update organisation_spell s set until_on = day, closed_by = current_act() from old
        where s.organisation_id = old.organisation_id and s.from_on = old.from_on
        returning s.organisation_id)
    insert into organisation_spell
        select organisation_id, day, until_on, case when parent_id = old_parent then new_parent else parent_id end,
               new_region, new_path || substr(path, tail), code, name, type, division, sector, current_act(), closed_by
        from old join closed using (organisation_id);
    update organisation_spell
        set path = new_path || substr(path, tail), region = new_region,
            parent_id = case when parent_id = old_parent then new_parent else parent_id end
        where path >= old_path and path < ending and organisation_id <> except_id and from_on >= day;
    update organisation
        set path = new_path || substr(path, tail), region = new_region, since = greatest(since, day),
            parent_id = case when parent_id = old_parent then new_parent else parent_id end
        where path >= old_path and path < ending and id <> except_id;
    for c in select * from path_column loop
        execute format('update %1$I set %2$I = $1 || substr(%2$I, $2) where %2$I >= $3 and %2$I < $4',
            c.in_table, c.in_column) using new_path, tail, old_path, ending;
    end loop;
    perform readdress(old_path, new_path, day);
end $$;

-- From a day on, members of one branch (all when members is null) belong to another one. The open spells turn by the
-- trigger on member; what ended after that day turns here.
create function rebranch(from_branch uuid, to_branch uuid, members uuid[], day date) returns void language plpgsql as $$
declare target_path text := (select path from organisation where id = to_branch);
begin
    insert into membership_spell
        select member_id, to_branch, day, until_on, current_act(), closed_by from membership_spell
        where branch_id = from_branch and from_on < day and until_on > day
          and (members is null or member_id = any (members));
    update membership_spell set until_on = day, closed_by = current_act()
        where branch_id = from_branch and from_on < day and until_on > day
          and (members is null or member_id = any (members));
    update membership_spell set branch_id = to_branch
        where branch_id = from_branch and from_on >= day and until_on is not null
          and (members is null or member_id = any (members));
    with turned as (
        update member set branch_id = to_branch, branch_path = target_path, held_since = greatest(held_since, day)
        where branch_id = from_branch and (members is null or id = any (members)) returning id),
    cards as (
        update outbound_card c set home_path = target_path from turned t where c.member_id = t.id returning c.id),
    details as (update card_detail d set path = target_path from cards where d.id = cards.id)
    update member_merge g set path = target_path from turned t where g.kept_id = t.id;
end $$;

-- Paths at which the caller's own organisation stood before: what was below it then stays readable as of then.
create function former_paths() returns text[] language plpgsql stable security definer set search_path = public
    set plan_cache_mode = force_custom_plan as $$
declare scope text := current_setting('platform.scope', true); paths text[];
begin
    perform set_config('platform.scope', '*', true);
    select array_agg(distinct s.path) into paths
        from organisation o join organisation_spell s on s.organisation_id = o.id where o.path = scope;
    perform set_config('platform.scope', coalesce(scope, ''), true);
    return paths;
end $$;

-- Paths of a committee and what is below it, but for what a lower committee of these types leads.
create function led_paths(committee uuid, types text[]) returns table (path text) language sql stable rows 100 as $$
    with recursive led as (
        select o.id, o.path from organisation o where o.id = committee
        union all
        select o.id, o.path from led join organisation o on o.parent_id = led.id
            where o.type <> all (types) or o.dissolved_on is not null)
    select led.path from led $$;

-- Members per child of a node as of a day; row "path = the node's own" are its own. Nothing when the caller may not see
-- the node as of that day. Asks once who may see the node, then counts without asking for each member.
create function headcounts(node uuid, day date) returns table (path text, members bigint)
    language plpgsql stable security definer set search_path = public set plan_cache_mode = force_custom_plan as $$
declare scope text := current_setting('platform.scope', true); top text;
begin
    select s.path into top from organisation_spell s
        where s.organisation_id = node and s.from_on <= day and (s.until_on is null or s.until_on > day);
    if top is null then return; end if;
    perform set_config('platform.scope', '*', true);
    return query
        select case when s.path = top then top
                    else top || split_part(substr(s.path, length(top) + 1), '/', 1) || '/' end, count(*)
        from organisation_spell s
        join membership_spell m on m.branch_id = s.organisation_id
            and m.from_on <= day and (m.until_on is null or m.until_on > day)
        where s.path >= top and s.path < top || '~'
          and s.from_on <= day and (s.until_on is null or s.until_on > day)
        group by 1;
    perform set_config('platform.scope', coalesce(scope, ''), true);
end $$;

-- Rows of history are read by who sees the organisation today, who saw it then, and whose own organisation stood above
-- it then; they are written by who manages the place they belong to.
alter table organisation_spell enable row level security;
alter table organisation_spell force row level security;
-- The scope is read once, not in each of the hundred thousand rows that a level's counts go through.
create policy spell_read on organisation_spell for select using (
    (select current_setting('platform.scope', true)) = '*'
    or starts_with(path, (select nullif(current_setting('platform.scope', true), '')))
    or exists (select from organisation o where o.id = organisation_id)
    or exists (select from unnest((select former_paths())) f
               where starts_with(path, f)));
create policy spell_add on organisation_spell for insert with check (in_scope(path));
create policy spell_change on organisation_spell for update using (in_scope(path)) with check (in_scope(path));
create policy spell_drop on organisation_spell for delete using (in_scope(path));

alter table membership_spell enable row level security;
alter table membership_spell force row level security;
create policy membership_read on membership_spell for select using (
    current_setting('platform.scope', true) = '*' or is_self(member_id)
    or exists (select from organisation_spell s where s.organisation_id = branch_id
               and (membership_spell.until_on is null or s.from_on < membership_spell.until_on)
               and (s.until_on is null or s.until_on > membership_spell.from_on))
    -- A branch merged away from its first day on has no spell left, and its members still have to turn.
    or exists (select from organisation o where o.id = branch_id));
create policy membership_add on membership_spell for insert with check (
    current_setting('platform.scope', true) = '*' or exists (select from organisation o where o.id = branch_id));
create policy membership_change on membership_spell for update using (
    current_setting('platform.scope', true) = '*' or exists (select from organisation o where o.id = branch_id));
create policy membership_drop on membership_spell for delete using (current_setting('platform.scope', true) = '*');

alter table reorganisation enable row level security;
alter table reorganisation force row level security;
create policy reorganisation_scope on reorganisation
    using (in_scope(from_path) or in_scope(to_path)) with check (in_scope(from_path) and in_scope(to_path));

alter table facility enable row level security;
alter table facility force row level security;
-- Service telephones are for everybody who needs them (M-157).
create policy facility_read on facility for select using (published or in_scope(path));
create policy facility_add on facility for insert with check (in_scope(path));
create policy facility_change on facility for update using (in_scope(path)) with check (in_scope(path));

do $$
declare name text;
begin
    foreach name in array array['appointment', 'committee_term', 'unit', 'joint_building', 'outpost'] loop
        execute format('alter table %I enable row level security', name);
        execute format('alter table %I force row level security', name);
        execute format('create policy %I on %I using (in_scope(path)) with check (in_scope(path))',
            name || '_scope', name);
    end loop;
    if exists (select from pg_roles where rolname = 'platform_app') then
        grant select, insert, update on organisation_spell, membership_spell, reorganisation, appointment,
            committee_term, facility, unit, joint_building, outpost to platform_app;
        grant select on path_column to platform_app;
    end if;
end $$;
