-- Memberships that end here: the archive stays, the spell that held it ends, so that every past day keeps its figures.
-- Source: R-073, R-122.

alter table member
    add column ended_on date,
    add column ended_because text not null default '',
    alter column ended_because set statistics 0,
    add constraint member_ended check ((ended_on is null) = (ended_because = ''));

-- Counting who is held still reads nothing but the index.
drop index member_branch;
create index member_branch on member (branch_path, id) include (ended_on);
drop index member_held;
-- As a key, though nothing is looked for by it: an index without included columns keeps equal entries once.
create index member_held on member (branch_id, standing, ended_on);

create function membership_ended() returns trigger language plpgsql security definer
    set search_path = public set plan_cache_mode = force_custom_plan as $$
declare scope text := current_setting('platform.scope', true);
begin
    perform set_config('platform.scope', '*', true);
    if new.ended_on is not null then
        delete from membership_spell where member_id = new.id and until_on is null and from_on >= new.ended_on;
        update membership_spell set until_on = new.ended_on where member_id = new.id and until_on is null;
    else
        insert into membership_spell (member_id, branch_id, from_on) values (new.id, new.branch_id, new.held_since);
    end if;
    perform set_config('platform.scope', coalesce(scope, ''), true);
    return null;
end $$;
-- Only for updates that name the column: all others pass it by.
create trigger membership_ended after update of ended_on on member for each row
    when (old.ended_on is distinct from new.ended_on) execute function membership_ended();

-- A case that is opened while the membership ends waits for the end, and is then refused; a card that home confirms
-- while the member moves follows it.
create or replace function outbound_placed() returns trigger language plpgsql as $$
declare held text; gone date;
begin
    select branch_path, ended_on into held, gone from member where id = new.member_id for share;
    if gone is not null then
        raise unique_violation using message = 'the membership ended meanwhile';
    end if;
    if found then new.home_path := held; end if;
    return new;
end $$;
create trigger outbound_confirmed before update on outbound_card
    for each row when (old.status = 'ToConfirm' and new.status not in ('ToConfirm', 'Denied')
        and new.member_id is not null) execute function outbound_placed();
