using System.Diagnostics;
using System.Globalization;

namespace Bench;

/// <summary>Closed-loop load from a process of its own: Debian's <c>wrk</c>, eight connections.</summary>
internal static class Wrk
{
    public sealed record Rate(double PerSecond, string P50, string P99);

    /// <summary>GETs one of <paramref name="paths"/> at a time, in random order.</summary>
    /// <exception cref="InvalidOperationException">wrk is missing, or an answer was not 2xx.</exception>
    public static async Task<Rate> GetAsync(
        string address, IEnumerable<string> paths, string? token, int seconds, int connections = 8)
    {
        var folder = Directory.CreateTempSubdirectory("bench-").FullName;
        try
        {
            var list = Path.Combine(folder, "paths");
            await File.WriteAllLinesAsync(list, paths);
            var script = Path.Combine(folder, "get.lua");
            var headers = token is null ? "" : $"wrk.headers['Authorization'] = 'Bearer {token}'";
            await File.WriteAllTextAsync(script, $$"""
                {{headers}}
                local paths = {}
                for line in io.lines('{{list}}') do paths[#paths + 1] = line end
                request = function() return wrk.format('GET', paths[math.random(#paths)]) end
                """);
            return Read(await RunAsync("-t1", string.Create(CultureInfo.InvariantCulture, $"-c{connections}"),
                string.Create(CultureInfo.InvariantCulture, $"-d{seconds}s"), "--latency", "-s", script, address));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task<string> RunAsync(params string[] arguments)
    {
        if (!File.Exists("/usr/bin/wrk")) throw new InvalidOperationException("Install wrk: apt-get install wrk.");
        using var process = Process.Start(new ProcessStartInfo("/usr/bin/wrk", arguments)
        {
            RedirectStandardOutput = true,
        })!;
        var text = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return text;
    }

    private static Rate Read(string text)
    {
        if (text.Contains("Non-2xx", StringComparison.Ordinal)
            || text.Contains("Socket errors", StringComparison.Ordinal))
            throw new InvalidOperationException($"Not every request was answered well:\n{text}");
        var words = text.Split('\n').Select(l => l.Split(' ', StringSplitOptions.RemoveEmptyEntries)).ToList();
        string After(string first) => words.First(w => w.Length > 1 && w[0] == first)[1];
        return new(double.Parse(After("Requests/sec:"), CultureInfo.InvariantCulture), After("50%"), After("99%"));
    }
}
