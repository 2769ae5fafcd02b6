-- Doubles across regions by keyed hashes. The tier that compares holds hashes and no key, until the round is closed; a
-- region holds the key until its hashes are sent, and its own hashes until it is answered.

create table shared_round (
    id uuid primary key,
    path text collate "C" not null,
    matcher_region text not null,
    regions text not null,
    reason text not null,
    opened_by uuid not null,
    opened_at timestamptz not null,
    closed_at timestamptz,
    matches int
);
create index shared_round_list on shared_round (path, id);

create table shared_hash (
    round_id uuid not null references shared_round (id),
    hash bytea not null,
    region text not null,
    primary key (round_id, hash, region)
);

-- How many hashes a region says it sends; what stays of a round when its hashes are gone.
create table shared_total (
    round_id uuid not null references shared_round (id),
    region text not null,
    total int not null,
    primary key (round_id, region)
);

create table shared_part (
    id uuid primary key,
    round_id uuid not null,
    region text not null,
    path text collate "C" not null,
    matcher_region text not null,
    regions text not null,
    reason text not null,
    invited boolean not null,
    joined_by uuid,
    joined_at timestamptz,
    sent_at timestamptz,
    hashes int not null,
    answered_at timestamptz,
    matches int not null,
    unique (round_id, region)
);
create index shared_part_list on shared_part (path, id);

create table shared_key (
    part_id uuid primary key references shared_part (id),
    key bytea not null
);

create table shared_own_hash (
    part_id uuid not null references shared_part (id),
    hash bytea not null,
    holder_id uuid not null,
    primary key (part_id, hash)
);

create table also_registered (
    id uuid primary key,
    member_id uuid not null references member (id) on delete cascade,
    round_id uuid not null,
    region text not null,
    found_at timestamptz not null,
    settled_by uuid,
    settled_at timestamptz,
    outcome text not null
);
create index also_registered_member on also_registered (member_id, region);

insert into path_column values ('shared_round', 'path'), ('shared_part', 'path');

do $$
declare name text;
begin
    foreach name in array array['shared_round', 'shared_part'] loop
        execute format('alter table %I enable row level security', name);
        execute format('alter table %I force row level security', name);
        execute format('create policy %I on %I using (in_scope(path)) with check (in_scope(path))',
            name || '_scope', name);
    end loop;
    -- The service applies messages under the scope of all; a person who opens, joins or closes touches own rounds only.
    foreach name in array array['shared_hash', 'shared_total'] loop
        execute format('alter table %I enable row level security', name);
        execute format('alter table %I force row level security', name);
        execute format('create policy %I on %I using (exists (select from shared_round r where r.id = round_id))',
            name || '_scope', name);
    end loop;
    foreach name in array array['shared_key', 'shared_own_hash'] loop
        execute format('alter table %I enable row level security', name);
        execute format('alter table %I force row level security', name);
        execute format('create policy %I on %I using (exists (select from shared_part p where p.id = part_id))',
            name || '_scope', name);
    end loop;
    if exists (select from pg_roles where rolname = 'platform_app') then
        grant select, insert, update on shared_round, shared_part, also_registered to platform_app;
        grant select, insert, delete on shared_hash, shared_key, shared_own_hash to platform_app;
        grant select, insert on shared_total to platform_app;
    end if;
end $$;

alter table also_registered enable row level security;
alter table also_registered force row level security;
create policy also_registered_scope on also_registered
    using (exists (select from member m where m.id = member_id));
