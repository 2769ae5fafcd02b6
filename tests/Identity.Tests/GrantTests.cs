using CsCheck;

namespace Identity.Tests;

/// <summary>Who may hold what: the three administrators apart, dates, deputies, offices.</summary>
public sealed class GrantTests
{
    private static readonly DateOnly Day = new(2026, 3, 1);
    private static readonly DateTimeOffset Now = new(2026, 3, 1, 8, 0, 0, TimeSpan.Zero);
    private static readonly Guid Actor = Guid.Parse("00000000-0000-0000-0000-0000000000aa");
    private static readonly Account Holder = AccountTests.Fresh(status: AccountStatus.Active);

    private static readonly Account Deputy = AccountTests.Fresh(
        Guid.Parse("00000000-0000-0000-0000-000000000002"), AccountStatus.Active) with
    { Path = "140000/141000/141022/" };

    private static Grant Of(string role, DateOnly? from = null, DateOnly? until = null, int n = 1) => new()
    {
        Id = new Guid(n, 0, 0, new byte[8]),
        AccountId = Holder.Id,
        Path = "140000/141000/",
        Role = role,
        FromOn = from ?? Day,
        UntilOn = until,
    };

    [Fact]
    public void However_roles_are_granted_and_withdrawn_nobody_holds_two_of_the_three_on_any_day()
    {
        var wishes = Gen.Select(Gen.Int[0, RoleNames.Grantable.Length - 1], Gen.Int[0, 60], Gen.Int[-1, 60],
            Gen.Int[0, 3]).Array[1, 40];
        wishes.Sample(all =>
        {
            var grants = new List<Grant>();
            foreach (var (number, from, length, act) in all)
            {
                var role = RoleNames.Grantable[number];
                if (act == 0 && grants.Count > 0)
                {
                    var old = grants[from % grants.Count];
                    foreach (var e in GrantDecider.Withdraw(old, Now).Events)
                        grants[from % grants.Count] = GrantDecider.Evolve(old, e);
                    continue;
                }
                var held = grants.Where(g => g.WithdrawnAt is null)
                    .Select(g => new HeldRole(g.Path, g.Role, g.FromOn, g.UntilOn)).ToList();
                DateOnly? until = length < 0 ? null : Day.AddDays(from + length);
                var grant = Of(role, Day.AddDays(from), until, grants.Count + 1);
                foreach (var e in GrantDecider.Give(null, grant, Holder, held, Actor).Events)
                    grants.Add(GrantDecider.Evolve(null, e));
            }
            for (var day = Day; day < Day.AddDays(130); day = day.AddDays(1))
            {
                var roles = grants.Where(g => g.InForceOn(day)).Select(g => g.Role).ToList();
                Assert.True(roles.Distinct().Count(RoleNames.Administrators.Contains) <= 1);
                if (roles.Contains("system-administrator") || roles.Contains("security-administrator"))
                    Assert.Single(roles.Distinct());
            }
        });
    }

    [Theory]
    [InlineData("system-administrator", "auditor", "ADMINISTRATORS_APART")]
    [InlineData("security-administrator", "system-administrator", "ADMINISTRATORS_APART")]
    [InlineData("auditor", "security-administrator", "ADMINISTRATORS_APART")]
    [InlineData("system-administrator", "committee-clerk", "ADMINISTRATOR_HOLDS_NO_OFFICE")]
    [InlineData("committee-clerk", "security-administrator", "ADMINISTRATOR_HOLDS_NO_OFFICE")]
    [InlineData("auditor", "committee-clerk", null)]
    [InlineData("committee-clerk", "branch-secretary", null)]
    public void The_three_are_apart(string held, string asked, string? code)
    {
        Assert.Equal(code, GrantDecider.Give(null, Of(asked), Holder, [new("140000/", held, Day, null)], Actor)
            .Problem?.Code);
        // Not on the same day: no obstacle.
        Assert.Null(GrantDecider.Give(null, Of(asked), Holder,
            [new("140000/", held, Day.AddDays(-9), Day.AddDays(-1))], Actor).Problem);
    }

    [Fact]
    public void Obstacles_of_a_grant_come_in_the_order_of_the_contract()
    {
        string? Code(Grant g, Account? a, Guid actor, params HeldRole[] held) =>
            GrantDecider.Give(null, g, a, held, actor).Problem?.Code;
        var backwards = Of("analyst", Day, Day.AddDays(-1));
        Assert.Equal("ACCOUNT_NOT_FOUND", Code(Of("king"), null, Holder.Id));
        Assert.Equal("ACCOUNT_CLOSED", Code(Of("king"), Holder with { Status = AccountStatus.Closed }, Holder.Id));
        Assert.Equal("GRANT_ROLE_UNKNOWN", Code(Of("king"), Holder, Holder.Id));
        Assert.Equal("GRANT_ROLE_UNKNOWN", Code(Of("member"), Holder, Actor));
        Assert.Equal("GRANT_TO_ONESELF", Code(backwards, Holder, Holder.Id));
        Assert.Equal("GRANT_DATES_IMPOSSIBLE", Code(backwards, Holder, Actor));
        Assert.Equal("GRANT_HELD_ALREADY",
            Code(Of("analyst"), Holder, Actor, new HeldRole("140000/141000/", "analyst", Day.AddDays(5), null)));
        Assert.Null(Code(Of("analyst", Day, Day.AddDays(4)), Holder, Actor,
            new HeldRole("140000/141000/", "analyst", Day.AddDays(5), null)));
        Assert.Equal("GRANT_NOT_FOUND", GrantDecider.Withdraw(null, Now).Problem?.Code);
        Assert.Equal("GRANT_WITHDRAWN",
            GrantDecider.Withdraw(Of("analyst") with { WithdrawnAt = Now }, Now).Problem?.Code);
    }

    private static Delegation To(Account deputy, Grant grant, int from = 0, int until = 10) => new()
    {
        Id = Guid.Parse("00000000-0000-0000-0000-0000000000dd"),
        GrantId = grant.Id,
        FromAccount = Holder.Id,
        ToAccount = deputy.Id,
        Path = grant.Path,
        Role = grant.Role,
        FromOn = Day.AddDays(from),
        UntilOn = Day.AddDays(until),
    };

    [Fact]
    public void Obstacles_of_a_delegation_come_in_the_order_of_the_contract()
    {
        var grant = Of("committee-clerk", Day, Day.AddDays(60));
        string? Code(Delegation d, Grant? g, Account? a, params HeldRole[] held) =>
            DelegationDecider.Give(null, d, g, a, held, Day).Problem?.Code;
        var late = To(Deputy, grant, 0, 61);
        Assert.Equal("GRANT_NOT_FOUND", Code(late, null, null));
        Assert.Equal("DELEGATION_NOT_YOURS", Code(To(Holder, grant) with { FromAccount = Actor }, grant, null));
        Assert.Equal("DELEGATION_TO_ONESELF", Code(To(Holder, grant), grant, null));
        Assert.Equal("ACCOUNT_NOT_FOUND", Code(late, grant, null));
        Assert.Equal("ACCOUNT_CLOSED", Code(late, grant, Deputy with { Status = AccountStatus.Closed, Path = "1/" }));
        Assert.Equal("DELEGATION_DEPUTY_OUTSIDE", Code(late, grant, Deputy with { Path = "140000/140100/" }));
        Assert.Equal("DELEGATION_DATES_IMPOSSIBLE", Code(late, grant, Deputy));
        Assert.Equal("DELEGATION_DATES_IMPOSSIBLE", Code(To(Deputy, grant, -1), grant, Deputy));
        Assert.Equal("DELEGATION_DATES_IMPOSSIBLE",
            Code(To(Deputy, grant), grant with { WithdrawnAt = Now }, Deputy));
        var open = grant with { UntilOn = null };
        Assert.Null(Code(To(Deputy, open, 0, 89), open, Deputy));
        Assert.Equal("DELEGATION_DATES_IMPOSSIBLE", Code(To(Deputy, open, 0, 90), open, Deputy));
        Assert.Equal("ADMINISTRATOR_HOLDS_NO_OFFICE",
            Code(To(Deputy, grant), grant, Deputy, new HeldRole("140000/", "system-administrator", Day, null)));
        Assert.Equal("DELEGATION_NOT_FOUND", DelegationDecider.Withdraw(null, Now).Problem?.Code);
        Assert.Equal("DELEGATION_WITHDRAWN",
            DelegationDecider.Withdraw(To(Deputy, grant) with { WithdrawnAt = Now }, Now).Problem?.Code);
    }

    [Fact]
    public void An_office_lasts_as_long_as_grant_and_delegation_and_never_mixes_organisations()
    {
        Gen.Select(Gen.Int[-20, 40], Gen.Int[0, 30], Gen.Int[0, 30], Gen.Bool, Gen.Bool).Sample(
            (start, length, offset, withdrawn, returned) =>
        {
            var grant = Of("committee-clerk", Day.AddDays(start), Day.AddDays(start + length)) with
            { WithdrawnAt = withdrawn ? Now : null };
            var delegation = To(Deputy, grant, start, start + length) with { WithdrawnAt = returned ? Now : null };
            var day = Day.AddDays(start - 5 + offset);
            var inside = offset >= 5 && offset <= 5 + length && !withdrawn;
            var own = Office.Of(Holder, [grant], [], day);
            Assert.Equal(inside, own.Length == 1);
            var lent = Office.Of(Deputy, [grant], [delegation], day);
            Assert.Equal(inside && !returned, lent.Length == 1);
            if (lent.Length == 1) Assert.Equal((Holder.Id, "committee-clerk"), (lent[0].OnBehalfOf, lent[0].Roles[0]));
        });
        var both = Office.Of(Holder,
            [Of("analyst"), Of("auditor", n: 2), Of("operator", n: 3) with { Path = "1/" }], [], Day);
        Assert.Equal(["own:1/", "own:140000/141000/"], both.Select(o => o.Key));
        Assert.Equal(["analyst", "auditor"], both[1].Roles);
        Assert.Empty(Office.Of(AccountTests.Fresh(), [Of("analyst")], [], Day));
        var member = Office.Of(Holder with { MemberId = Actor }, [], [], Day);
        Assert.Equal(("member", Actor), (Assert.Single(member).Roles[0], member[0].MemberId));
    }
}
