-- What the host fed back is read at home, not only dated; encrypted, since people write about people.
alter table outbound_card add column last_feedback bytea;

-- What members ask for themselves and what was answered; both are people's words and encrypted. Whoever sees the archive
-- sees its requests: the branch by its path today, and the member.
create table member_request (
    id uuid primary key,
    member_id uuid not null references member (id),
    kind text not null check (kind in ('Change', 'Correction')),
    words bytea not null,
    status text not null check (status in ('Open', 'Done', 'Declined')),
    asked_by uuid not null,
    asked_by_name text not null,
    by_member boolean not null,
    asked_at timestamptz not null,
    answer bytea not null,
    answered_by uuid,
    answered_at timestamptz
);
create index member_request_member on member_request (member_id, asked_at);
create index member_request_list on member_request (status, id);

alter table member_request enable row level security;
alter table member_request force row level security;
create policy member_request_scope on member_request using (exists (select from member m where m.id = member_id));

-- Names of offices, for members who read who looked: an office's name is no secret, what stands in it is.
create function office_names(paths text[]) returns table (path text, name text) language plpgsql stable
    security definer set search_path = public as $$
declare scope text := current_setting('platform.scope', true);
begin
    perform set_config('platform.scope', '*', true);
    return query select o.path, o.name from organisation o where o.path = any (paths);
    perform set_config('platform.scope', coalesce(scope, ''), true);
end $$;

-- Whom a member calls: the branch of an archive that the caller sees, its contact person and telephone. Members see no
-- organisation otherwise.
create function branch_of(member_id uuid) returns table (name text, contact text, phone text) language plpgsql stable
    security definer set search_path = public as $$
declare scope text := current_setting('platform.scope', true); branch uuid;
begin
    select m.branch_id into branch from member m where m.id = $1;
    perform set_config('platform.scope', '*', true);
    return query select o.name, o.contact, o.phone from organisation o where o.id = branch;
    perform set_config('platform.scope', coalesce(scope, ''), true);
end $$;

do $$ begin
    if exists (select from pg_roles where rolname = 'platform_app') then
        grant select, insert, update on member_request to platform_app;
    end if;
end $$;
