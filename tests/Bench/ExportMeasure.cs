using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Json;
using Bench.Data;

namespace Bench;

/// <summary>
/// A whole register given back as a file through the gateway, each row in the trail first: rows a second and the memory
/// of this process, which may not grow with the rows. Raw limit: binary COPY of the same members to nowhere.
/// </summary>
internal static class ExportMeasure
{
    /// <summary>Members of the register; BENCH_ROWS changes it.</summary>
    private static readonly int Rows = int.Parse(
        Environment.GetEnvironmentVariable("BENCH_ROWS") ?? "200000", CultureInfo.InvariantCulture);

    public static async Task RunAsync()
    {
        await using var node = await RegistryNode.StartAsync();
        await node.FillAsync(DataPlan.Of(Rows, Rows / 100, 4000, RegistryNode.Region));
        await ExportAsync(node, "csv", $"{RegistryNode.County}T01/");
        foreach (var format in new[] { "csv", "xlsx" }) await ExportAsync(node, format, RegistryNode.County);
        var started = Stopwatch.GetTimestamp();
        await using var connection = await node.Source.OpenConnectionAsync();
        await using var copy = await connection.BeginRawBinaryCopyAsync("copy member to stdout (format binary)");
        await copy.CopyToAsync(Stream.Null);
        Say.Line($"raw COPY of {Rows} members: {Stopwatch.GetElapsedTime(started).TotalSeconds:F1} s");
    }

    private static async Task ExportAsync(RegistryNode node, string format, string org)
    {
        using var client = node.Client("committee-clerk", org);
        client.Timeout = TimeSpan.FromHours(1);
        GC.Collect();
        var (memory, started) = (new ImportMeasure.Memory(), Stopwatch.GetTimestamp());
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/exports/members");
        request.Content = JsonContent.Create(new { reason = "测速", format });
        using var reply = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        reply.EnsureSuccessStatusCode();
        var bytes = 0L;
        await using (var body = await reply.Content.ReadAsStreamAsync())
        {
            var buffer = new byte[1 << 16];
            for (int read; (read = await body.ReadAsync(buffer)) > 0; bytes += read) { }
        }
        var taken = Stopwatch.GetElapsedTime(started);
        await memory.StopAsync();
        Say.Line($"{format} of {org}: {bytes >> 20} MiB in {taken.TotalSeconds:F1} s, "
            + $"memory {memory.FirstMiB} MiB before, {memory.MaxMiB} MiB at most");
        Say.Machine();
    }
}
