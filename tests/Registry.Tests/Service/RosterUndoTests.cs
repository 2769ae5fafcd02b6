using System.Text;
using System.Text.Json;
using Platform.Testing;
using Registry.Roster;
using Registry.Tests.Roster;

namespace Registry.Tests.Service;

/// <summary>Undoing a load that put its rows over members who were there already.</summary>
public sealed class RosterUndoTests(RegistryFixture registry) : IClassFixture<RegistryFixture>
{
    private Api Clerk => registry.As("committee-clerk");

    [Fact, Trait("mechanism", "M-077")]
    public async Task An_amended_member_says_again_exactly_what_was_said_before_the_load()
    {
        var seeded = await Seeded.CreateAsync(registry, "U1");
        var member = await Seeded.MemberAsync(registry, seeded.Branch, 11);
        await Clerk.PatchAsync($"/api/v1/members/{member}", new { rolePlayed = "服务站志愿者", joinedOn = "2001-07-01" });
        var before = await SaidAsync(member);
        var load = await LoadAsync(Wrong("U1B", 11));
        Assert.NotEqual(before, await SaidAsync(member));
        var undone = await UndoAsync(load);
        Assert.Equal((0, 1, 0), Counts(undone));
        Assert.Equal(before, await SaidAsync(member));
        Assert.Empty(await KeptAsync(load));
        // Nothing is overwritten: the wrong value stands between the two right ones, and whoever took it back is named.
        var phones = (await Clerk.GetAsync($"/api/v1/members/{member}/history")).Ok.GetProperty("fields")
            .EnumerateArray().Single(f => f.GetProperty("field").GetString() == "phone").GetProperty("values");
        Assert.Equal(["registered", "amended", "restored"],
            phones.EnumerateArray().Select(v => v.GetProperty("kind").GetString()));
        Assert.Equal(("clerk", "导错了表"), (phones[2].GetProperty("source").GetString(),
            phones[2].GetProperty("reason").GetString()));
        Assert.Equal(1, await registry.CountAsync($"select count(*) from audit a join roster_load l on l.id = '{load}' "
            + $"and a.command_id = l.undo_command where a.subject_id = '{member}' and a.action = 'MemberRestored'"));
    }

    [Fact, Trait("mechanism", "M-077")]
    public async Task What_somebody_changed_since_stays_and_its_row_names_the_fields()
    {
        var seeded = await Seeded.CreateAsync(registry, "U2");
        var member = await Seeded.MemberAsync(registry, seeded.Branch, 21);
        var untouched = await Seeded.MemberAsync(registry, seeded.Branch, 22, "测试乙");
        var (name, education) = (await TextAsync(member, "name"), await TextAsync(member, "education"));
        var before = await SaidAsync(untouched);
        var load = await LoadAsync(Wrong("U2B", 21), Wrong("U2B", 22));
        await Clerk.PatchAsync($"/api/v1/members/{member}", new { phone = "13700000001", rolePlayed = "带头人" });
        var undone = await UndoAsync(load);
        Assert.Equal((0, 1, 1), Counts(undone));
        Assert.Equal([(2, member, "changed", "phone")], await KeptAsync(load));
        Assert.Equal(("13700000001", "带头人", name, education), (await PhoneAsync(member),
            await TextAsync(member, "role_played"), await TextAsync(member, "name"),
            await TextAsync(member, "education")));
        Assert.Equal(before, await SaidAsync(untouched));
    }

    [Fact]
    public async Task A_field_set_back_by_hand_to_what_the_load_said_was_changed_all_the_same()
    {
        var seeded = await Seeded.CreateAsync(registry, "U3");
        var member = await Seeded.MemberAsync(registry, seeded.Branch, 31);
        var load = await LoadAsync(Wrong("U3B", 31));
        foreach (var occupation in new[] { "教师", "船员" })
            await Clerk.PatchAsync($"/api/v1/members/{member}", new { occupation });
        await UndoAsync(load);
        Assert.Equal([(2, member, "changed", "occupation")], await KeptAsync(load));
        Assert.Equal("船员", await TextAsync(member, "occupation"));
    }

    [Fact]
    public async Task Loads_over_each_other_are_taken_back_from_the_last_to_the_first()
    {
        var seeded = await Seeded.CreateAsync(registry, "U4");
        var (one, two) = (await Seeded.MemberAsync(registry, seeded.Branch, 41),
            await Seeded.MemberAsync(registry, seeded.Branch, 42, "测试乙"));
        var (before, later) = (await SaidAsync(one), Wrong("U4B", 41));
        var first = await LoadAsync(Wrong("U4B", 41), Wrong("U4B", 42));
        (later["phone"], later["occupation"]) = ("15511110041", "教师");
        var second = await LoadAsync(later, Wrong("U4B", 42));
        Assert.Equal((0, 2, 0), Counts(await UndoAsync(second)));
        Assert.Equal("船员", await TextAsync(one, "occupation"));
        Assert.Equal((0, 2, 0), Counts(await UndoAsync(first)));
        Assert.Equal(before, await SaidAsync(one));
        // The other way round a later roster has said everything anew, also what it did not change.
        var third = await LoadAsync(Wrong("U4B", 42));
        await LoadAsync(Wrong("U4B", 42));
        Assert.Equal((0, 0, 1), Counts(await UndoAsync(third)));
        Assert.Equal("船员", await TextAsync(two, "occupation"));
    }

    [Fact]
    public async Task A_case_that_an_amending_row_opened_goes_with_it_unless_it_went_on()
    {
        var seeded = await Seeded.CreateAsync(registry, "U5");
        var (still, worked) = (await Seeded.MemberAsync(registry, seeded.Branch, 51),
            await Seeded.MemberAsync(registry, seeded.Branch, 52, "测试乙"));
        var before = (await SaidAsync(still), await SaidAsync(worked));
        var load = await LoadAsync(Out(Wrong("U5B", 51)), Out(Wrong("U5B", 52)));
        var cards = "select count(*) from outbound_card where host_region = '440304' and member_id = ";
        Assert.Equal(2, await registry.CountAsync($"{cards} '{still}' or member_id = '{worked}'"));
        await using (var find = registry.Behind.CreateCommand(
            $"select id from outbound_card where member_id = '{worked}'"))
        {
            var other = registry.As("tier-administrator");
            Assert.Equal(200, (await other.PostAsync(
                $"/api/v1/outbound-cases/{await find.ExecuteScalarAsync()}/approve")).Status);
        }
        Assert.Equal((0, 1, 1), Counts(await UndoAsync(load)));
        Assert.Equal([(3, worked, "caseWentOn", "")], await KeptAsync(load));
        Assert.Equal((0, 1), (await registry.CountAsync($"{cards} '{still}'"),
            await registry.CountAsync($"{cards} '{worked}'")));
        Assert.Equal(before, (await SaidAsync(still), await SaidAsync(worked)));
        Assert.Equal(1, await registry.CountAsync(
            "select count(*) from audit where action = 'OutboundWithdrawn' and reason = '导错了表'"));
    }

    private static Dictionary<string, string> Wrong(string branch, int number) => new(Workbooks.Member(1))
    {
        ["branch"] = branch,
        ["id-number"] = Seeded.IdNumber(number),
        ["born-on"] = $"{1960 + (number / 1000 % 40)}-01-01",
        ["sex"] = number % 2 == 1 ? "男" : "女",
        ["name"] = "翟错错",
        ["phone"] = $"1551100{number:D4}",
        ["occupation"] = "船员",
        ["employer"] = "某航运公司",
    };

    private static Dictionary<string, string> Out(Dictionary<string, string> row)
    {
        foreach (var (column, value) in new[] { ("mobile", "是"), ("mobility-type", "跨省流动"), ("mobility-reason", "1"),
            ("destination", "440304"), ("departed-on", "2025-03-01") }) row[column] = value;
        return row;
    }

    private async Task<Guid> LoadAsync(params Dictionary<string, string>[] rows)
    {
        var reply = (await Clerk.UploadAsync("/api/v1/rosters?region=141022&fileName=a.csv",
            Encoding.UTF8.GetBytes(Workbooks.Csv(RosterSheet.Members, rows)))).Ok;
        Assert.Equal((rows.Length, 0), (reply.GetProperty("membersAccepted").GetInt32(),
            reply.GetProperty("refused").GetInt32()));
        return reply.GetProperty("loadId").GetGuid();
    }

    private async Task<JsonElement> UndoAsync(Guid load)
    {
        Assert.Equal(202, (await Clerk.PostAsync($"/api/v1/rosters/{load}/undo", new { reason = "导错了表" })).Status);
        for (var tries = 0; ; tries++)
        {
            var reply = (await Clerk.GetAsync($"/api/v1/rosters/{load}")).Ok;
            if (reply.GetProperty("status").GetString() == "undone") return reply;
            Assert.True(tries < 1500, reply.ToString());
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }
    }

    private static (int Withdrawn, int Restored, int Kept) Counts(JsonElement load) =>
        (load.GetProperty("withdrawn").GetInt32(), load.GetProperty("restored").GetInt32(),
            load.GetProperty("kept").GetInt32());

    private async Task<(int Row, Guid Member, string Why, string Fields)[]> KeptAsync(Guid load) =>
        [.. (await Clerk.GetAsync($"/api/v1/rosters/{load}/kept")).Ok.GetProperty("items").EnumerateArray().Select(k =>
            (k.GetProperty("row").GetInt32(), k.GetProperty("memberId").GetGuid(), k.GetProperty("why").GetString()!,
                string.Join(',', k.GetProperty("fields").EnumerateArray().Select(f => f.GetString()))))];

    /// <summary>All that the register says of a member: columns, keys to find it by, what is encrypted.</summary>
    private async Task<string> SaidAsync(Guid member)
    {
        await using var command = registry.Behind.CreateCommand($"""
            select (to_jsonb(m) - 'id_number' - 'phone' - 'residence')::text from member m where id = '{member}'
            """);
        var shown = (await Clerk.PostAsync($"/api/v1/members/{member}/reveal", new { reason = "核对" })).Text;
        return (string)(await command.ExecuteScalarAsync())! + shown;
    }

    private async Task<string> PhoneAsync(Guid member) =>
        (await Clerk.PostAsync($"/api/v1/members/{member}/reveal", new { reason = "核对" })).Ok.GetProperty("phone")
            .GetString()!;

    private async Task<string> TextAsync(Guid member, string column)
    {
        await using var command = registry.Behind.CreateCommand($"select {column} from member where id = '{member}'");
        return (string)(await command.ExecuteScalarAsync())!;
    }
}
