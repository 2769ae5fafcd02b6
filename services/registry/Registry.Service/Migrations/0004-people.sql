-- People in depth: doubles and what was decided about them, merges that can be taken back, scores of archives, classes
-- as dated facts, what the printed cards need beyond the case, screening campaigns.
-- Scope follows the member or organisation a row belongs to, wherever that stands today: no path to go stale.

create index member_birth on member (birth_on);

create table duplicate_candidate (
    id uuid primary key,
    first_id uuid not null,
    second_id uuid not null,
    points int not null,
    signs text not null,
    status text not null,
    found_at timestamptz not null,
    decided_by uuid,
    decided_at timestamptz,
    reason text not null,
    unique (first_id, second_id)
);
create index duplicate_list on duplicate_candidate (status, points desc, id);
create index duplicate_second on duplicate_candidate (second_id);

create table member_merge (
    id uuid primary key,
    path text collate "C" not null,
    kept_id uuid not null,
    gone_id uuid not null,
    kept_before bytea not null,
    kept_after bytea not null,
    gone bytea not null,
    moved jsonb not null,
    -- The row of the gone archive with every column, also of later releases, and its spells.
    gone_row jsonb,
    merged_by uuid not null,
    merged_at timestamptz not null,
    reason text not null,
    undone_at timestamptz,
    undone_by uuid
);
create index merge_kept on member_merge (kept_id, merged_at);
create index merge_list on member_merge (path, id);

-- What the archives of a branch lack, all told; figures of every tier are sums of it.
create table branch_quality (
    branch_id uuid primary key references organisation (id) on delete cascade,
    rules int not null,
    members int not null,
    completeness bigint not null,
    validity bigint not null,
    whole int not null,
    faults text[] not null,
    counts int[] not null
);

-- Branches whose archives changed since. Written without looking whether the branch stands here already: what changes
-- while a branch is scored is then due again.
create table quality_due (
    id bigint generated always as identity primary key,
    branch_id uuid not null
);
create index quality_due_branch on quality_due (branch_id);

create function quality_due_changed() returns trigger language plpgsql as $$
begin
    insert into quality_due (branch_id) select distinct branch_id from changed;
    return null;
end $$;
create trigger quality_due_added after insert on member referencing new table as changed
    for each statement execute function quality_due_changed();
create trigger quality_due_removed after delete on member referencing old table as changed
    for each statement execute function quality_due_changed();

-- Who moves leaves a branch and comes to another.
create function quality_due_turned() returns trigger language plpgsql as $$
begin
    insert into quality_due (branch_id) select branch_id from before_change union select branch_id from after_change;
    return null;
end $$;
create trigger quality_due_turned after update on member referencing old table as before_change new table as after_change
    for each statement execute function quality_due_turned();

create table member_class (
    id uuid primary key,
    member_id uuid not null references member (id),
    axis text not null,
    code text not null,
    from_on date not null,
    until_on date check (until_on >= from_on),
    management text not null,
    note bytea not null,
    decided_by uuid not null,
    decided_at timestamptz not null
);
create index class_member on member_class (member_id, axis, code);
create index class_code on member_class (axis, code, member_id) where until_on is null;

create table card_detail (
    id uuid primary key,
    path text collate "C" not null,
    detail bytea not null
);

insert into path_column values ('member_merge', 'path'), ('card_detail', 'path');

create table screening (
    id uuid primary key,
    organisation_id uuid not null references organisation (id),
    name text not null,
    kind text not null,
    from_on date not null,
    until_on date not null,
    purpose text not null,
    created_by uuid not null,
    created_at timestamptz not null,
    closed_on date
);
create index screening_list on screening (organisation_id, id);

create table screening_finding (
    id uuid primary key,
    screening_id uuid not null references screening (id) on delete cascade,
    branch_id uuid not null references organisation (id),
    member_id uuid references member (id),
    outcome text not null,
    place_kind text not null,
    place bytea not null,
    person bytea not null,
    found_on date not null,
    found_by text not null,
    recorded_by uuid not null,
    recorded_at timestamptz not null
);
create index finding_member on screening_finding (member_id, screening_id) where member_id is not null;
create index finding_branch on screening_finding (screening_id, branch_id, outcome);

alter table duplicate_candidate enable row level security;
alter table duplicate_candidate force row level security;
create policy duplicate_scope on duplicate_candidate
    using (exists (select from member m where m.id = first_id) and exists (select from member m where m.id = second_id));

alter table member_merge enable row level security;
alter table member_merge force row level security;
create policy merge_scope on member_merge using (in_scope(path)) with check (in_scope(path));

alter table branch_quality enable row level security;
alter table branch_quality force row level security;
create policy branch_quality_scope on branch_quality
    using (exists (select from organisation o where o.id = branch_id));

alter table quality_due enable row level security;
alter table quality_due force row level security;
create policy quality_due_read on quality_due for select
    using (exists (select from organisation o where o.id = branch_id));
create policy quality_due_add on quality_due for insert with check (true);
create policy quality_due_drop on quality_due for delete
    using (exists (select from organisation o where o.id = branch_id));

alter table member_class enable row level security;
alter table member_class force row level security;
create policy class_scope on member_class using (exists (select from member m where m.id = member_id));

alter table card_detail enable row level security;
alter table card_detail force row level security;
create policy card_detail_scope on card_detail using (in_scope(path)) with check (in_scope(path));

-- Where an organisation stands, seen or not: a branch carries out what an organisation above it has opened.
create function path_of(organisation uuid) returns text language plpgsql stable security definer
    set search_path = public as $$
declare scope text := current_setting('platform.scope', true); found text;
begin
    perform set_config('platform.scope', '*', true);
    select o.path into found from organisation o where o.id = organisation;
    perform set_config('platform.scope', coalesce(scope, ''), true);
    return found;
end $$;

-- Name of the organisation right above a part of the tree that the caller sees.
create function name_above(below text) returns text language plpgsql stable security definer
    set search_path = public as $$
declare scope text := current_setting('platform.scope', true); found text;
begin
    if not in_scope(below) then return null; end if;
    perform set_config('platform.scope', '*', true);
    select o.name into found from organisation o where o.path = regexp_replace(below, '[^/]+/$', '');
    perform set_config('platform.scope', coalesce(scope, ''), true);
    return found;
end $$;

alter table screening enable row level security;
alter table screening force row level security;
create policy screening_read on screening for select using (in_scope(path_of(organisation_id))
    or starts_with(current_setting('platform.scope', true), path_of(organisation_id)));
create policy screening_add on screening for insert with check (in_scope(path_of(organisation_id)));
create policy screening_change on screening for update using (in_scope(path_of(organisation_id)));

alter table screening_finding enable row level security;
alter table screening_finding force row level security;
create policy finding_scope on screening_finding using (exists (select from organisation o where o.id = branch_id));

-- Columns of a table's primary key as one text, for tables that name members.
create function link_key(relation regclass) returns text language sql stable as $$
    select string_agg(format('%I::text', a.attname), ' || ''/'' || ' order by k.place)
    from pg_index i cross join lateral unnest(i.indkey) with ordinality k (number, place)
    join pg_attribute a on a.attrelid = i.indrelid and a.attnum = k.number
    where i.indrelid = relation and i.indisprimary $$;

-- Tables that name members: every one with a column member_id, but those that are about the archive's row itself.
create function link_tables() returns setof text language sql stable as $$
    select c.relname::text from pg_class c join pg_attribute a on a.attrelid = c.oid
    where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' and a.attname = 'member_id'
      and not a.attisdropped and c.relname not in ('membership_spell', 'roster_line')
    order by 1 $$;

-- What follows looks past the scope once the caller has been found to see the archive: a link may belong to another
-- branch. Returns the caller's scope, to be put back.
create function look_past_scope(member_path text) returns text language plpgsql as $$
declare scope text := current_setting('platform.scope', true);
begin
    if member_path is null or not in_scope(member_path) then
        raise exception 'out of scope' using errcode = 'insufficient_privilege';
    end if;
    perform set_config('platform.scope', '*', true);
    return scope;
end $$;

-- Everything that names a member, as (table, key).
create function links_of(member uuid) returns table (relation text, key text) language plpgsql
    security definer set search_path = public as $$
declare name text; scope text := look_past_scope((select m.branch_path from member m where m.id = member));
begin
    for name in select * from link_tables() loop
        return query execute format('select %L::text, %s from %I where member_id = $1', name, link_key(name::regclass),
            name) using member;
    end loop;
    perform set_config('platform.scope', coalesce(scope, ''), true);
end $$;

-- Lets the named links name another member; a card follows the branch of its member.
create function links_to(links jsonb, member uuid) returns void language plpgsql
    security definer set search_path = public as $$
declare name text; keys text[]; scope text := look_past_scope((select m.branch_path from member m where m.id = member));
begin
    for name, keys in select l->>'table', array_agg(l->>'key') from jsonb_array_elements(links) l group by 1 loop
        if name not in (select * from link_tables()) then continue; end if;
        execute format('update %I set member_id = $1 where %s = any ($2)', name, link_key(name::regclass))
            using member, keys;
    end loop;
    update outbound_card c set home_path = m.branch_path from member m
        where m.id = member and c.member_id = m.id and c.home_path <> m.branch_path
          and c.id::text in (select l->>'key' from jsonb_array_elements(links) l where l->>'table' = 'outbound_card');
    perform set_config('platform.scope', coalesce(scope, ''), true);
end $$;

-- Takes an archive's row away and gives back every column of it. What it was counted as on past days stays counted: its
-- spells, where they are kept, end on the day.
create function take_member(gone uuid, day date) returns jsonb language plpgsql
    security definer set search_path = public as $$
declare taken jsonb; spells jsonb := '[]';
    scope text := look_past_scope((select m.branch_path from member m where m.id = gone));
begin
    select to_jsonb(m) into taken from member m where m.id = gone;
    if to_regclass('membership_spell') is not null then
        execute 'select coalesce(jsonb_agg(to_jsonb(s)), ''[]'') from membership_spell s where s.member_id = $1'
            into spells using gone;
    end if;
    delete from member where id = gone;
    if to_regclass('membership_spell') is not null then
        execute 'delete from membership_spell where member_id = $1' using gone;
        execute 'insert into membership_spell select (jsonb_populate_record(null::membership_spell,
                     s || jsonb_build_object(''until_on'', least(coalesce((s->>''until_on'')::date, $2), $2)))).*
                 from jsonb_array_elements($1) s where (s->>''from_on'')::date < $2' using spells, day;
    end if;
    perform set_config('platform.scope', coalesce(scope, ''), true);
    return jsonb_build_object('row', taken, 'spells', spells);
end $$;

-- Puts an archive's row back as it was taken, below its branch wherever that stands today.
create function return_member(taken jsonb) returns void language plpgsql
    security definer set search_path = public as $$
declare columns text; gone uuid := (taken->'row'->>'id')::uuid;
    scope text := look_past_scope(taken->'row'->>'branch_path');
begin
    select string_agg(quote_ident(attname), ', ' order by attnum) into columns from pg_attribute
        where attrelid = 'member'::regclass and attnum > 0 and not attisdropped and attgenerated = ''
          and taken->'row' ? attname;
    if to_regclass('membership_spell') is not null then
        execute 'delete from membership_spell where member_id = $1' using gone;
    end if;
    execute format('insert into member (%1$s) select %1$s from jsonb_populate_record(null::member, $1)', columns)
        using taken->'row';
    update member m set branch_path = o.path from organisation o
        where m.id = gone and o.id = m.branch_id and m.branch_path <> o.path;
    if to_regclass('membership_spell') is not null then
        execute 'delete from membership_spell where member_id = $1' using gone;
        execute 'insert into membership_spell
                 select (jsonb_populate_record(null::membership_spell, s)).* from jsonb_array_elements($1) s'
            using taken->'spells';
    end if;
    perform set_config('platform.scope', coalesce(scope, ''), true);
end $$;

-- A merge decides a pair, though one of its archives is no longer to be seen.
create function mark_duplicate(kept uuid, gone uuid, word text, who uuid, decided timestamptz) returns void
    language plpgsql security definer set search_path = public as $$
declare scope text := look_past_scope((select m.branch_path from member m where m.id = kept));
begin
    update duplicate_candidate set status = word, decided_by = who, decided_at = decided
        where first_id = least(kept, gone) and second_id = greatest(kept, gone);
    perform set_config('platform.scope', coalesce(scope, ''), true);
end $$;

do $$ begin
    if exists (select from pg_roles where rolname = 'platform_app') then
        grant select, insert, update on duplicate_candidate, member_merge, branch_quality, member_class, card_detail,
            screening, screening_finding to platform_app;
        grant select, insert, delete on quality_due to platform_app;
    end if;
end $$;
