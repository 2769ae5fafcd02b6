using System.Text;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Platform.Hosting;
using Platform.Testing;
using Registry.Names;
using Registry.Roster;
using Registry.Service.Roster;
using Registry.Tests.Roster;

namespace Registry.Tests.Service;

/// <summary>What loading adds to reading: rows against each other and the register, mappings, cases, undo.</summary>
public sealed class RosterBulkTests(RegistryFixture registry) : IClassFixture<RegistryFixture>
{
    private Api Clerk => registry.As("committee-clerk");

    [Fact, Trait("mechanism", "M-075")]
    public async Task The_same_person_twice_is_refused_the_second_time_and_two_alike_are_pointed_out()
    {
        var branch = await BranchAsync("K1");
        var (first, twin, alike) = (Row(branch, 101), Row(branch, 101), Row(branch, 103));
        twin["phone"] = "15400009999";
        alike["phone"] = first["phone"];
        var reply = (await LoadAsync(true, first, twin, alike)).Ok;
        Assert.Equal([("MEMBER_DUPLICATE", 3, "身份号码与第 2 行重复"), ("MEMBER_ALIKE", 4, "与第 2 行姓名、出生日期相同，请核对是否同一人"),
            ("PHONE_SHARED", 4, "与第 2 行联系电话相同，请核对")], Problems(reply));
        Assert.Equal((2, 1),
            (reply.GetProperty("membersAccepted").GetInt32(), reply.GetProperty("refused").GetInt32()));
    }

    [Fact, Trait("mechanism", "M-075")]
    public async Task A_member_another_branch_holds_is_refused_and_one_of_the_branch_is_amended()
    {
        var (branch, other) = (await BranchAsync("K2"), await BranchAsync("K3"));
        await LoadAsync(false, Row(other, 111), Row(branch, 113));
        var again = Row(branch, 113);
        again["occupation"] = "司机";
        var reply = (await LoadAsync(false, Row(branch, 111), again)).Ok;
        Assert.Equal([("MEMBER_ELSEWHERE", 2)], Problems(reply).Select(p => (p.Rule, p.Row)));
        Assert.Equal(1, await registry.CountAsync(
            $"select count(*) from member where occupation = '司机' and name = '{again["name"]}'"));
        var errors = await Clerk.GetAsync($"/api/v1/rosters/{reply.GetProperty("loadId").GetGuid()}/errors");
        var known = new Dictionary<string, string> { [branch] = "BRA" };
        var report = await RosterFiles.CheckAsync(errors.Body, known: known);
        Assert.Equal([Row(branch, 111)["id-number"]], report.AcceptedMembers.Select(m => m.IdNumber.Value));
    }

    [Fact]
    public async Task The_trail_of_a_load_is_sealed_with_it_and_the_chain_holds()
    {
        var branch = await BranchAsync("K30");
        var reply = (await LoadAsync(false, Row(branch, 317), Row(branch, 319))).Ok;
        var load = reply.GetProperty("loadId").GetGuid();
        // A line that was sealed later was written by a later transaction than the member it is about.
        Assert.Equal(2, await registry.CountAsync($"select count(*) from audit a join member m on m.id = a.subject_id "
            + $"where a.command_id = '{load}' and a.position is not null and a.xmin = m.xmin"));
        var source = registry.Services.GetRequiredService<NpgsqlDataSource>();
        Assert.Null(await AuditChain.VerifyAsync(source, TestContext.Current.CancellationToken));
    }

    [Theory, InlineData("utf-8"), InlineData("gb18030")]
    public async Task Rare_characters_reach_the_register_as_they_were_typed(string encoding)
    {
        var branch = await BranchAsync(encoding == "utf-8" ? "K4" : "K5");
        var ideographs = ChangedCharacters.Pairs.Where(p => p.Since is >= '\u9FB4' and <= '\u9FBB');
        string[] names = [.. ideographs.Select(p => $"翟{p.Since}"),
            "𠮷野𡈽", "阿卜杜热依木·买买提", "𫝆𬴂\u9FBB·𰻞"];
        var rows = names.Select((name, i) =>
        {
            var row = Row(branch, encoding == "utf-8" ? 121 + (2 * i) : 171 + (2 * i));
            (row["name"], row["residence"]) = (name, string.Concat(ChangedCharacters.Pairs.Select(p => p.Since)));
            return row;
        }).ToArray();
        var text = Workbooks.Csv(RosterSheet.Members, rows);
        var bytes = encoding == "utf-8" ? Encoding.UTF8.GetBytes(text) : Gb18030.Encode(text);
        var reply = (await Clerk.UploadAsync(Path("a.csv"), bytes)).Ok;
        Assert.All(Problems(reply), p => Assert.Equal("MEMBER_ALIKE", p.Rule));
        var found = (await Clerk.PostAsync("/api/v1/search", new { words = "𠮷野𡈽" })).Ok.GetProperty("members")
            .GetProperty("items").EnumerateArray().Select(h => h.GetProperty("member")).ToList();
        Assert.All(found, m => Assert.Equal("𠮷野𡈽", m.GetProperty("name").GetString()));
        foreach (var name in names)
            Assert.Equal(1, await registry.CountAsync($"select count(*) from member m join organisation o "
                + $"on o.id = m.branch_id where o.code = '{branch}' and m.name = '{name}'"));
        var id = found.MaxBy(m => m.GetProperty("id").GetGuid()).GetProperty("id").GetGuid();
        var shown = (await Clerk.PostAsync($"/api/v1/members/{id}/reveal", new { reason = "核对用字" })).Ok;
        Assert.Equal(rows[0]["residence"], shown.GetProperty("residence").GetString());
    }

    [Fact, Trait("mechanism", "M-077")]
    public async Task A_file_with_headers_of_its_own_is_mapped_once_and_recognised_ever_after()
    {
        var branch = await BranchAsync("K6");
        var person = Row(branch, 211);
        var columns = person.Keys.Where(c => c is not ("native-place" or "mobile")).ToArray();
        var titles = columns.Select(c => c switch
        {
            "name" => "党员姓名（全称）",
            "id-number" => "身份证件号",
            "branch" => "支部代号",
            _ => RosterSheet.Members[c].Title,
        }).ToArray();
        person["sex"] = "先生";
        var file = Encoding.UTF8.GetBytes(
            $"某县党员信息表\r\n{string.Join(',', titles)}\r\n{string.Join(',', columns.Select(c => person[c]))}\r\n");
        Assert.Equal("WORKBOOK_COLUMN_UNKNOWN", (await Clerk.UploadAsync(Path("own.csv") + "&dryRun=true", file)).Code);

        const string Guess = "/api/v1/rosters/mappings/guess?region=141022&fileName=own.csv";
        var guess = (await Clerk.UploadAsync(Guess, file)).Ok;
        Assert.Equal((false, 2), (guess.GetProperty("saved").GetBoolean(), guess.GetProperty("headerRow").GetInt32()));
        var guessed = guess.GetProperty("columns").EnumerateArray().ToDictionary(
            c => c.GetProperty("header").GetString()!, c => c.GetProperty("column").GetString());
        Assert.Equal(("name", "sex"), (guessed["党员姓名"], guessed["性别"]));
        Assert.Contains("先生", guess.GetProperty("columns").EnumerateArray()
            .SelectMany(c => c.GetProperty("unknownWords").EnumerateArray()).Select(w => w.GetString()));

        var mapping = new
        {
            sheet = "members",
            headers = titles,
            columns = columns.Select((c, i) => (object)new
            {
                column = c,
                place = i,
                words = c == "sex" ? new Dictionary<string, string> { ["先生"] = "男" } : [],
            }).Concat([new { column = "native-place", place = -1, @fixed = "无" },
                new { column = "mobile", place = -1, @fixed = "否" }]).ToArray(),
        };
        Assert.Equal(200, (await PutAsync("/api/v1/rosters/mappings?region=141022", mapping)).Status);
        Assert.True((await Clerk.UploadAsync(Guess, file)).Ok.GetProperty("saved").GetBoolean());
        var reply = (await Clerk.UploadAsync(Path("own.csv"), file)).Ok;
        Assert.Empty(Problems(reply));
        Assert.Equal(1, reply.GetProperty("membersAccepted").GetInt32());
        Assert.Single((await Clerk.GetAsync("/api/v1/rosters/mappings?region=141022")).Ok.EnumerateArray());
        var wrong = await PutAsync("/api/v1/rosters/mappings?region=141022",
            mapping with { columns = mapping.columns[1..] });
        Assert.Equal("INPUT_INVALID", wrong.Code);
    }

    [Fact, Trait("mechanism", "M-102")]
    public async Task A_row_of_a_member_who_is_out_opens_the_case_and_the_next_roster_does_not_open_another()
    {
        var branch = await BranchAsync("K7");
        var row = Row(branch, 221);
        var certificate = CertificateNumber.Of("141022", 2025, 7);
        foreach (var (column, value) in new[] { ("mobile", "是"), ("mobility-type", "跨省流动"), ("mobility-reason", "1"),
            ("destination", "440106"), ("destination-address", "天河区石牌街道"), ("departed-on", "2025-03-01"),
            ("certificate", certificate.Printed) }) row[column] = value;
        Assert.Empty(Problems((await LoadAsync(false, row)).Ok));
        var card = await registry.CountAsync($"select count(*) from outbound_card where status = 'Applied' "
            + "and host_region = '440106' and departs_on = '2025-03-01' "
            + $"and certificate_number = '{certificate.Value}'");
        Assert.Equal(1, card);
        var again = (await LoadAsync(false, row)).Ok;
        Assert.Equal([("MOBILE_CASE_OPEN", 2)], Problems(again).Select(p => (p.Rule, p.Row)));
        Assert.Equal(1, await registry.CountAsync("select count(*) from outbound_card where host_region = '440106'"));

        // Another officer approves; the certificate that the member carries stays the case's.
        var id = await IdAsync("select id from outbound_card where host_region = '440106'");
        Assert.Equal("CASE_SAME_PERSON", (await Clerk.PostAsync($"/api/v1/outbound-cases/{id}/approve")).Code);
    }

    [Fact, Trait("mechanism", "M-077")]
    public async Task Undoing_a_load_takes_back_what_nobody_changed_and_names_what_stays()
    {
        await Seeded.CreateAsync(registry, "K8");
        var rows = Enumerable.Range(0, 6).Select(i => Row("K8N", 231 + (2 * i))).ToArray();
        foreach (var (column, value) in new[] { ("mobile", "是"), ("mobility-type", "跨省流动"), ("mobility-reason", "1"),
            ("destination", "440303"), ("departed-on", "2025-03-01") }) rows[5][column] = value;
        var file = Workbooks.Xlsx(
            ("组织", Workbooks.Sheet(Workbooks.Table(RosterSheet.Organisations,
                Workbooks.Organisation("K8N", "K8"), Workbooks.Organisation("K8M", "K8")))),
            ("党员", Workbooks.Sheet(Workbooks.Table(RosterSheet.Members, rows))));
        var load = (await Clerk.UploadAsync(Path("a.xlsx"), file)).Id("loadId");
        // Not the one who is out: whose case stands stays with it.
        var changed = await IdAsync($"select id from member m where source = 'import:{load}' and not exists "
            + "(select from outbound_card c where c.member_id = m.id) limit 1");
        await Clerk.PatchAsync($"/api/v1/members/{changed}", new { occupation = "教师" });
        Assert.Equal(202, (await Clerk.PostAsync($"/api/v1/rosters/{load}/undo", new { reason = "导错了表" })).Status);
        var undone = await RestAsync(load, "undone");
        Assert.Equal((5, 1), (undone.GetProperty("withdrawn").GetInt32(), undone.GetProperty("kept").GetInt32()));
        var kept = Assert.Single((await Clerk.GetAsync($"/api/v1/rosters/{load}/kept")).Ok.GetProperty("items")
            .EnumerateArray());
        Assert.Equal(changed, kept.GetProperty("memberId").GetGuid());
        Assert.Equal(1, await registry.CountAsync($"select count(*) from member where source = 'import:{load}'"));
        Assert.Equal(0, await registry.CountAsync("select count(*) from outbound_card where host_region = '440303'"));
        // The branch that still holds a member stays, the empty one goes.
        Assert.Equal(1, await registry.CountAsync("select count(*) from organisation where code in ('K8N', 'K8M')"));
        Assert.Equal((5, 5), (
            await registry.CountAsync(
                "select count(*) from audit where action = 'MemberWithdrawn' and reason = '导错了表'"),
            await registry.CountAsync($"select count(*) from audit a where a.command_id = '{load}' and subject_kind = "
                + "'member' and not exists (select from member m where m.id = a.subject_id)")));
        // The same file goes in again.
        Assert.Equal(6, (await Clerk.UploadAsync(Path("a.xlsx"), file)).Ok.GetProperty("membersAccepted").GetInt32());
    }

    [Fact]
    public async Task The_database_lets_nothing_go_but_what_an_undone_load_created_and_the_trail_says()
    {
        var seeded = await Seeded.CreateAsync(registry, "K0");
        var member = await Seeded.MemberAsync(registry, seeded.Branch, 261);
        var load = (await Clerk.UploadAsync(Path("a.xlsx"), Workbooks.Xlsx(
            ("组织", Workbooks.Sheet(Workbooks.Table(RosterSheet.Organisations, Workbooks.Organisation("K0N", "K0")))),
            ("党员", Workbooks.Sheet(Workbooks.Table(RosterSheet.Members, Row("K0N", 263))))))).Id("loadId");
        await using var app = Npgsql.NpgsqlDataSource.Create(registry.Database.App);
        foreach (var statement in new[]
        {
            $"delete from member where id = '{member}'", $"delete from organisation where id = '{seeded.Branch}'",
            "delete from outbound_card", "delete from audit",
            $"select withdraw_loaded('{Guid.NewGuid()}', array[1, 2])", $"select withdraw_loaded('{load}', array[2])",
            $"select withdraw_founded('{load}', '{seeded.Branch}')",
        })
        {
            await using var connection = await app.OpenConnectionAsync();
            await using var command = new Npgsql.NpgsqlCommand(
                $"set platform.scope = '*'; {statement}", connection);
            var refused = await Assert.ThrowsAsync<Npgsql.PostgresException>(() => command.ExecuteNonQueryAsync());
            Assert.Equal((statement, "42501"), (statement, refused.SqlState));
        }
        // Even while the load is being undone: what does not stand in the trail stays.
        await using (var undoing = registry.Behind.CreateCommand($"""
            update roster_load set undo_command = gen_random_uuid() where id = '{load}'
            """)) await undoing.ExecuteNonQueryAsync();
        await using (var connection = await app.OpenConnectionAsync())
        {
            await using var command = new Npgsql.NpgsqlCommand($"""
                set platform.scope = '*'; begin;
                update roster_load set status = 'Undoing' where id = '{load}';
                select withdraw_loaded('{load}', array(select line from roster_line where load_id = '{load}')); commit
                """, connection);
            Assert.Equal("42501", (await Assert.ThrowsAsync<Npgsql.PostgresException>(
                () => command.ExecuteNonQueryAsync())).SqlState);
        }
        Assert.Equal(1, await registry.CountAsync($"select count(*) from member where source = 'import:{load}'"));
        await using var done = registry.Behind.CreateCommand(
            $"update roster_load set undo_command = null where id = '{load}'");
        await done.ExecuteNonQueryAsync();
    }

    [Fact]
    public async Task A_dry_run_that_nobody_loads_is_forgotten_with_its_file_after_a_week()
    {
        var branch = await BranchAsync("KD");
        var file = Encoding.UTF8.GetBytes(Workbooks.Csv(RosterSheet.Members, Row(branch, 271)));
        var (id, kept) = (await WatchedAsync(file, "&dryRun=true"), await WatchedAsync(file, ""));
        await RestAsync(id, "checked");
        await RestAsync(kept, "done");
        var staged = $"select count(*) from roster_part where load_id = '{id}'";
        Assert.True(await registry.CountAsync(staged) > 0);
        await SweptAsync(TimeSpan.FromDays(6.9), () => Task.FromResult(true));
        Assert.Equal(200, (await Clerk.GetAsync($"/api/v1/rosters/{id}")).Status);
        await SweptAsync(TimeSpan.FromDays(7.1), async () =>
            (await Clerk.GetAsync($"/api/v1/rosters/{id}")).Status == 404);
        Assert.Equal(0, await registry.CountAsync(staged)
            + await registry.CountAsync($"select count(*) from roster_line where load_id = '{id}'"));
        Assert.Equal(200, (await Clerk.GetAsync($"/api/v1/rosters/{kept}")).Status);
    }

    // Another host over the same database whose clock is ahead sweeps once when it starts.
    private async Task SweptAsync(TimeSpan ahead, Func<Task<bool>> holds)
    {
        await using var later = Registry.Service.RegistryHost.Build([], b =>
        {
            registry.Configure(b);
            b.Services.AddSingleton<TimeProvider>(new AheadClock(ahead));
        });
        await later.StartAsync();
        var worker = later.Services.GetRequiredService<Registry.Service.Bulk.RosterWorker>();
        await Federated.TierFederation.EventuallyAsync("it has swept", async () =>
            worker.SweptAt > DateTimeOffset.MinValue && await holds());
    }

    [Fact, Trait("mechanism", "M-074")]
    public async Task A_dry_run_that_is_watched_is_loaded_without_sending_the_file_again()
    {
        var branch = await BranchAsync("K9");
        var wrong = Row(branch, 253);
        wrong["phone"] = "1";
        var file = Encoding.UTF8.GetBytes(Workbooks.Csv(RosterSheet.Members, Row(branch, 251), wrong));
        var id = await WatchedAsync(file, "&dryRun=true");
        var dry = await RestAsync(id, "checked");
        Assert.Equal((2, 1, 0), (dry.GetProperty("rows").GetInt32(), dry.GetProperty("refused").GetInt32(),
            dry.GetProperty("created").GetInt32()));
        Assert.Equal("ROSTER_STEP_NOT_POSSIBLE",
            (await Clerk.PostAsync($"/api/v1/rosters/{id}/undo", new { reason = "试" })).Code);
        Assert.Equal(202, (await Clerk.PostAsync($"/api/v1/rosters/{id}/load")).Status);
        var done = await RestAsync(id, "done");
        Assert.Equal((1, 1), (done.GetProperty("created").GetInt32(), done.GetProperty("refused").GetInt32()));
        Assert.Contains(id, (await Clerk.GetAsync("/api/v1/rosters?size=200")).Ok.GetProperty("items")
            .EnumerateArray().Select(l => l.GetProperty("id").GetGuid()));
        Assert.Equal(0, await registry.CountAsync(
            $"select count(*) from roster_part where load_id = '{id}' and kind = 'file'"));
    }

    [Fact]
    public async Task Members_registered_between_checking_and_loading_are_neither_taken_twice_nor_in_the_way()
    {
        var (branch, other) = (await BranchAsync("K31"), await BranchAsync("K32"));
        var (elsewhere, here, untouched) = (Row(branch, 331), Row(branch, 333), Row(branch, 337));
        here["occupation"] = "叉车工";
        var id = await WatchedAsync(Encoding.UTF8.GetBytes(
            Workbooks.Csv(RosterSheet.Members, elsewhere, here, untouched)), "&dryRun=true");
        await RestAsync(id, "checked");
        await LoadAsync(false, Row(other, 331), Row(branch, 333));
        Assert.Equal(202, (await Clerk.PostAsync($"/api/v1/rosters/{id}/load")).Status);
        var done = await RestAsync(id, "done");
        Assert.Equal((1, 1, 1), (done.GetProperty("created").GetInt32(), done.GetProperty("amended").GetInt32(),
            done.GetProperty("refused").GetInt32()));
        Assert.Contains(("MEMBER_ELSEWHERE", 2), Problems(done).Select(p => (p.Rule, p.Row)));
        Assert.Equal(1, await registry.CountAsync(
            $"select count(*) from member where occupation = '叉车工' and name = '{here["name"]}'"));
    }

    [Fact]
    public async Task A_case_opened_between_checking_and_loading_is_not_opened_again_and_stops_no_load()
    {
        var (branch, row) = (await BranchAsync("K33"), Row("K33B", 341));
        await LoadAsync(false, row);
        foreach (var (column, value) in new[] { ("mobile", "是"), ("mobility-type", "跨省流动"), ("mobility-reason", "1"),
            ("destination", "440305"), ("departed-on", "2025-03-01") }) row[column] = value;
        var id = await WatchedAsync(Encoding.UTF8.GetBytes(Workbooks.Csv(RosterSheet.Members, row)), "&dryRun=true");
        await RestAsync(id, "checked");
        var member = await IdAsync($"select m.id from member m join organisation o on o.id = m.branch_id "
            + $"where o.code = '{branch}'");
        (await Clerk.PostAsync("/api/v1/outbound-cases",
            new { memberId = member, hostRegion = "440305", reason = "1", departsOn = "2025-03-01" })).Id("caseId");
        Assert.Equal(202, (await Clerk.PostAsync($"/api/v1/rosters/{id}/load")).Status);
        var done = await RestAsync(id, "done");
        Assert.Equal((1, 0), (done.GetProperty("amended").GetInt32(), done.GetProperty("casesOpened").GetInt32()));
        Assert.Equal(["MOBILE_CASE_OPEN"], Problems(done).Select(p => p.Rule));
        Assert.Equal(1, await registry.CountAsync("select count(*) from outbound_card where host_region = '440305'"));
    }

    [Fact]
    public async Task A_file_as_a_whole_refused_says_why_to_whoever_watches()
    {
        var id = await WatchedAsync(Encoding.UTF8.GetBytes("床前明月光"), "");
        var load = await RestAsync(id, "refused");
        Assert.Equal("WORKBOOK_HEADER_MISSING", load.GetProperty("problem").GetProperty("code").GetString());
        Assert.Equal(0, await registry.CountAsync($"select count(*) from roster_part where load_id = '{id}'"));
    }

    private async Task<Guid> WatchedAsync(byte[] file, string query)
    {
        using var content = new ByteArrayContent(file);
        var key = Guid.CreateVersion7();
        var reply = await registry.As("committee-clerk").SendAsync(
            HttpMethod.Post, Path("a.csv") + query, content, key, ("Prefer", "respond-async"));
        Assert.Equal((202, key), (reply.Status, reply.Id()));
        return key;
    }

    private async Task<JsonElement> RestAsync(Guid load, string status)
    {
        for (var tries = 0; ; tries++)
        {
            var reply = (await Clerk.GetAsync($"/api/v1/rosters/{load}")).Ok;
            if (reply.GetProperty("status").GetString() == status) return reply;
            Assert.True(tries < 3000, reply.ToString());
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }
    }

    private async Task<string> BranchAsync(string code)
    {
        await Seeded.CreateAsync(registry, code);
        return $"{code}B";
    }

    private static Dictionary<string, string> Row(string branch, int sequence) =>
        new(Workbooks.Member(sequence)) { ["branch"] = branch };

    private Task<Reply> LoadAsync(bool dryRun, params Dictionary<string, string>[] rows) => Clerk.UploadAsync(
        Path("a.csv") + (dryRun ? "&dryRun=true" : ""),
        Encoding.UTF8.GetBytes(Workbooks.Csv(RosterSheet.Members, rows)));

    private Task<Reply> PutAsync(string path, object body) => Clerk.SendAsync(HttpMethod.Put, path,
        System.Net.Http.Json.JsonContent.Create(body), Guid.CreateVersion7());

    private async Task<Guid> IdAsync(string sql)
    {
        await using var command = registry.Behind.CreateCommand(sql);
        return (Guid)(await command.ExecuteScalarAsync())!;
    }

    private static string Path(string file) => $"/api/v1/rosters?region=141022&fileName={file}";

    private static (string Rule, int Row, string Detail)[] Problems(JsonElement reply) =>
        [.. reply.GetProperty("problems").EnumerateArray().Select(p => (p.GetProperty("rule").GetString()!,
            p.GetProperty("row").GetInt32(), p.GetProperty("detail").GetString()!))];
}
