-- Accounts, who holds which role for which organisation, what holders know and carry, sessions, and OpenIddict's rows.

create table account (
    id uuid primary key,
    user_name text collate "C" not null unique,
    name text not null,
    path text collate "C" not null,
    member_id uuid,
    certificate_index bytea,
    status text not null,
    code_hash bytea,
    code_until timestamptz,
    created_at timestamptz not null
);
create index account_path on account (path, user_name);
create unique index account_member on account (member_id) where status <> 'Closed';
create unique index account_certificate on account (certificate_index) where status <> 'Closed';

create table role_grant (
    id uuid primary key,
    account_id uuid not null references account (id),
    path text collate "C" not null,
    role text not null,
    from_on date not null,
    until_on date,
    withdrawn_at timestamptz
);
create index role_grant_account on role_grant (account_id);
create index role_grant_path on role_grant (path);

create table delegation (
    id uuid primary key,
    grant_id uuid not null references role_grant (id),
    from_account uuid not null references account (id),
    to_account uuid not null references account (id),
    path text collate "C" not null,
    role text not null,
    from_on date not null,
    until_on date not null,
    withdrawn_at timestamptz
);
create index delegation_from on delegation (from_account);
create index delegation_to on delegation (to_account);

create table credential (
    id uuid primary key references account (id),
    totp_secret bytea,
    totp_step bigint not null,
    must_change_password boolean not null,
    recovery_hashes bytea[] not null,
    user_name text not null,
    normalized_user_name text not null,
    password_hash text,
    security_stamp text,
    concurrency_stamp text
);

create table passkey (
    credential_id bytea primary key,
    user_id uuid not null references credential (id) on delete cascade,
    data jsonb not null
);
create index passkey_user on passkey (user_id);

create table session (
    id uuid primary key,
    account_id uuid not null references account (id),
    started_at timestamptz not null,
    seen_at timestamptz not null,
    second_factor_at timestamptz not null,
    methods text not null,
    office text not null,
    ended_at timestamptz,
    token_hash bytea not null unique
);
create index session_account on session (account_id) where ended_at is null;
create index session_started on session (started_at);

-- Wrong answers by a keyed hash of the question; keys of data protection, encrypted. Neither names anybody.
create table attempt (
    key bytea primary key,
    count int not null,
    last_at timestamptz not null
);
create index attempt_last on attempt (last_at);

create table data_key (
    id bigint generated always as identity primary key,
    body bytea not null
);

create table openiddict_application (
    id uuid primary key,
    application_type varchar(50),
    client_id varchar(100) unique,
    client_secret text,
    client_type varchar(50),
    concurrency_token varchar(50),
    consent_type varchar(50),
    display_name text,
    display_names text,
    json_web_key_set text,
    permissions text,
    post_logout_redirect_uris text,
    properties text,
    redirect_uris text,
    requirements text,
    settings text
);

create table openiddict_scope (
    id uuid primary key,
    concurrency_token varchar(50),
    description text,
    descriptions text,
    display_name text,
    display_names text,
    name varchar(200) unique,
    properties text,
    resources text
);

create table openiddict_authorization (
    id uuid primary key,
    application_id uuid references openiddict_application (id),
    concurrency_token varchar(50),
    creation_date timestamptz,
    properties text,
    scopes text,
    status varchar(50),
    subject varchar(400),
    type varchar(50)
);
create index openiddict_authorization_subject
    on openiddict_authorization (application_id, status, subject, type);

create table openiddict_token (
    id uuid primary key,
    application_id uuid references openiddict_application (id),
    authorization_id uuid references openiddict_authorization (id),
    concurrency_token varchar(50),
    creation_date timestamptz,
    expiration_date timestamptz,
    payload text,
    properties text,
    redemption_date timestamptz,
    reference_id varchar(100) unique,
    status varchar(50),
    subject varchar(400),
    type varchar(150)
);
create index openiddict_token_subject on openiddict_token (application_id, status, subject, type);
create index openiddict_token_authorization on openiddict_token (authorization_id);

create function is_own_account(account uuid) returns boolean language sql stable parallel safe as
    $$ select account::text = nullif(current_setting('platform.account', true), '') $$;

alter table account enable row level security;
alter table account force row level security;
create policy account_read on account for select using (in_scope(path) or is_own_account(id));
create policy account_add on account for insert with check (in_scope(path));
create policy account_change on account for update using (in_scope(path)) with check (in_scope(path));

alter table role_grant enable row level security;
alter table role_grant force row level security;
create policy grant_read on role_grant for select using (in_scope(path) or is_own_account(account_id));
create policy grant_add on role_grant for insert with check (in_scope(path));
create policy grant_change on role_grant for update using (in_scope(path)) with check (in_scope(path));

alter table delegation enable row level security;
alter table delegation force row level security;
create policy delegation_read on delegation for select
    using (in_scope(path) or is_own_account(from_account) or is_own_account(to_account));
create policy delegation_add on delegation for insert with check (in_scope(path));
create policy delegation_change on delegation for update
    using (in_scope(path) or is_own_account(from_account) or is_own_account(to_account));

-- What holders know and carry is for the service alone.
do $$ declare name text; begin
    foreach name in array array['credential', 'passkey', 'session'] loop
        execute format('alter table %I enable row level security', name);
        execute format('alter table %I force row level security', name);
        execute format($p$create policy %I on %I using (current_setting('platform.scope', true) = '*')$p$,
            name || '_service', name);
    end loop;
end $$;

do $$ begin
    if exists (select from pg_roles where rolname = 'platform_app') then
        grant select, insert, update on account, role_grant, delegation to platform_app;
        grant select, insert, update, delete on credential, passkey, session, attempt to platform_app;
        grant select, insert on data_key to platform_app;
        grant select, insert, update, delete on openiddict_application, openiddict_scope,
            openiddict_authorization, openiddict_token to platform_app;
        grant usage on all sequences in schema public to platform_app;
    end if;
end $$;
