using System.Data.Common;
using System.Globalization;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Platform.Hosting;
using Registry.Search;
using Registry.Service.Capabilities;
using Registry.Service.Persistence;
using Registry.Service.Reference;

namespace Registry.Tests.Service;

/// <summary>
/// What the database reads for a search, as the service asks it, behind row-level security: common surnames and first
/// letters, for a province, a city, a county with one member in a hundred, a township, a branch and a county where
/// nobody is called so. Fifty thousand members; <c>SEARCH_MEMBERS</c> asks for more.
/// </summary>
public sealed class SearchPlansTests(RegistryFixture registry) : IClassFixture<RegistryFixture>
{
    private const long BlocksMax = 5_000;

    private static readonly string[] Words = ["wj", "wjh", "wa", "wang", "zh", "wangjianhua", "王", "王建", "王建华", "李"];

    private static readonly string[] Scopes =
    [
        "140000/", "140000/140500/", "140000/140500/140551/", "140000/140500/140551/A3/",
        "140000/140500/140551/A3/B31/", "140000/149900/",
    ];

    private static int Members => int.TryParse(Environment.GetEnvironmentVariable("SEARCH_MEMBERS"),
        CultureInfo.InvariantCulture, out var asked) ? asked : 50_000;

    [Fact]
    public async Task A_search_reads_a_bounded_part_of_the_register_whoever_asks_and_however_common_the_name()
    {
        await FillAsync();
        var said = new List<string>();
        foreach (var scope in Scopes)
        {
            foreach (var words in Words)
            {
                var plan = await PlanAsync(scope, words);
                var (blocks, text) = (Blocks(plan), plan.GetRawText());
                said.Add($"{scope} {words}: {blocks} blocks, {plan.GetProperty("Execution Time").GetDouble():F1} ms");
                Assert.DoesNotContain("Seq Scan", text, StringComparison.Ordinal);
                Assert.True(blocks <= BlocksMax, said[^1]);
            }
        }
        TestContext.Current.TestOutputHelper?.WriteLine(string.Join('\n', said));
    }

    private async Task<JsonElement> PlanAsync(string scope, string words)
    {
        await using var services = registry.Services.CreateAsyncScope();
        services.ServiceProvider.GetRequiredService<CallerContext>().Current =
            Caller.Service with { Org = scope, Name = "clerk" };
        var db = services.ServiceProvider.GetRequiredService<RegistryDb>();
        var guesses = TypedWords.Read(words, ReferenceData.Names, ReferenceData.Divisions, new(2026, 3, 1));
        await using var command = NameSearch.Ids(guesses, SearchApi.HitsMax,
            [NameSearch.Shelf.Of(db.Members, "member", "BranchPath")], db, scope)!.CreateDbCommand();
        command.CommandText = "explain (analyze, buffers, format json) " + command.CommandText;
        await db.Database.OpenConnectionAsync();
        var plan = (string)(await command.ExecuteScalarAsync())!;
        return JsonDocument.Parse(plan).RootElement[0];
    }

    private static long Blocks(JsonElement plan) => plan.GetProperty("Plan") is var top
        ? top.GetProperty("Shared Hit Blocks").GetInt64() + top.GetProperty("Shared Read Blocks").GetInt64() : 0;

    /// <summary>A register of 100 counties, ten townships each, ten branches each; written past triggers.</summary>
    private async Task FillAsync()
    {
        const string surnames = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩冯邓曹单曾解";
        const string given = "伟芳娜秀英敏静丽强磊军洋勇艳杰娟涛明超霞平刚桂兰华建国红玉梅文辉志春海燕波云林龙飞鹏鑫浩宇轩乐重行长朝";
        await using var connection = await registry.Behind.OpenConnectionAsync();
        await using var fill = connection.CreateCommand();
        fill.CommandTimeout = 600;
        fill.CommandText = """
            set session_replication_role = replica;
            insert into member (id, branch_id, branch_path, name, id_number, id_number_index, sex, ethnic_group,
                birth_on, native_place, education, joined_on, standing, phone, phone_index, occupation, employer,
                credit_code, residence, role_played, source, name_key, name_pinyin, name_initials)
            select gen_random_uuid(), gen_random_uuid(), format('140000/14%s00/14%s/A%s/B%s/', city, city || county,
                    i / 100 % 10, i / 100 % 10 || '' || i / 1000 % 10),
                n.name, seal, seal, '1', 'HA', '1980-01-01', '测试县', '20', '2005-01-01', 'full', seal, seal, '建筑',
                '测试公司', '', seal, '', '', n.name, n.pinyin, n.initials
            from generate_series(1, $1) i
            cross join lateral (select sha256(i::text::bytea) as seal, lpad((i % 100 / 10)::text, 2, '0') as city,
                lpad((i % 100)::text, 2, '0') as county) c
            cross join lateral (select
                1 + floor(cardinality($2::text[]) * pow(abs(hashint4(i)) / 2147483648.0, 3))::int as s,
                1 + abs(hashint4(i + 100000000)) % cardinality($4::text[]) as g,
                1 + abs(hashint4(i + 200000000)) % cardinality($4::text[]) as h) p
            cross join lateral (select ($2::text[])[s] || ($4::text[])[g] || ($4::text[])[h] as name,
                ($3::text[])[s] || ($5::text[])[g] || ($5::text[])[h] as pinyin,
                left(($3::text[])[s], 1) || left(($5::text[])[g], 1) || left(($5::text[])[h], 1) as initials) n
            """;
        var statements = fill.CommandText.Split(";\n", 2);
        foreach (var statement in statements.Append("vacuum analyze member"))
        {
            fill.CommandText = statement;
            fill.Parameters.Clear();
            if (statement.Contains("$1", StringComparison.Ordinal)) Add(fill, surnames, given);
            await fill.ExecuteNonQueryAsync();
        }
    }

    private static void Add(DbCommand fill, string surnames, string given)
    {
        var names = ReferenceData.Names;
        string[] Characters(string text) => [.. text.EnumerateRunes().Select(r => r.ToString())];
        string[] Sounds(string text, string before) => [.. Characters(text).Select(c =>
            names.KeysOf(before + c).Pinyin[(before.Length == 0 ? 0 : names.KeysOf(before).Pinyin.Length)..])];
        object[] values = [Members, Characters(surnames), Sounds(surnames, ""), Characters(given), Sounds(given, "王")];
        foreach (var value in values)
        {
            var parameter = fill.CreateParameter();
            parameter.Value = value;
            fill.Parameters.Add(parameter);
        }
    }
}
