-- Figures as of a day, and as known at an instant. Each row of figure_span says: from a day until a day this member was
-- held there, this card counted as on the move or this two-new organisation stood so, and from when until when that was
-- what the register said. Rows are only ended, never changed, so that every published number opens its list again.
-- Triggers write them, whoever writes spells, cards and units; they plan anew each time, because a plan made while a
-- table was empty reads all of it later.

alter table outbound_card add column occupation text not null default '', add column sector text not null default '';
alter table inbound_card add column occupation text not null default '', add column sector text not null default '';

create table figure_span (
    id bigint generated always as identity primary key,
    side text not null,
    subject_id uuid not null,
    -- Whose archive; not called member_id: a span stays with the archive it was counted by.
    person_id uuid,
    path text collate "C" not null,
    region text not null,
    other_region text not null,
    leg smallint not null,
    -- 1 within the township, 2 county, 3 city, 4 province, 5 country, 6 abroad; 0 within the county, township not known.
    distance smallint not null,
    occupation text not null,
    sector text not null,
    education text not null,
    reason text not null,
    -- Measure of a two-new organisation; '' for members.
    coverage text not null default '',
    began_on date not null,
    from_on date not null,
    until_on date,
    recorded_at timestamptz not null,
    superseded_at timestamptz
);
create index figure_held on figure_span (path, id)
    include (from_on, until_on, recorded_at, superseded_at) where side = 'held';
create index figure_moving on figure_span (path, id) where side <> 'held';
create index figure_current on figure_span (subject_id) where superseded_at is null;

-- What the cards say of each stay, without the past of those who hold them: who is held elsewhere since a day is
-- counted elsewhere since that day, whenever it was recorded, and so are that member's cards and a branch's guests.
create table card_span (
    id bigint generated always as identity primary key,
    side text not null,
    card_id uuid not null,
    -- Home: whose archive; the member's branch holds the card.
    person_id uuid,
    -- Host: the organisation that took the member in, or where the card lies.
    held_by uuid,
    -- Where neither is known.
    path text collate "C" not null,
    region text not null,
    other_region text not null,
    leg smallint not null,
    distance smallint not null,
    occupation text not null,
    sector text not null,
    education text not null,
    reason text not null,
    began_on date not null,
    from_on date not null,
    until_on date
);
create index card_span_card on card_span (card_id);
create index card_span_person on card_span (person_id) where person_id is not null;
create index card_span_holder on card_span (held_by) where held_by is not null;

create table closing (
    id uuid primary key,
    path text collate "C" not null,
    region text not null,
    name text not null,
    tier smallint not null,
    month date not null,
    revision int not null,
    day date not null,
    known_at timestamptz not null,
    opening bigint not null,
    increases bigint not null,
    decreases bigint not null,
    headcount bigint not null,
    figures jsonb not null,
    -- Archives that make the difference of the identity; never sent on.
    late_added uuid[] not null,
    late_removed uuid[] not null,
    reason text not null,
    closed_by text not null,
    closed_at timestamptz not null,
    -- True where the registers behind the numbers are kept at this node.
    own boolean not null,
    previous_hash bytea not null,
    hash bytea not null unique,
    unique (path, month, revision)
);

-- What both sides counted from whom, on Chinese days.
create function figure_today() returns date language sql stable as
    $$ select (now() at time zone 'Asia/Shanghai')::date $$;

create function figure_distance(home_region text, host_region text, home_path text, host_path text)
    returns smallint language sql immutable parallel safe as $$
    select (case
        when left(host_region, 2) in ('71', '81', '82', '99') and left(home_region, 2) <> left(host_region, 2) then 6
        when left(home_region, 2) <> left(host_region, 2) then 5
        when left(home_region, 4) <> left(host_region, 4) then 4
        when home_region <> host_region then 3
        when host_path is null then 0
        when split_part(home_path, '/', 4) = split_part(host_path, '/', 4) then 1
        else 2 end)::smallint $$;

-- One instant for all that a transaction records. Waits for nothing but a closing, which must not miss what is being
-- written: the lock is held until the end.
create function figure_instant() returns timestamptz language plpgsql volatile as $$
declare instant timestamptz := nullif(current_setting('platform.figures_at', true), '')::timestamptz;
begin
    if instant is null then
        lock table figure_span in row exclusive mode;
        instant := clock_timestamp();
        perform set_config('platform.figures_at', instant::text, true);
    end if;
    return instant;
end $$;

-- Where these branches stood from when until when, whatever they were called and whoever led them.
create function held_places(branches uuid[]) returns table (organisation_id uuid, path text, from_on date, until_on date)
    language sql stable as $$
    select organisation_id, path, min(from_on), nullif(max(coalesce(until_on, 'infinity')), 'infinity')
    from (select *, sum(fresh) over (partition by organisation_id order by from_on) as stay
          from (select *, case when (lag(path) over past, lag(until_on) over past) = (path, from_on) then 0
                               else 1 end as fresh
                from organisation_spell where organisation_id = any (branches)
                window past as (partition by organisation_id order by from_on)) s) t
    group by organisation_id, path, stay $$;

-- Where the spells say that these members were held, from when until when: where a branch stood, not what it was
-- called.
create function held_spans(members uuid[]) returns table (subject_id uuid, path text, from_on date, until_on date)
    language sql stable as $$
    with spell as materialized (select * from membership_spell where member_id = any (members)),
    place as materialized (select * from held_places(array(select distinct branch_id from spell)))
    select s.member_id, p.path, greatest(s.from_on, p.from_on), least(s.until_on, p.until_on)
    from spell s join place p on p.organisation_id = s.branch_id
        and p.from_on < coalesce(s.until_on, 'infinity') and coalesce(p.until_on, 'infinity') > s.from_on $$;

-- Lets the spans of these members say again what the spells say: what was otherwise is ended, and stays what was known.
create function figures_of_held(members uuid[]) returns void language plpgsql security definer
    set search_path = public set plan_cache_mode = force_custom_plan as $$
declare scope text := current_setting('platform.scope', true); at timestamptz;
begin
    if members is null then return; end if;
    perform set_config('platform.scope', '*', true);
    at := figure_instant();
    with wanted as materialized (select * from held_spans(members)),
    present as materialized (
        select s.id, s.subject_id, s.path, s.from_on, s.until_on from figure_span s
        where s.subject_id = any (members) and s.side = 'held' and s.superseded_at is null),
    ended as (
        update figure_span set superseded_at = at
        where id = any (array(
            select p.id from present p left join wanted w on w.subject_id = p.subject_id and w.path = p.path
                and w.from_on = p.from_on and w.until_on is not distinct from p.until_on
            where w.subject_id is null)))
    insert into figure_span (side, subject_id, person_id, path, region, other_region, leg, distance, occupation, sector,
                             education, reason, began_on, from_on, until_on, recorded_at)
        select 'held', subject_id, subject_id, path, '', '', 0, 0, '', '', '', '', from_on, from_on, until_on, at
        from (select * from wanted except select subject_id, path, from_on, until_on from present) n;
    perform figures_placed((select array_agg(card_id) from card_span where person_id = any (members)));
    perform set_config('platform.scope', coalesce(scope, ''), true);
end $$;

-- Where these organisations stood from when on; one that was absorbed stands since then where the other one stands.
create function placed_spans(organisations uuid[]) returns table (organisation_id uuid, path text, from_on date)
    language sql stable as $$
    with recursive stands(holder, at, since) as (
        select o, o, '-infinity'::date from unnest(organisations) o
        union
        -- Founded and absorbed on one day, it has no spell.
        select s.holder, r.organisation_id, coalesce(
               (select max(e.until_on) from organisation_spell e where e.organisation_id = s.at), r.effective_on)
        from stands s join reorganisation r on r.kind = 'Merge' and s.at = any (r.involved)
            and r.organisation_id <> s.at
        where not exists (select from organisation_spell e where e.organisation_id = s.at and e.until_on is null))
    select holder, path, from_on
    from (select holder, path, from_on, lag(path) over (partition by holder order by from_on) as before
          from (select s.holder, p.path, greatest(p.from_on, s.since) as from_on
                from stands s join organisation_spell p on p.organisation_id = s.at
                    and coalesce(p.until_on, 'infinity') > s.since) stays) turns
    where before is distinct from path $$;

-- Lets the spans of these cards say again what the cards say, held where their holders were held on each day: before
-- the first day known and after the last one, as on that day.
create function figures_placed(cards uuid[]) returns void language plpgsql security definer
    set search_path = public set plan_cache_mode = force_custom_plan as $$
declare scope text := current_setting('platform.scope', true); at timestamptz;
begin
    if cards is null then return; end if;
    perform set_config('platform.scope', '*', true);
    -- Cards that count nowhere yet: all that a roster brings.
    if not exists (select from card_span where card_id = any (cards))
        and not exists (select from figure_span where subject_id = any (cards) and superseded_at is null) then
        perform set_config('platform.scope', coalesce(scope, ''), true);
        return;
    end if;
    at := figure_instant();
    with mine as materialized (select * from card_span where card_id = any (cards)),
    held as materialized (
        select 'home' as side, subject_id as holder, path, from_on
        from held_spans((select array_agg(distinct person_id) from mine where side = 'home'))
        union all
        select 'host', organisation_id, path, from_on
        from placed_spans((select array_agg(distinct held_by) from mine where side = 'host'))),
    stays as materialized (
        select side, holder, path, case when lag(from_on) over past is null then '-infinity' else from_on end as since,
               coalesce(lead(from_on) over past, 'infinity') as till
        from held window past as (partition by side, holder order by from_on)),
    wanted as materialized (
        select m.side, m.card_id as subject_id, m.person_id, coalesce(s.path, m.path) as path, m.region,
               m.other_region, m.leg, m.distance, m.occupation, m.sector, m.education, m.reason, m.began_on,
               greatest(m.from_on, s.since) as from_on,
               nullif(least(coalesce(m.until_on, 'infinity'), s.till), 'infinity') as until_on
        from mine m left join stays s on s.side = m.side and s.holder = coalesce(m.person_id, m.held_by)
            and s.since < coalesce(m.until_on, 'infinity') and s.till > m.from_on),
    present as materialized (
        select id, side, subject_id, person_id, path, region, other_region, leg, distance, occupation, sector,
               education, reason, began_on, from_on, until_on
        from figure_span where subject_id = any (cards) and side in ('home', 'host') and superseded_at is null),
    ended as (
        update figure_span set superseded_at = at
        where id = any (array(
            select p.id from present p where not exists (
                select from wanted w where w.subject_id = p.subject_id
                    and (w.side, w.person_id, w.path, w.region, w.other_region, w.leg, w.distance, w.occupation,
                         w.sector, w.education, w.reason, w.began_on, w.from_on, w.until_on)
                    is not distinct from (p.side, p.person_id, p.path, p.region, p.other_region, p.leg, p.distance,
                         p.occupation, p.sector, p.education, p.reason, p.began_on, p.from_on, p.until_on)))))
    insert into figure_span (side, subject_id, person_id, path, region, other_region, leg, distance, occupation, sector,
                             education, reason, began_on, from_on, until_on, recorded_at)
        select n.*, at
        from (select * from wanted except
              select side, subject_id, person_id, path, region, other_region, leg, distance, occupation, sector,
                     education, reason, began_on, from_on, until_on from present) n;
    perform set_config('platform.scope', coalesce(scope, ''), true);
end $$;

create function figures_of_memberships() returns trigger language plpgsql security definer
    set search_path = public set plan_cache_mode = force_custom_plan as $$
begin
    perform figures_of_held((select array_agg(distinct member_id) from turned));
    return null;
end $$;

-- Somebody's first spell contradicts nothing that was said before: a load need not look.
create function figures_of_memberships_added() returns trigger language plpgsql security definer
    set search_path = public set plan_cache_mode = force_custom_plan as $$
declare scope text := current_setting('platform.scope', true); at timestamptz;
begin
    if current_setting('platform.first_spells', true) is distinct from 'true' then
        perform figures_of_held((select array_agg(distinct member_id) from turned));
    else
        perform set_config('platform.scope', '*', true);
        at := figure_instant();
        insert into figure_span (side, subject_id, person_id, path, region, other_region, leg, distance, occupation,
                                 sector, education, reason, began_on, from_on, until_on, recorded_at)
            select 'held', t.member_id, t.member_id, p.path, '', '', 0, 0, '', '', '', '',
                   greatest(t.from_on, p.from_on), greatest(t.from_on, p.from_on), least(t.until_on, p.until_on), at
            from turned t join held_places(array(select distinct branch_id from turned)) p
                on p.organisation_id = t.branch_id and p.from_on < coalesce(t.until_on, 'infinity')
                and coalesce(p.until_on, 'infinity') > t.from_on;
        perform figures_placed((select array_agg(card_id) from card_span
            where person_id = any (array(select member_id from turned))));
        perform set_config('platform.scope', coalesce(scope, ''), true);
    end if;
    return null;
end $$;
create trigger figures_of_memberships_added after insert on membership_spell referencing new table as turned
    for each statement execute function figures_of_memberships_added();
create trigger figures_of_memberships_turned after update on membership_spell referencing new table as turned
    for each statement execute function figures_of_memberships();
create trigger figures_of_memberships_removed after delete on membership_spell referencing old table as turned
    for each statement execute function figures_of_memberships();

create function figures_of_places() returns trigger language plpgsql security definer
    set search_path = public set plan_cache_mode = force_custom_plan as $$
declare scope text := current_setting('platform.scope', true);
begin
    perform set_config('platform.scope', '*', true);
    perform figures_of_held((select array_agg(distinct m.member_id) from membership_spell m
        where m.branch_id = any (array(select distinct organisation_id from turned))));
    -- Guests of these, and of those that went up in them.
    perform figures_placed((
        with recursive touched(id) as (
            select organisation_id from turned
            union
            select unnest(r.involved) from touched t join reorganisation r
                on r.organisation_id = t.id and r.kind = 'Merge')
        select array_agg(card_id) from card_span where held_by = any (array(select id from touched))));
    perform set_config('platform.scope', coalesce(scope, ''), true);
    return null;
end $$;
create trigger figures_of_places_added after insert on organisation_spell referencing new table as turned
    for each statement execute function figures_of_places();
create trigger figures_of_places_turned after update on organisation_spell referencing new table as turned
    for each statement execute function figures_of_places();
create trigger figures_of_places_removed after delete on organisation_spell referencing old table as turned
    for each statement execute function figures_of_places();

-- The education of a member is a fact of the member's cards.
create function figures_of_turned() returns trigger language plpgsql security definer
    set search_path = public set plan_cache_mode = force_custom_plan as $$
declare scope text := current_setting('platform.scope', true);
begin
    perform set_config('platform.scope', '*', true);
    if exists (select from after_change a join before_change b on b.id = a.id where a.education <> b.education) then
        perform figures_of_cards((select array_agg(c.id) from outbound_card c
            join after_change a on a.id = c.member_id join before_change b on b.id = a.id
            where a.education <> b.education));
    end if;
    perform set_config('platform.scope', coalesce(scope, ''), true);
    return null;
end $$;
create trigger figures_of_turned after update on member referencing old table as before_change new table as after_change
    for each statement execute function figures_of_turned();

create function figures_of_removed() returns trigger language plpgsql security definer
    set search_path = public set plan_cache_mode = force_custom_plan as $$
declare scope text := current_setting('platform.scope', true); day date := figure_today();
begin
    perform set_config('platform.scope', '*', true);
    delete from card_span s using removed r where s.card_id = r.id and s.side = 'home' and s.from_on >= day;
    update card_span s set until_on = day from removed r
        where s.card_id = r.id and s.side = 'home' and s.until_on is null;
    perform figures_placed((select array_agg(id) from removed));
    perform set_config('platform.scope', coalesce(scope, ''), true);
    return null;
end $$;
create trigger figures_of_removed after delete on outbound_card referencing old table as removed
    for each statement execute function figures_of_removed();

-- Whether a card of home counts as a member on the move, by its status.
create function figure_counts(status text) returns boolean language sql immutable parallel safe as
    $$ select status in ('Notified', 'Admitted', 'NotFound', 'LostContact', 'Returned') $$;

-- What the cards say now; both cards of a case that stays at this node know the township.
create function figure_cards(cards uuid[]) returns table (side text, subject_id uuid, person_id uuid, path text,
    region text, other_region text, leg smallint, distance smallint, occupation text, sector text, education text,
    reason text, began_on date, until_on date, held_by uuid) language sql stable as $$
    select 'home', c.id, c.member_id, c.home_path, c.home_region, c.host_region, c.leg::smallint,
           figure_distance(c.home_region, c.host_region, c.home_path,
               case when i.branch_id is not null then i.host_path end),
           c.occupation, c.sector, coalesce(m.education, ''), c.reason, c.departs_on, c.ended_on,
           null::uuid
    from outbound_card c left join member m on m.id = c.member_id
    left join inbound_card i on i.case_id = c.id and i.leg = c.leg and c.home_region = c.host_region
    where c.id = any (cards) and figure_counts(c.status)
    union all
    select 'host', i.id, null, i.host_path, i.host_region, i.home_region, i.leg::smallint,
           figure_distance(i.home_region, i.host_region, c.home_path,
               case when c.id is not null and i.branch_id is not null then i.host_path end),
           i.occupation, i.sector, '', '', i.arrives_on, i.left_on,
           coalesce(i.branch_id,
               (select o.id from organisation o where o.path = i.host_path and o.dissolved_on is null))
    from inbound_card i left join outbound_card c on c.id = i.case_id and i.home_region = i.host_region
    where i.id = any (cards) and (i.status in ('AwaitingHome', 'Confirmed', 'Admitted', 'LostContact')
        or i.status = 'Left' and i.admitted_on is not null)
$$;

-- Writes down what changed of these cards: a movement from today on, a correction for all the time it concerns.
create function figures_of_cards(cards uuid[]) returns void language plpgsql security definer
    set search_path = public set plan_cache_mode = force_custom_plan as $$
declare scope text := current_setting('platform.scope', true); day date := figure_today();
begin
    if cards is null then return; end if;
    perform set_config('platform.scope', '*', true);
    with wanted as materialized (
        select *, case when person_id is null and held_by is null then path end as own_path from figure_cards(cards)),
    last as materialized (
        select distinct on (s.side, s.card_id) s.*,
               case when s.person_id is null and s.held_by is null then s.path end as own_path
        from card_span s where s.card_id = any (cards) order by s.side, s.card_id, s.from_on desc, s.id desc),
    news as materialized (
        select w.*, l.id as last_id,
               l.id is not null and l.from_on < day
                   and (l.own_path, l.held_by, l.other_region, l.leg)
                       is distinct from (w.own_path, w.held_by, w.other_region, w.leg) as moved,
               case when l.id is null or l.from_on = l.began_on then w.began_on else l.from_on end as starts_on
        from wanted w left join last l on l.card_id = w.subject_id and l.side = w.side
        where l.id is null or (l.own_path, l.held_by, l.region, l.other_region, l.leg, l.distance, l.occupation,
                               l.sector, l.education, l.reason, l.began_on, l.until_on, l.person_id)
            is distinct from (w.own_path, w.held_by, w.region, w.other_region, w.leg, w.distance, w.occupation,
                              w.sector, w.education, w.reason, w.began_on, w.until_on, w.person_id)),
    gone as (
        delete from card_span where id = any (array(
            select last_id from news where last_id is not null and not moved
            union all
            select g.id from card_span g join last l on l.card_id = g.card_id and l.side = g.side
                where not exists (select from wanted w where w.subject_id = g.card_id and w.side = g.side)))),
    cut as (
        update card_span set until_on = day where id = any (array(select last_id from news where moved)))
    insert into card_span (side, card_id, person_id, held_by, path, region, other_region, leg, distance, occupation,
                           sector, education, reason, began_on, from_on, until_on)
        select side, subject_id, person_id, held_by, path, region, other_region, leg, distance, occupation, sector,
               education, reason, began_on, case when moved then day else starts_on end, until_on
        from news;
    perform figures_placed(cards);
    perform set_config('platform.scope', coalesce(scope, ''), true);
end $$;

create function figures_of_outbound() returns trigger language plpgsql security definer
    set search_path = public set plan_cache_mode = force_custom_plan as $$
declare scope text := current_setting('platform.scope', true);
begin
    perform set_config('platform.scope', '*', true);
    -- Of new cards only those that count: a roster brings applications, which do not.
    perform figures_of_cards((select array_agg(id) from (
        select id from turned where tg_op = 'UPDATE' or figure_counts(status) union all
        select i.id from inbound_card i join turned t on i.case_id = t.id and t.home_region = t.host_region) c));
    perform set_config('platform.scope', coalesce(scope, ''), true);
    return null;
end $$;
create trigger figures_of_outbound_added after insert on outbound_card referencing new table as turned
    for each statement execute function figures_of_outbound();
create trigger figures_of_outbound_turned after update on outbound_card referencing new table as turned
    for each statement execute function figures_of_outbound();

create function figures_of_inbound() returns trigger language plpgsql security definer
    set search_path = public set plan_cache_mode = force_custom_plan as $$
declare scope text := current_setting('platform.scope', true);
begin
    perform set_config('platform.scope', '*', true);
    perform figures_of_cards((select array_agg(id) from (
        select id from turned union all
        select case_id from turned where home_region = host_region) c));
    perform set_config('platform.scope', coalesce(scope, ''), true);
    return null;
end $$;
create trigger figures_of_inbound_added after insert on inbound_card referencing new table as turned
    for each statement execute function figures_of_inbound();
create trigger figures_of_inbound_turned after update on inbound_card referencing new table as turned
    for each statement execute function figures_of_inbound();

-- Two-new organisations are non-public enterprises and social organisations (M-099). Three members without an
-- organisation are none of the three parts that the sources print: they are counted beside them, and the rule of the
-- table says by how many it does not close. Days: from when what the register says of each is true.
create function figures_of_units(ids uuid[], days date[]) returns void language plpgsql security definer
    set search_path = public set plan_cache_mode = force_custom_plan as $$
declare scope text := current_setting('platform.scope', true); at timestamptz;
begin
    if ids is null then return; end if;
    perform set_config('platform.scope', '*', true);
    at := figure_instant();
    with wanted as materialized (
        select u.id as subject_id, u.path, left(u.division, 6) as region, u.sector, u.closed_on as until_on, d.day,
               case when u.organisation_id is not null then 'twoNewOrganised' when u.members = 0 then 'twoNewNone'
                    when u.members < 3 then 'twoNewFew' else 'twoNewDue' end as coverage
        from unnest(ids, days) d (id, day) join unit u on u.id = d.id where u.category in ('2', '8')),
    last as materialized (
        select distinct on (s.subject_id) s.*, min(s.from_on) over (partition by s.subject_id) as first_on
        from figure_span s where s.subject_id = any (ids) and s.side = 'unit' and s.superseded_at is null
        order by s.subject_id, s.from_on desc, s.id desc),
    compared as materialized (
        select w.*, l.id as last_id, l.from_on as last_from, l.first_on, l.until_on as last_until,
               (l.path, l.region, l.sector, l.coverage) is not distinct from (w.path, w.region, w.sector, w.coverage)
                   as same
        from wanted w left join last l on l.subject_id = w.subject_id),
    news as materialized (
        select c.*, last_id is not null and not same and day > last_from as moved,
               case when last_id is null then day when same then last_from when day > last_from then day
                    when last_from = first_on then day else last_from end as starts_on
        from compared c where last_id is null or not same or last_until is distinct from until_on),
    ended as (
        update figure_span set superseded_at = at
        where id = any (array(select last_id from news where last_id is not null)))
    insert into figure_span (side, subject_id, path, region, other_region, leg, distance, occupation, sector, education,
                             reason, coverage, began_on, from_on, until_on, recorded_at)
        select l.side, l.subject_id, l.path, l.region, '', 0, 0, '', l.sector, '', '', l.coverage, l.began_on,
               l.from_on, n.starts_on, at
        from last l join news n on n.last_id = l.id where n.moved
        union all
        select 'unit', subject_id, path, region, '', 0, 0, '', sector, '', '', coverage, starts_on, starts_on, until_on,
               at
        from news where until_on is null or until_on > starts_on;
    perform set_config('platform.scope', coalesce(scope, ''), true);
end $$;

create function figures_of_units_added() returns trigger language plpgsql security definer
    set search_path = public set plan_cache_mode = force_custom_plan as $$
begin
    perform figures_of_units(array_agg(id), array_agg(surveyed_on)) from turned;
    return null;
end $$;
create trigger figures_of_units_added after insert on unit referencing new table as turned
    for each statement execute function figures_of_units_added();

-- What is amended is true since the survey that the amendment names, else from today on.
create function figures_of_units_turned() returns trigger language plpgsql security definer
    set search_path = public set plan_cache_mode = force_custom_plan as $$
begin
    perform figures_of_units(array_agg(a.id), array_agg(
            case when a.surveyed_on = b.surveyed_on then figure_today() else a.surveyed_on end))
        from after_change a join before_change b on b.id = a.id;
    return null;
end $$;
create trigger figures_of_units_turned after update on unit
    referencing old table as before_change new table as after_change
    for each statement execute function figures_of_units_turned();

-- What stands in the register when figures begin to be kept.
select set_config('platform.scope', '*', true);
select figures_of_held((select array_agg(id) from member));
select figures_of_cards((select array_agg(id) from (
    select id from outbound_card union all select id from inbound_card) c));
select figures_of_units(array_agg(id), array_agg(surveyed_on)) from unit;

-- The one filter behind every number and every list. Tier: 1 below the county, 2 county, 3 city, 4 province, 5 centre.
create function figure_rows(scope text, tier int, day date, known timestamptz, sides text[])
    returns table (id bigint, side text, subject_id uuid, person_id uuid, path text, region text, other_region text,
        measure text, destination text, occupation text, sector text, education text, reason text, duration text,
        began_on date) language sql stable parallel safe as $$
    select s.id, s.side, s.subject_id, s.person_id, s.path, s.region, s.other_region,
        case when s.side = 'held' then 'headcount'
             when s.side = 'unit' then s.coverage
             when s.side = 'host' and s.distance <= tier and not (s.distance = 0 and tier < 2) then 'inner'
             when s.began_on > (day - interval '6 months')::date then
                 case s.side when 'home' then 'shortOut' else 'shortIn' end
             when s.distance = 0 and tier < 2 then case s.side when 'home' then 'undetermined' else 'inner' end
             when s.side = 'host' then 'in'
             when s.distance <= tier then 'within'
             else 'out' end,
        (array['', 'TWN', 'CTY', 'CIT', 'PRV', 'NAT', 'ABR'])[s.distance + 1],
        s.occupation, s.sector, s.education, s.reason,
        case when s.began_on > (day - interval '6 months')::date then 'SHORT'
             when s.began_on > (day - interval '1 year')::date then 'HALF'
             when s.began_on > (day - interval '3 years')::date then 'YEARS'
             else 'LONG' end,
        s.began_on
    from figure_span s
    where s.side = any (sides) and s.path >= scope and s.path < scope || '~'
      and s.from_on <= day and (s.until_on is null or s.until_on > day)
      and s.recorded_at <= known and (s.superseded_at is null or s.superseded_at > known)
$$;

-- One page of the rows behind a number, branch by branch: walked along the index, because nothing tells the planner how
-- many rows pass the filter, and sorting all of a province for fifty of them takes seconds.
create function figure_page(scope text, tier int, day date, known timestamptz, sides text[], measures text[],
    dimension text, wanted text[], after_path text, after_id bigint, take int)
    returns table (id bigint, side text, subject_id uuid, person_id uuid, path text, region text, other_region text,
        measure text, destination text, occupation text, sector text, education text, reason text, duration text,
        began_on date) language plpgsql stable
    set plan_cache_mode = force_custom_plan set enable_sort = off set enable_bitmapscan = off set enable_seqscan = off
    as $$
#variable_conflict use_column
begin
    if sides = array['held'] then
        return query select * from figure_rows(scope, tier, day, known, array['held']) r
            where (r.path, r.id) > (after_path, after_id) order by r.path, r.id limit take;
    else
        return query select * from figure_rows(scope, tier, day, known, sides) r
            where r.side <> 'held' and r.measure = any (measures) and (wanted is null or case dimension
                when 'destination' then r.destination when 'occupation' then r.occupation when 'sector' then r.sector
                when 'education' then r.education when 'reason' then r.reason when 'duration' then r.duration end
                    = any (wanted))
              and (r.path, r.id) > (after_path, after_id) order by r.path, r.id limit take;
    end if;
end $$;

-- Every number of a day. Who moves is counted by all kinds at once first and added up then: the planner expects so many
-- kinds that it would read all of figure_span and sort it before it counts.
create function figure_cells(scope text, tier int, day date, known timestamptz)
    returns table (measure text, dimension text, value text, count bigint) language plpgsql stable
    set plan_cache_mode = force_custom_plan set enable_sort = off set enable_seqscan = off as $$
#variable_conflict use_column
begin
    return query select 'headcount', '', '', count(*) from figure_rows(scope, tier, day, known, array['held']);
    return query
    select k.measure, d.dimension, d.value, sum(k.rows)::bigint
    from (select r.measure, destination, occupation, sector, education, reason, duration, count(*) as rows
          from figure_rows(scope, tier, day, known, array['home', 'host', 'unit']) r
          where r.side <> 'held' and r.measure <> 'inner'
          group by 1, 2, 3, 4, 5, 6, 7) k
    cross join lateral (values ('', ''), ('destination', destination), ('occupation', occupation), ('sector', sector),
        ('education', education), ('reason', reason), ('duration', duration)) d (dimension, value)
    group by 1, 2, 3;
end $$;

-- An instant of which everything before is committed and nothing is under way: waits for writers of the moment and
-- makes the next ones wait until the closing is saved.
create function figures_freeze() returns timestamptz language plpgsql security definer set search_path = public
    set plan_cache_mode = force_custom_plan as $$
begin
    lock table figure_span in share mode;
    return clock_timestamp();
end $$;

-- Asked once per query, not once per row of five million.
alter table figure_span enable row level security;
alter table figure_span force row level security;
create policy figure_scope on figure_span using (
    (select current_setting('platform.scope', true)) = '*'
    or starts_with(path, (select nullif(current_setting('platform.scope', true), ''))));

-- Only the triggers read and write it.
alter table card_span enable row level security;
alter table card_span force row level security;
create policy card_scope on card_span using ((select current_setting('platform.scope', true)) = '*');

alter table closing enable row level security;
alter table closing force row level security;
create policy closing_scope on closing using (in_scope(path)) with check (in_scope(path));

do $$ begin
    if exists (select from pg_roles where rolname = 'platform_app') then
        grant select on figure_span to platform_app;
        grant select, insert on closing to platform_app;
    end if;
end $$;
