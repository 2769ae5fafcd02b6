-- What offices write to each other and of each other: papers and who confirmed them, reports upwards, what other
-- departments know, yearly reviews of certificates, who leads between two regions, delegates' quotas.

create table paper (
    id uuid primary key,
    path text collate "C" not null,
    organisation_id uuid not null references organisation (id),
    kind text not null,
    number text not null,
    title text not null,
    text text not null,
    version int not null,
    replaces_id uuid unique references paper (id),
    published boolean not null,
    issued_on date not null
);
create index paper_path on paper (path, id);

create table paper_receipt (
    id uuid primary key,
    path text collate "C" not null,
    paper_id uuid not null references paper (id),
    organisation_id uuid not null references organisation (id),
    note text not null,
    received_on date not null,
    unique (paper_id, organisation_id)
);

create table office_report (
    id uuid primary key,
    path text collate "C" not null,
    organisation_id uuid not null references organisation (id),
    to_id uuid not null references organisation (id),
    kind text not null,
    period text not null,
    title text not null,
    text text not null,
    sent_on date not null
);
create unique index office_report_once on office_report (organisation_id, kind, period) where kind <> 'SPE';
create index office_report_to on office_report (to_id, kind, period);

create table department_return (
    id uuid primary key,
    path text collate "C" not null,
    organisation_id uuid not null references organisation (id),
    department text not null,
    on_day date not null,
    members int not null check (members >= 0),
    note text not null
);
create index department_return_newest on department_return (organisation_id, department, on_day desc);

create table certificate_review (
    id uuid primary key,
    member_id uuid not null references member (id),
    case_id uuid not null,
    certificate_number text not null,
    year int not null,
    result text not null,
    appraisal text not null,
    reviewed_on date not null,
    unique (case_id, year)
);
create index certificate_review_member on certificate_review (member_id, year);

create table management_mode (
    id uuid primary key,
    path text collate "C" not null,
    organisation_id uuid not null references organisation (id),
    peer_region text not null,
    mode text not null,
    agreement text not null,
    from_on date not null,
    unique (organisation_id, peer_region, from_on)
);

create table delegate_quota (
    id uuid primary key,
    path text collate "C" not null,
    organisation_id uuid not null references organisation (id),
    congress text not null,
    delegates int not null,
    for_mobile int not null check (for_mobile between 0 and delegates),
    decided_on date not null,
    unique (organisation_id, congress)
);

create table park_examination (
    id uuid primary key,
    path text collate "C" not null,
    organisation_id uuid not null references organisation (id),
    site text not null,
    period text not null,
    examined_on date not null,
    economic_goals text not null,
    economic_result text not null,
    party_goals text not null,
    party_result text not null,
    conclusion text not null,
    units int not null,
    organised int not null,
    members_only int not null
);
create index park_examination_path on park_examination (path, id);

insert into path_column values ('paper', 'path'), ('paper_receipt', 'path'), ('office_report', 'path'),
    ('department_return', 'path'), ('management_mode', 'path'), ('delegate_quota', 'path'),
    ('park_examination', 'path');

alter table unit add column below_scale boolean not null default false;
alter table appointment add column leading_cadre boolean;
alter table member_class add column tier text not null default '';

alter table paper enable row level security;
alter table paper force row level security;
create policy paper_read on paper for select using (published or in_scope(path));
create policy paper_add on paper for insert with check (in_scope(path));
create policy paper_move on paper for update using (in_scope(path)) with check (in_scope(path));

create trigger paper_placed before insert on paper for each row execute function record_placed('organisation_id');

alter table certificate_review enable row level security;
alter table certificate_review force row level security;
create policy certificate_review_scope on certificate_review
    using (exists (select from member m where m.id = member_id));

do $$
declare name text;
begin
    foreach name in array array['paper_receipt', 'office_report', 'department_return', 'management_mode',
                                'delegate_quota', 'park_examination'] loop
        execute format('alter table %I enable row level security', name);
        execute format('alter table %I force row level security', name);
        execute format('create policy %I on %I using (in_scope(path)) with check (in_scope(path))',
            name || '_scope', name);
        execute format('create trigger %I before insert on %I for each row execute function
            record_placed(''organisation_id'')', name || '_placed', name);
    end loop;
    if exists (select from pg_roles where rolname = 'platform_app') then
        grant select, insert on paper, paper_receipt, office_report, department_return, certificate_review,
            management_mode, delegate_quota, park_examination to platform_app;
        -- What was said stays as it was said; only where it stands follows a reorganisation.
        grant update (path) on paper, paper_receipt, office_report, department_return, management_mode,
            delegate_quota, park_examination to platform_app;
    end if;
end $$;
