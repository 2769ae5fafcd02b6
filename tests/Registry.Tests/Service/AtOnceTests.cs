using System.Globalization;
using Npgsql;
using Platform.Testing;

namespace Registry.Tests.Service;

/// <summary>Two offices act at the same moment: whoever comes second sees what the first one did, or is refused.
/// </summary>
public sealed class AtOnceTests(RegistryFixture registry) : IClassFixture<RegistryFixture>
{
    private readonly Api _admin = registry.As("tier-administrator");
    private readonly Api _clerk = registry.As("committee-clerk");

    private static string Now => DateTime.UtcNow.AddHours(8).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_is_kept_for_an_organisation_while_it_moves_stands_where_it_stands_then()
    {
        var (from, to) = (await Seeded.CreateAsync(registry, "W1"), await Seeded.CreateAsync(registry, "W2"));
        var elsewhere = await Seeded.MemberAsync(registry, to.Branch, 8801);
        (string Table, string Path, Func<Task<Reply>> Keep)[] steps =
        [
            ("appointment", "path", () => _clerk.PostAsync($"/api/v1/organisations/{from.Branch}/appointments",
                new { kind = "role", code = "INS", from = "2026-03-01", holder = "乙" })),
            ("unit", "path", () => _clerk.PostAsync("/api/v1/units", new
            {
                keptBy = from.Branch, name = "某企业", category = "2", division = "141022", surveyedOn = "2026-03-01",
            })),
            ("paper", "path", () => _clerk.PostAsync("/api/v1/papers", new
            {
                organisationId = from.Branch, kind = "NOT", title = "须知", text = "全文", issuedOn = "2026-03-01",
                published = false,
            })),
            ("member", "branch_path", () => _clerk.PostAsync($"/api/v1/members/{elsewhere}/membership/move",
                new { branchId = from.Branch, on = Now, reason = "就近编入" })),
        ];
        var parents = new[] { to.Committee, from.Committee };
        for (var i = 0; i < steps.Length; i++)
        {
            var parent = parents[i % 2];
            var (_, reply) = await AtOnceAsync($"select 1 from organisation where id = '{from.Branch}' for update",
                () => _admin.PostAsync($"/api/v1/organisations/{from.Branch}/move",
                    new { toParentId = parent, on = Now, reason = "调整隶属" }), steps[i].Keep);
            Assert.True(reply.Status is 200 or 201, $"{steps[i].Table}: {reply.Text}");
            Assert.Equal((steps[i].Table, 0L), (steps[i].Table, await registry.CountAsync(
                $"select count(*) from {steps[i].Table} t where not exists "
                + $"(select from organisation o where o.path = t.{steps[i].Path})")));
        }
        Assert.Equal(1, await registry.CountAsync($"select count(*) from member where branch_id = '{from.Branch}'"));
    }

    [Fact]
    public async Task Nothing_comes_under_an_organisation_that_is_dissolved_at_that_moment()
    {
        var seeded = await Seeded.CreateAsync(registry, "X1");
        var member = await Seeded.MemberAsync(registry, seeded.Branch, 8811);
        Func<Guid, Task<Reply>>[] steps =
        [
            under => _admin.PostAsync("/api/v1/organisations",
                new { code = $"X{under:N}"[..18], name = "下级支部", type = "BRA", parentId = under }),
            under => _clerk.PostAsync($"/api/v1/members/{member}/membership/move",
                new { branchId = under, on = Now, reason = "就近编入" }),
            under => _admin.PostAsync($"/api/v1/organisations/{seeded.Branch}/move",
                new { toParentId = under, on = Now, reason = "调整隶属" }),
            under => _clerk.PostAsync($"/api/v1/organisations/{under}/appointments",
                new { kind = "role", code = "INS", from = "2026-03-01", holder = "乙" }),
        ];
        for (var i = 0; i < steps.Length; i++)
        {
            var gone = (await _admin.PostAsync("/api/v1/organisations",
                new { code = $"X1-{i}", name = "将撤支部", type = "BRA", parentId = seeded.Committee })).Id();
            var (dissolved, refused) = await AtOnceAsync($"select 1 from organisation where id = '{gone}' for update",
                () => _admin.PostAsync($"/api/v1/organisations/{gone}/dissolve", new { on = Now }),
                () => steps[i](gone));
            Assert.Equal((i, 200), (i, dissolved.Status));
            Assert.True(refused.Status is 404 or 409 or 422, $"{i}: {refused.Status} {refused.Text}");
            Assert.Equal(0, await registry.CountAsync($"select (select count(*) from organisation where parent_id = "
                + $"'{gone}') + (select count(*) from member where branch_id = '{gone}') + (select count(*) from "
                + $"appointment where organisation_id = '{gone}')"));
        }
    }

    [Theory, InlineData(true), InlineData(false)]
    public async Task A_membership_does_not_end_under_a_case_that_is_opened_at_that_moment(bool endsFirst)
    {
        var seeded = await Seeded.CreateAsync(registry, endsFirst ? "Y1" : "Y2");
        var member = await Seeded.MemberAsync(registry, seeded.Branch, endsFirst ? 8821 : 8822);
        Task<Reply> EndAsync() => _clerk.PostAsync($"/api/v1/members/{member}/membership/end",
            new { because = "DEC", on = Now, reason = "病故，家属报告" });
        Task<Reply> ApplyAsync() => registry.As("branch-secretary", seeded.BranchPath).PostAsync(
            "/api/v1/outbound-cases", new { memberId = member, hostRegion = "140105", reason = "1", departsOn = Now });
        var (first, second) = await AtOnceAsync($"select 1 from member where id = '{member}' for update",
            endsFirst ? EndAsync : ApplyAsync, endsFirst ? ApplyAsync : EndAsync);
        Assert.True(first.Status is 200 or 201, first.Text);
        Assert.Equal(endsFirst ? "CONCURRENT_UPDATE" : "MEMBERSHIP_CASE_OPEN", second.Code);
        Assert.Equal((endsFirst ? 1 : 0, endsFirst ? 0 : 1), (
            await registry.CountAsync($"select count(*) from member where id = '{member}' and ended_on is not null"),
            await registry.CountAsync($"select count(*) from outbound_card where member_id = '{member}'")));
    }

    [Fact]
    public async Task Two_months_closed_at_once_follow_each_other_in_one_chain()
    {
        var seeded = await Seeded.CreateAsync(registry, "Z1");
        await Seeded.MemberAsync(registry, seeded.Branch, 8831);
        Task<Reply> CloseAsync(string month) => _clerk.PostAsync("/api/v1/closings",
            new { organisationId = seeded.Branch, month });
        var (first, second) = await AtOnceAsync("lock table figure_span in row exclusive mode",
            () => CloseAsync("2026-01-01"), () => CloseAsync("2026-02-01"));
        Assert.Equal((200, 200), (first.Status, second.Status));
        var history = (await registry.As("auditor").GetAsync($"/api/v1/closings?organisationId={seeded.Branch}")).Ok;
        Assert.Empty(history.GetProperty("chainBreaks").EnumerateArray());
    }

    [Fact]
    public async Task Two_officers_who_register_one_arrival_at_once_open_one_case()
    {
        Task<Reply> OpenAsync() => _clerk.PostAsync("/api/v1/inbound-cases", new
        {
            homeRegion = "140105", hostRegion = "141022", name = "测试丙", idNumber = Seeded.IdNumber(8841),
            arrivedOn = "2026-03-01", documentShown = "NON",
        });
        var (first, second) = await AtOnceAsync("lock table inbound_card in exclusive mode", OpenAsync, OpenAsync);
        Assert.True(first.Status is 200 or 201, first.Text);
        Assert.Equal("CASE_NOTICE_WAITING", second.Code);
    }

    /// <summary>Both wait, one behind the other, for what <paramref name="hold"/> locks; then both go on.</summary>
    private async Task<(Reply First, Reply Second)> AtOnceAsync(string hold, Func<Task<Reply>> first,
        Func<Task<Reply>> second)
    {
        await using var connection = await registry.Behind.OpenConnectionAsync(Ct);
        await using var transaction = await connection.BeginTransactionAsync(Ct);
        await using (var command = new NpgsqlCommand(hold, connection)) await command.ExecuteNonQueryAsync(Ct);
        var one = first();
        await WaitingAsync(1);
        var other = second();
        await WaitingAsync(2);
        await transaction.CommitAsync(Ct);
        return (await one, await other);
    }

    private async Task WaitingAsync(int count)
    {
        for (var tries = 0; await registry.CountAsync("select count(*) from pg_stat_activity where datname = "
            + "current_database() and wait_event_type = 'Lock'") < count; tries++)
        {
            Assert.True(tries < 1000, $"fewer than {count} wait");
            await Task.Delay(20, Ct);
        }
    }
}
