namespace Bench;

/// <summary>A list through the gateway beside the SQL of its page, each read to the last row.</summary>
internal static class Compared
{
    /// <param name="path">Of call number so and so: different nodes and words.</param>
    /// <param name="sql">The SQL of the same page; behind row-level security.</param>
    public static async Task RunAsync(RegistryNode node, string name, string role, string org, int calls,
        Func<int, string> path, Func<int, string> sql)
    {
        using var client = node.Client(role, org);
        var full = await Say.EachAsync(calls, async i => await client.GetByteArrayAsync(path(i)));
        var raw = await Say.EachAsync(calls, async i =>
        {
            await using var command = node.Source.CreateCommand(sql(i));
            await using var reader = await command.ExecuteReaderAsync();
            while (await reader.ReadAsync()) reader.GetValue(0);
        });
        var ratio = full.At(0.5) / raw.At(0.5);
        Say.Line($"{name}: p50 {full.At(0.5):F2} ms, p95 {full.At(0.95):F2} ms");
        Say.Line($"  raw SQL {raw.At(0.5):F2} and {raw.At(0.95):F2} ms; ratio {ratio:F1} (goal 3)");
    }
}
