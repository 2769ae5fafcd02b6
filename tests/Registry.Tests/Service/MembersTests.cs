using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Platform.Hosting;

namespace Registry.Tests.Service;

/// <summary>Archives through the real service: kept, found, masked, revealed, and every look recorded.</summary>
public sealed class MembersTests(RegistryFixture registry) : IClassFixture<RegistryFixture>
{
    [Fact, Trait("mechanism", "M-070"), Trait("mechanism", "M-072"), Trait("mechanism", "M-079")]
    public async Task An_archive_is_registered_found_by_strong_ids_and_shown_masked()
    {
        var seeded = await Seeded.CreateAsync(registry, "M1");
        var id = await Seeded.MemberAsync(registry, seeded.Branch, 11, "测试乙");
        var clerk = registry.As("committee-clerk");
        foreach (var search in new[] { "测试乙", Seeded.IdNumber(11), "13900000011" })
        {
            var found = (await clerk.PostAsync("/api/v1/search", new { words = search })).Ok.GetProperty("members");
            Assert.Equal(id, Assert.Single(found.GetProperty("items").EnumerateArray()).GetProperty("member")
                .GetProperty("id").GetGuid());
        }
        var shown = await clerk.GetAsync($"/api/v1/members/{id}");
        Assert.Equal("测试乙", shown.String("name"));
        Assert.DoesNotContain(Seeded.IdNumber(11), shown.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("13900000011", shown.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Identifiers_are_ciphertext_in_the_columns()
    {
        var seeded = await Seeded.CreateAsync(registry, "M2");
        var id = await Seeded.MemberAsync(registry, seeded.Branch, 12);
        await using var command = registry.Behind.CreateCommand("select to_jsonb(m)::text from member m where id = $1");
        command.Parameters.Add(new() { Value = id });
        var row = (string)(await command.ExecuteScalarAsync())!;
        Assert.DoesNotContain(Seeded.IdNumber(12), row, StringComparison.Ordinal);
        Assert.DoesNotContain("13900000012", row, StringComparison.Ordinal);
        Assert.DoesNotContain("测试社区", row, StringComparison.Ordinal);
    }

    [Fact, Trait("mechanism", "M-101"), Trait("mechanism", "M-075")]
    public async Task One_person_is_registered_once_whoever_tries()
    {
        var seeded = await Seeded.CreateAsync(registry, "M3");
        var key = Guid.CreateVersion7();
        var clerk = registry.As("committee-clerk");
        var body = Seeded.Member(seeded.Branch, 13);
        var first = await clerk.PostAsync("/api/v1/members", body, key);
        Assert.Equal(first.Id(), (await clerk.PostAsync("/api/v1/members", body, key)).Id());
        var again = await clerk.PostAsync("/api/v1/members", body);
        Assert.Equal((409, "MEMBER_EXISTS"), (again.Status, again.Code));
        var raced = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ =>
            clerk.PostAsync("/api/v1/members", Seeded.Member(seeded.Branch, 14))));
        Assert.Single(raced, r => r.Status == 200);
        Assert.All(raced.Where(r => r.Status != 200), r => Assert.Equal(409, r.Status));
    }

    [Fact, Trait("mechanism", "M-100")]
    public async Task Every_change_and_every_look_is_in_the_trail_and_members_see_who_looked()
    {
        var seeded = await Seeded.CreateAsync(registry, "M4");
        var id = await Seeded.MemberAsync(registry, seeded.Branch, 15);
        var clerk = registry.As("committee-clerk");
        (await clerk.PatchAsync($"/api/v1/members/{id}", new { employer = "新单位", reason = "来电更正" })).Id();
        await clerk.GetAsync($"/api/v1/members/{id}");
        Assert.Equal(Seeded.IdNumber(15),
            (await clerk.PostAsync($"/api/v1/members/{id}/reveal", new { reason = "核对介绍信" })).String("idNumber"));
        Assert.Equal(400, (await clerk.PostAsync($"/api/v1/members/{id}/reveal", new { reason = " " })).Status);

        var trail = (await registry.As("auditor").GetAsync($"/api/v1/members/{id}/trail")).Ok.GetProperty("items");
        Assert.Equal(["MemberRegistered", "MemberAmended", "Shown", "Revealed"],
            trail.EnumerateArray().Select(t => t.GetProperty("action").GetString()));
        var change = trail[1].GetProperty("body").GetProperty("changes")[0];
        Assert.Equal(("employer", "", "新单位"), (change.GetProperty("field").GetString(),
            change.GetProperty("from").GetString(), change.GetProperty("to").GetString()));

        var own = registry.As("member", seeded.BranchPath, id);
        Assert.Equal("Revealed", (await own.GetAsync($"/api/v1/members/{id}/trail")).Ok.GetProperty("items")[3]
            .GetProperty("action").GetString());
        Assert.Equal(200, (await own.GetAsync($"/api/v1/members/{id}")).Status);
        var other = await Seeded.MemberAsync(registry, seeded.Branch, 16);
        Assert.Equal(403, (await own.GetAsync($"/api/v1/members/{other}")).Status);
    }

    [Fact]
    public async Task The_trail_says_that_a_masked_field_changed_and_not_what_it_is_and_whoever_reads_it_is_in_it()
    {
        var seeded = await Seeded.CreateAsync(registry, "M61");
        var id = await Seeded.MemberAsync(registry, seeded.Branch, 18);
        (await registry.As("committee-clerk").PatchAsync($"/api/v1/members/{id}",
            new { phone = "13912345678", residence = "槐树街九号", reason = "来电更正" })).Id();
        var @case = await seeded.AwayAsync(registry, id, new { residence = "滨河东路二号" });
        var auditor = registry.As("auditor");
        var trail = await auditor.GetAsync($"/api/v1/members/{id}/trail");
        var told = trail.Text + (await auditor.GetAsync($"/api/v1/cases/{@case}/trail")).Text;
        foreach (var word in new[] { Seeded.IdNumber(18), "13900000018", "13912345678", "槐树街九号", "滨河东路二号" })
            Assert.DoesNotContain(word, System.Text.RegularExpressions.Regex.Unescape(told), StringComparison.Ordinal);
        var changes = trail.Ok.GetProperty("items")[1].GetProperty("body").GetProperty("changes").EnumerateArray();
        Assert.Equal([("phone", "******"), ("residence", "******")], changes.Select(c =>
            (c.GetProperty("field").GetString(), c.GetProperty("to").GetString())));
        Assert.Equal(1, await registry.CountAsync(
            $"select count(*) from audit where subject_id = '{id}' and action = 'TrailShown'"));
    }

    [Fact]
    public async Task A_command_that_somebody_else_gave_is_not_answered_when_it_is_repeated()
    {
        var seeded = await Seeded.CreateAsync(registry, "M71");
        var key = Guid.CreateVersion7();
        var clerk = registry.As("committee-clerk");
        var body = Seeded.Member(seeded.Branch, 19);
        Assert.Equal(key, (await clerk.PostAsync("/api/v1/members", body, key)).Id());
        Assert.Equal(key, (await clerk.PostAsync("/api/v1/members", body, key)).Id());
        var away = await seeded.AwayAsync(registry, key);
        foreach (var role in new[] { "analyst", "tier-administrator" })
        {
            var other = registry.As(role);
            foreach (var reply in new[] { await other.PatchAsync($"/api/v1/members/{key}", new { }, key),
                await other.PostAsync($"/api/v1/outbound-cases/{away}/approve", null, away) })
            {
                Assert.True(reply.Code is "COMMAND_ID_REUSED" or "ROLE_NOT_ALLOWED", $"{role}: {reply.Text}");
                Assert.DoesNotContain("测试甲", reply.Text, StringComparison.Ordinal);
            }
        }
    }

    [Fact]
    public async Task A_parameter_that_a_list_does_not_take_is_refused_by_name()
    {
        var clerk = registry.As("committee-clerk");
        var reply = await clerk.GetAsync("/api/v1/members?standing=full&search=%E6%B5%8B");
        Assert.Equal((400, "PARAMETER_UNKNOWN"), (reply.Status, reply.Code));
        Assert.Contains(" search ", reply.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("standing", reply.Text, StringComparison.Ordinal);
        Assert.Equal(200, (await clerk.GetAsync("/api/v1/members?standing=full&Size=2")).Status);
    }

    [Fact]
    public async Task A_changed_or_removed_audit_row_is_found_at_its_position()
    {
        var seeded = await Seeded.CreateAsync(registry, "M5");
        await Seeded.MemberAsync(registry, seeded.Branch, 17);
        var source = registry.Services.GetRequiredService<NpgsqlDataSource>();
        while (await AuditChain.SealAsync(source, 1000, TestContext.Current.CancellationToken) > 0) { }
        Assert.Null(await AuditChain.VerifyAsync(source, TestContext.Current.CancellationToken));
        await IsSpelledAsync();
        await using (var forge = registry.Behind.CreateCommand(
            "update audit set actor_name = 'forged' where position = 2"))
            Assert.Equal(1, await forge.ExecuteNonQueryAsync());
        Assert.Contains("Position 2", await AuditChain.VerifyAsync(source, TestContext.Current.CancellationToken),
            StringComparison.Ordinal);
        await using (var mend = registry.Behind.CreateCommand(
            "update audit set actor_name = 'tier-administrator' where position = 2"))
            await mend.ExecuteNonQueryAsync();
        Assert.Null(await AuditChain.VerifyAsync(source, TestContext.Current.CancellationToken));
        await using var app = NpgsqlDataSource.Create(registry.Database.App);
        await using var delete = app.CreateCommand("delete from audit");
        Assert.Equal(PostgresErrorCodes.InsufficientPrivilege,
            (await Assert.ThrowsAsync<PostgresException>(() => delete.ExecuteNonQueryAsync())).SqlState);
    }

    // Spelled out once more, so that rows sealed by an earlier version can still be verified by a later one.
    private async Task IsSpelledAsync()
    {
        await using var command = registry.Behind.CreateCommand("""
            select id, at, actor, actor_name, actor_org, on_behalf_of, subject_kind, subject_id, subject_path, action,
                reason, command_id, body, trace_id, hash from audit where position = 1
            """);
        await using var row = await command.ExecuteReaderAsync();
        Assert.True(await row.ReadAsync());
        var spelled = new List<byte>([.. new byte[32], 0, 0, 0, 0, 0, 0, 0, 1]);
        for (var i = 0; i < 14; i++)
        {
            byte[]? value = row.GetValue(i) switch
            {
                DBNull => null,
                Guid id => Convert.FromHexString(id.ToString("N")),
                DateTime at => Encoding.ASCII.GetBytes(at.ToString("yyyy-MM-dd'T'HH:mm:ss.fffffff'Z'",
                    CultureInfo.InvariantCulture)),
                string text => Encoding.UTF8.GetBytes(text),
                var other => (byte[])other,
            };
            var length = new byte[8];
            BinaryPrimitives.WriteInt64BigEndian(length, value?.Length ?? -1);
            spelled.AddRange([.. length, .. value ?? []]);
        }
        Assert.Equal(SHA256.HashData(spelled.ToArray()), row.GetFieldValue<byte[]>(14));
    }

    [Fact, Trait("mechanism", "M-073"), Trait("mechanism", "M-074")]
    public async Task Bad_fields_are_all_named_at_once_in_the_callers_language()
    {
        var seeded = await Seeded.CreateAsync(registry, "M6");
        var reply = await registry.As("committee-clerk").PostAsync("/api/v1/members", new
        {
            branchId = seeded.Branch, name = "", idNumber = "110105194912310021", standing = "member", phone = "12",
        });
        Assert.Equal((400, "INPUT_INVALID"), (reply.Status, reply.Code));
        Assert.Equal(["name", "idNumber", "standing", "phone"], reply.Json.GetProperty("errors").EnumerateArray()
            .Select(e => e.GetProperty("field").GetString()).Order(Comparer<string?>.Create((a, b) =>
                string.CompareOrdinal(Order(a), Order(b)))));
        Assert.Contains("身份", reply.Text, StringComparison.Ordinal);
        var unknown = await registry.As("committee-clerk").PostAsync("/api/v1/members", new { nonsense = 1 });
        Assert.Equal((400, "MALFORMED_REQUEST"), (unknown.Status, unknown.Code));

        static string Order(string? field) =>
            field switch { "name" => "1", "idNumber" => "2", "standing" => "3", _ => "4" };
    }
}
