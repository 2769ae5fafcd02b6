-- Quick search: names by characters, sound and first letters; filters that people keep.
--
-- Row-level security lets an index answer only through operators that cannot leak (=, <, >=; not LIKE, not arrays), so a
-- key is looked up as itself or as a range, and the caller's part of the tree as a range of paths in the same index.

alter table member
    add column name_key text collate "C" not null default '',
    add column name_pinyin text collate "C" not null default '',
    add column name_initials text collate "C" not null default '',
    add column name_readings text collate "C" not null default '';
drop index member_name;
create index member_name_key on member (name_key, branch_path);
create index member_pinyin on member (name_pinyin, branch_path);
create index member_initials on member (name_initials, branch_path);
-- Names first or branches first: the planner must know how many members a county has, which a hundred steps do not say.
-- Four hundred do: three a county in a province of a hundred and twenty. More would be sorted each minute of a load.
alter table member alter column branch_path set statistics 400;

alter table outbound_card
    add column name_key text collate "C" not null default '',
    add column name_pinyin text collate "C" not null default '',
    add column name_initials text collate "C" not null default '',
    add column name_readings text collate "C" not null default '';
create index outbound_name_key on outbound_card (name_key, home_path);
create index outbound_pinyin on outbound_card (name_pinyin, home_path);
create index outbound_initials on outbound_card (name_initials, home_path);

alter table inbound_card
    add column name_key text collate "C" not null default '',
    add column name_pinyin text collate "C" not null default '',
    add column name_initials text collate "C" not null default '',
    add column name_readings text collate "C" not null default '';
create index inbound_name_key on inbound_card (name_key, host_path);
create index inbound_pinyin on inbound_card (name_pinyin, host_path);
create index inbound_initials on inbound_card (name_initials, host_path);
alter table outbound_card alter column home_path set statistics 1000;
alter table inbound_card alter column host_path set statistics 1000;
-- Four hundred steps of one column take a hundred and twenty thousand rows, and each of their values is sorted: columns
-- by which nothing is looked for, or by a unique index only, go without. All columns by a thousand steps were an eighth
-- of what the database did during a load.
do $$
declare unsought record;
begin
    for unsought in
        select t.name as t, c.name as c from (values
            ('member', 'name id_number id_number_index sex ethnic_group native_place education joined_on phone
                occupation employer credit_code residence role_played source name_readings held_since'),
            ('outbound_card', 'facts peer_facts name contact_person home_branch host_branch host_contact lost_contact
                case_key differences name_readings'),
            ('inbound_card', 'facts peer_facts name home_branch home_contact case_key differences name_readings'))
            t(name, columns) cross join lateral regexp_split_to_table(t.columns, '\s+') c(name) loop
        execute format('alter table %I alter column %I set statistics 0', unsought.t, unsought.c);
    end loop;
end $$;

create index organisation_credit_code on organisation (credit_code) where credit_code <> '';
create index organisation_known_as on organisation (code);
alter table organisation alter column name type text collate "C";
create index organisation_name on organisation (name, path);

-- Every ending of a standing organisation's name, of 2 characters or more, its first twelve: a part of a name is the
-- beginning of an ending. Written by triggers.
create table organisation_word (
    word text collate "C" not null,
    path text collate "C" not null,
    id uuid not null,
    primary key (word, path, id)
);

create function organisation_words_kept() returns trigger language plpgsql security definer
    set search_path = public set plan_cache_mode = force_custom_plan as $$
declare scope text := current_setting('platform.scope', true); changed uuid[];
begin
    perform set_config('platform.scope', '*', true);
    if tg_op = 'UPDATE' then
        changed := array(select a.id from added a join removed r on r.id = a.id
            where (a.name, a.path, a.dissolved_on) is distinct from (r.name, r.path, r.dissolved_on));
    end if;
    if tg_op <> 'INSERT' then
        delete from organisation_word w
            using removed r cross join lateral generate_series(1, greatest(length(r.name) - 1, 1)) at
            where w.word = substr(r.name, at, 12) and w.path = r.path and w.id = r.id
              and (changed is null or r.id = any (changed));
    end if;
    if tg_op <> 'DELETE' then
        -- Not as added but as it stands: it may have moved with a superior since.
        insert into organisation_word
            select substr(o.name, at, 12), o.path, o.id
            from added a join organisation o on o.id = a.id
                cross join lateral generate_series(1, greatest(length(o.name) - 1, 1)) at
            where o.dissolved_on is null and (changed is null or o.id = any (changed))
            on conflict do nothing;
    end if;
    perform set_config('platform.scope', coalesce(scope, ''), true);
    return null;
end $$;
create trigger words_added after insert on organisation referencing new table as added
    for each statement execute function organisation_words_kept();
create trigger words_changed after update on organisation referencing old table as removed new table as added
    for each statement execute function organisation_words_kept();
create trigger words_removed after delete on organisation referencing old table as removed
    for each statement execute function organisation_words_kept();
select set_config('platform.scope', '*', true);
insert into organisation_word
    select substr(o.name, at, 12), o.path, o.id
    from organisation o cross join lateral generate_series(1, greatest(length(o.name) - 1, 1)) at
    where o.dissolved_on is null on conflict do nothing;

-- One row per unusual reading of a name (one name in five has any): 单 read as "dan". Written by triggers, so that no
-- writer of members and cards can forget it.
create table name_reading (
    pinyin text collate "C" not null,
    path text collate "C" not null,
    kind text not null,
    id uuid not null,
    primary key (pinyin, path, id)
);

create function name_readings_kept() returns trigger language plpgsql security definer
    set search_path = public set plan_cache_mode = force_custom_plan as $$
declare scope text := current_setting('platform.scope', true); unchanged text := 'false';
begin
    perform set_config('platform.scope', '*', true);
    if tg_op = 'UPDATE' then
        unchanged := format('exists (select from added a join removed r on r.id = a.id where a.id = o.id
            and (a.name_readings, a.%1$I) = (r.name_readings, r.%1$I))', tg_argv[0]);
    end if;
    if tg_op <> 'INSERT' then
        execute format('delete from name_reading n using removed o where o.name_readings <> ''''
            and n.pinyin = any (string_to_array(o.name_readings, '' '')) and n.path = o.%I and n.id = o.id
            and not %s', tg_argv[0], unchanged);
    end if;
    if tg_op <> 'DELETE' then
        execute format('insert into name_reading select reading, o.%I, %L, o.id
            from added o cross join lateral unnest(string_to_array(o.name_readings, '' '')) reading
            where o.name_readings <> '''' and not %s
            on conflict do nothing', tg_argv[0], tg_table_name, unchanged);
    end if;
    perform set_config('platform.scope', coalesce(scope, ''), true);
    return null;
end $$;

-- Triggers run in the order of their names. These come before member_added, which may change a member's path once more:
-- what it changes is then changed here.
do $$
declare name text; path text;
begin
    for name, path in select * from (values ('member', 'branch_path'), ('outbound_card', 'home_path'),
                                            ('inbound_card', 'host_path')) t loop
        execute format('create trigger kept_readings_added after insert on %I referencing new table as added
            for each statement execute function name_readings_kept(%L)', name, path);
        execute format('create trigger kept_readings_changed after update on %I referencing old table as removed
            new table as added for each statement execute function name_readings_kept(%L)', name, path);
        execute format('create trigger kept_readings_removed after delete on %I referencing old table as removed
            for each statement execute function name_readings_kept(%L)', name, path);
    end loop;
end $$;

create table saved_filter (
    id uuid primary key,
    owner uuid not null,
    owner_name text not null,
    path text collate "C" not null,
    shared boolean not null,
    name text not null,
    list text not null,
    parameters jsonb not null,
    saved_at timestamptz not null,
    deleted boolean not null
);
create unique index saved_filter_name on saved_filter (owner, name) where not deleted;
create index saved_filter_shared on saved_filter (path) where shared;

alter table name_reading enable row level security;
alter table name_reading force row level security;
create policy reading_scope on name_reading using (in_scope(path)) with check (in_scope(path));
alter table organisation_word enable row level security;
alter table organisation_word force row level security;
create policy word_scope on organisation_word using (in_scope(path)) with check (in_scope(path));

-- Account of the caller, as the service was told; nothing when nobody said who asks.
create function is_own(account uuid) returns boolean language sql stable parallel safe as
    $$ select account::text = nullif(current_setting('platform.account', true), '') $$;

alter table saved_filter enable row level security;
alter table saved_filter force row level security;
-- A shared filter is for everybody below the organisation it was shared at, and in the hands of who stands above it.
create policy saved_filter_read on saved_filter for select using (is_own(owner) or in_scope(path)
    or shared and starts_with(nullif(current_setting('platform.scope', true), ''), path));
create policy saved_filter_add on saved_filter for insert with check (is_own(owner) and in_scope(path));
create policy saved_filter_change on saved_filter for update using (is_own(owner) or in_scope(path));
insert into path_column values ('saved_filter', 'path');

do $$ begin
    if exists (select from pg_roles where rolname = 'platform_app') then
        grant select on name_reading, organisation_word to platform_app;
        grant select, insert, update on saved_filter to platform_app;
    end if;
end $$;
