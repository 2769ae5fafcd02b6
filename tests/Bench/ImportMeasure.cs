using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using Npgsql;
using Registry.Organisations;

namespace Bench;

/// <summary>
/// A large roster through the gateway, from the first byte sent until its last row is in, after a small one has warmed
/// up the processes. Raw limit: binary COPY of the very same rows, of every table that a load writes to and that keeps
/// them, into twins with the same indexes; past row-level security, triggers and foreign keys.
/// </summary>
internal static class ImportMeasure
{
    private const int Branches = 400, WarmRows = 100_000;
    private static readonly string[] Tables = ["member", "membership_spell", "figure_span", "name_reading",
        "outbound_card", "audit", "outbox", "roster_line"];

    /// <summary>Members of the roster; BENCH_ROWS changes it.</summary>
    private static readonly int Rows = int.Parse(
        Environment.GetEnvironmentVariable("BENCH_ROWS") ?? "200000", CultureInfo.InvariantCulture);

    public static async Task RunAsync()
    {
        await using var node = await RegistryNode.StartAsync();
        await node.BranchAsync();
        var top = await TopAsync(node);
        await node.AddAsync(Enumerable.Range(0, Branches).Select(i => new Organisation
        {
            Id = Guid.CreateVersion7(),
            Code = Code(i),
            Path = $"{RegistryNode.County}{Code(i)}/",
            ParentId = top,
            Region = RegistryNode.Region,
            Name = $"测试第{i}支部",
            Type = "BRA",
            FoundedOn = new(2026, 1, 1),
            Since = new(2026, 1, 1),
        }));
        var file = Path.Combine(Path.GetTempPath(), $"roster-{Environment.ProcessId}.csv");
        try
        {
            await WriteAsync(file, 0, WarmRows);
            await ImportAsync(node, file, WarmRows);
            await node.SettleAsync();
            await WriteAsync(file, WarmRows, Rows);
            await ImportAsync(node, file, Rows);
            await RawAsync(node);
        }
        finally
        {
            File.Delete(file);
        }
    }

    private static async Task ImportAsync(RegistryNode node, string file, int rows)
    {
        using var client = node.Client("committee-clerk");
        client.Timeout = TimeSpan.FromHours(1);
        GC.Collect();
        var (memory, process) = (new Memory(), Process.GetCurrentProcess());
        var (started, cpu, server) = (Stopwatch.GetTimestamp(), process.TotalProcessorTime, node.ServerTime());
        var (paused, allocated) = (GC.GetTotalPauseDuration(), GC.GetTotalAllocatedBytes());
        var collections = Collections();
        using var request = new HttpRequestMessage(HttpMethod.Post,
            $"/api/v1/rosters?region={RegistryNode.Region}&fileName=roster.csv");
        request.Headers.Add("Idempotency-Key", Guid.CreateVersion7().ToString());
        request.Headers.Add("Prefer", "respond-async");
        request.Content = new StreamContent(File.OpenRead(file));
        using var reply = await client.SendAsync(request);
        var sent = Stopwatch.GetElapsedTime(started);
        var json = JsonSerializer.Deserialize<JsonElement>(await reply.Content.ReadAsStringAsync());
        if (reply.StatusCode == HttpStatusCode.Accepted) json = await DoneAsync(client, json, started);
        var taken = Stopwatch.GetElapsedTime(started);
        process.Refresh();
        await memory.StopAsync();
        Say.Line($"answers: {json.ToString()[..Math.Min(json.ToString().Length, 700)]}");
        Say.Line($"import of {rows} rows ({new FileInfo(file).Length >> 20} MiB): {taken.TotalSeconds:F1} s, "
            + $"{rows / taken.TotalSeconds:F0} rows/s (goal 5000), sent after {sent.TotalSeconds:F1} s");
        Say.Line($"processor time of this process {(process.TotalProcessorTime - cpu).TotalSeconds:F1} s, of "
            + $"PostgreSQL {(node.ServerTime() - server).TotalSeconds:F1} s; garbage collection stopped "
            + $"this process for {(GC.GetTotalPauseDuration() - paused).TotalSeconds:F1} s; "
            + $"memory {memory.FirstMiB} MiB before, {memory.MaxMiB} MiB at most");
        Say.Line($"allocated {(GC.GetTotalAllocatedBytes() - allocated) / rows} bytes a row; collections of "
            + $"generations 0, 1, 2: {string.Join(", ", Collections().Zip(collections, (now, then) => now - then))}");
        Say.Machine();
        Taken = taken;
    }

    private static int[] Collections() => [GC.CollectionCount(0), GC.CollectionCount(1), GC.CollectionCount(2)];

    private static TimeSpan Taken { get; set; }

    private static async Task<JsonElement> DoneAsync(HttpClient client, JsonElement json, long started)
    {
        var id = json.GetProperty("id").GetGuid();
        for (var last = ""; ;)
        {
            json = JsonSerializer.Deserialize<JsonElement>(await client.GetStringAsync($"/api/v1/rosters/{id}"));
            var status = json.GetProperty("status").GetString()!;
            if (status != last) Say.Line($"  {Stopwatch.GetElapsedTime(started).TotalSeconds:F1} s: {status}");
            last = status;
            if (status is "done" or "refused") return json;
            // Asking more often takes time from the load.
            await Task.Delay(500);
        }
    }

    private static async Task RawAsync(RegistryNode node)
    {
        await using var connection = await node.Source.OpenConnectionAsync();
        await using (var wait = new NpgsqlCommand("select count(*) from audit where position is null", connection))
            while ((long)(await wait.ExecuteScalarAsync())! > 0) await Task.Delay(500);
        var dumps = new Dictionary<string, string>();
        foreach (var table in Tables)
        {
            dumps[table] = Path.Combine(Path.GetTempPath(), $"dump-{Environment.ProcessId}-{table}");
            await using var into = File.Create(dumps[table]);
            await using var copy = await connection.BeginRawBinaryCopyAsync($"copy {table} to stdout (format binary)");
            await copy.CopyToAsync(into);
        }
        // Twins of the tables with all their indexes: the originals are in use.
        await using (var twins = new NpgsqlCommand(string.Concat(Tables.Select(t =>
            $"create table raw_{t} (like {t} including all);")), connection)) await twins.ExecuteNonQueryAsync();
        var started = Stopwatch.GetTimestamp();
        foreach (var table in Tables)
        {
            var part = Stopwatch.GetTimestamp();
            await using var from = File.OpenRead(dumps[table]);
            await using var copy = await connection.BeginRawBinaryCopyAsync(
                $"copy raw_{table} from stdin (format binary)");
            await from.CopyToAsync(copy);
            await copy.DisposeAsync();
            Say.Line($"  {table}: {Stopwatch.GetElapsedTime(part).TotalSeconds:F1} s");
        }
        var (raw, all) = (Stopwatch.GetElapsedTime(started), Rows + WarmRows);
        foreach (var dump in dumps.Values) File.Delete(dump);
        var rate = all / raw.TotalSeconds;
        Say.Line($"raw COPY of the rows of {all} members in {Tables.Length} tables: {raw.TotalSeconds:F1} s, "
            + $"{rate:F0} rows/s; import is 1/{rate * Taken.TotalSeconds / Rows:F1} of it (goal 1/8)");
        Say.Machine();
    }

    private static async Task<Guid> TopAsync(RegistryNode node)
    {
        await using var command = node.Source.CreateCommand("select id from organisation where code = '141022'");
        return (Guid)(await command.ExecuteScalarAsync())!;
    }

    private static string Code(int branch) => string.Create(CultureInfo.InvariantCulture, $"N{branch:D4}");

    private static async Task WriteAsync(string path, int first, int rows)
    {
        await using var writer = new StreamWriter(path, false, new UTF8Encoding(false), 1 << 20);
        await writer.WriteLineAsync("姓名,性别,民族,公民身份号码,出生日期,籍贯,学历,入党日期,党员类别,转正日期,所在党支部编码,联系电话,"
            + "从事职业,所属行业,工作单位,现居住地,是否流动党员,流动类型,外出原因,流向地区划代码,流向地详细地址,外出日期");
        const string Given = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂";
        for (var i = first; i < first + rows; i++)
        {
            var born = new DateOnly(1955, 1, 1).AddDays(i / 999 % 14_000);
            var sequence = (i % 999) + 1;
            var digits = string.Create(CultureInfo.InvariantCulture, $"141022{born:yyyyMMdd}{sequence:D3}");
            var id = digits + Registry.ResidentId.CheckCharacterOf(digits);
            var name = $"{(char)('一' + (i * 7919L % 20_000))}{Given[i % Given.Length]}{Given[i / 22 % Given.Length]}";
            var mobile = i % 20 == 0 ? "是,跨省流动,务工,440106,广东省广州市天河区石牌街道,2025-03-01" : "否,,,,,";
            await writer.WriteLineAsync(string.Create(CultureInfo.InvariantCulture,
                $"{name},{(sequence % 2 == 1 ? "男" : "女")},汉族,{id},{born:yyyy-MM-dd},山西翼城,大专,2010-07-01,正式党员,"
                + $"2011-07-01,{Code(i % Branches)},138{i:D8},木工,建筑,山西省翼城县测试建筑工程有限公司,"
                + $"山西省临汾市翼城县唐兴镇第{i % 100}社区,{mobile}"));
        }
    }

    /// <summary>Watches the working set of this process, the database's not included.</summary>
    internal sealed class Memory
    {
        private readonly CancellationTokenSource _stop = new();
        private readonly Task _watching;

        public Memory()
        {
            FirstMiB = MaxMiB = Now();
            _watching = Task.Run(async () =>
            {
                while (!_stop.IsCancellationRequested)
                {
                    MaxMiB = Math.Max(MaxMiB, Now());
                    await Task.Delay(100);
                }
            });
        }

        public long FirstMiB { get; }

        public long MaxMiB { get; private set; }

        public async Task StopAsync()
        {
            await _stop.CancelAsync();
            await _watching;
            _stop.Dispose();
        }

        private static long Now()
        {
            using var process = Process.GetCurrentProcess();
            return process.WorkingSet64 >> 20;
        }
    }
}
