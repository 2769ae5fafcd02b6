using System.Globalization;
using Npgsql;

namespace Platform.CommandLine.Infrastructure;

/// <summary>Where and how a private PostgreSQL runs.</summary>
/// <param name="Folder">Data and configuration; created at the first start.</param>
/// <param name="RunFolder">Pid file and log.</param>
public sealed record PostgresSettings(string Folder, string RunFolder, int Port, string SuperuserPassword)
{
    public string Name { get; init; } = "postgres";

    /// <summary>
    /// False turns fsync off: faster tests, but a crash of the machine loses data (kill -9 of the server does not).
    /// </summary>
    public bool Durable { get; init; } = true;

    public int ConnectionsMax { get; init; } = 300;

    /// <summary>
    /// Pages the server itself keeps: a sixteenth of the machine, for it is not alone there; used only as data comes. A
    /// register whose indexes do not fit writes each page many times over.
    /// </summary>
    public int SharedBuffersMb { get; init; } =
        (int)Math.Clamp(GC.GetGCMemoryInfo().TotalAvailableMemoryBytes >> 24, 128, 1024);
}

/// <summary>A private PostgreSQL 15 on loopback TCP only, with passwords.</summary>
public sealed class PostgresServer(PostgresSettings settings)
{
    public const string Binaries = "/usr/lib/postgresql/15/bin";
    private readonly string? _user = Users.For("postgres");
    private Daemon? _daemon;

    public PostgresSettings Settings => settings;

    public int Port => settings.Port;

    public int? Pid => Process.Pid;

    /// <summary>SIGINT is the fast shutdown: sessions are rolled back, nothing committed is lost.</summary>
    public Daemon Process => _daemon ??= new Daemon(
        new DaemonSpec(settings.Name, settings.RunFolder, $"{Binaries}/postgres", ["-D", Data])
        {
            User = _user,
            WorkingDirectory = settings.Folder,
            StopSignal = 2,
            // A statement of a load takes megabytes; the allocator gave them back to the system after each and had
            // them cleared again for the next. 32 MB is the most that glibc takes for the first of these.
            Environment = new Dictionary<string, string>
            {
                ["MALLOC_MMAP_THRESHOLD_"] = "33554432",
                ["MALLOC_TRIM_THRESHOLD_"] = "67108864",
            },
        });

    /// <summary>False before the first start, and after somebody took the data away.</summary>
    public bool HasData => Directory.Exists(Data);

    private string LockFile => Path.Combine(Data, "postmaster.pid");

    private string Data => Path.Combine(settings.Folder, "data");

    /// <summary>As the superuser; for creating roles and databases only.</summary>
    public string ConnectionString(string database = "postgres") =>
        ConnectionString(database, "postgres", settings.SuperuserPassword);

    public string ConnectionString(string database, string user, string password) => new NpgsqlConnectionStringBuilder
    {
        Host = "127.0.0.1",
        Port = settings.Port,
        Database = database,
        Username = user,
        Password = password,
        IncludeErrorDetail = false,
    }.ConnectionString;

    public async Task StartAsync(CancellationToken cancel = default)
    {
        if (Process.IsRunning)
        {
            return;
        }

        // A backend that outlives a killed postmaster holds the shared memory until it notices.
        if (await Wait.UntilAsync(_ => Task.FromResult(!SharedMemoryInUse()), TimeSpan.FromSeconds(30), cancel))
        {
            DropLockOfTheDead();
        }

        await Ports.DemandFreeAsync(settings.Name, [Port], cancel);
        await Task.Run(Initialise, cancel);
        Process.Start();
    }

    public Task WaitReadyAsync(TimeSpan? limit = null, CancellationToken cancel = default) =>
        Process.WaitReadyAsync(AnswersAsync, limit ?? TimeSpan.FromSeconds(60), cancel);

    public Task StopAsync() => Process.StopAsync(TimeSpan.FromSeconds(30));

    /// <summary>Kill -9 of the postmaster and every backend.</summary>
    public Task KillAsync() => Process.KillAsync();

    public async Task<bool> AnswersAsync(CancellationToken cancel = default)
    {
        try
        {
            await using var connection = new NpgsqlConnection(ConnectionString() + ";Pooling=false;Timeout=3");
            await connection.OpenAsync(cancel);
            return true;
        }
        catch (Exception e) when (e is NpgsqlException or TimeoutException)
        {
            return false;
        }
    }

    /// <summary>The same question that a starting postmaster asks, and for which it gives up.</summary>
    private bool SharedMemoryInUse()
    {
        var words = File.Exists(LockFile) && File.ReadAllLines(LockFile) is { Length: > 6 } lines
            ? lines[6].Split(' ', StringSplitOptions.RemoveEmptyEntries) : [];
        return words.Length == 2 && File.ReadLines("/proc/sysvipc/shm").Skip(1)
            .Select(l => l.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Any(s => s[1] == words[1] && s[6] != "0");
    }

    /// <summary>A postmaster that nobody has reaped yet (Z) runs no more, but PostgreSQL takes it for alive.</summary>
    private void DropLockOfTheDead()
    {
        if (File.Exists(LockFile) && File.ReadLines(LockFile).FirstOrDefault() is { Length: > 0 } pid
            && ProcFs.StartTicks(int.Parse(pid, CultureInfo.InvariantCulture)) is null)
        {
            File.Delete(LockFile);
        }
    }

    /// <summary>
    /// initdb into a folder beside, renamed when complete: an interrupted start leaves nothing half made.
    /// </summary>
    private void Initialise()
    {
        Users.MakePrivate(settings.Folder, _user);
        if (!Directory.Exists(Data))
        {
            var making = Data + ".making";
            if (Directory.Exists(making))
            {
                Directory.Delete(making, recursive: true);
            }

            var passwordFile = Path.Combine(settings.Folder, "password");
            File.WriteAllText(passwordFile, settings.SuperuserPassword + "\n");
            Users.Give(settings.Folder, _user);
            string[] become = _user is null ? [] : ["--reuid", _user, "--regid", Group, "--init-groups"];
            Tool.Run("setpriv",
            [
                .. become, $"{Binaries}/initdb", "-D", making, "-U", "postgres", "--auth=scram-sha-256",
                    $"--pwfile={passwordFile}",
                "--locale=C.UTF-8", "-E", "UTF8", "--data-checksums", .. settings.Durable
                    ? (string[])[] : ["--no-sync"],
            ]);
            File.Delete(passwordFile);
            File.AppendAllText(Path.Combine(making, "postgresql.conf"), "include 'platform.conf'\n");
            Directory.Move(making, Data);
        }

        File.WriteAllText(Path.Combine(Data, "platform.conf"), Configuration());
        Users.Give(Data, _user);
    }

    private string Group => Users.GroupOf(_user!).ToString(CultureInfo.InvariantCulture);

    // Compiling a query (jit) takes longer than most of ours run, and the costs of row-level security trigger it.
    private string Configuration() => string.Create(CultureInfo.InvariantCulture, $"""
        listen_addresses = '127.0.0.1'
        port = {settings.Port}
        unix_socket_directories = ''
        max_connections = {settings.ConnectionsMax}
        shared_buffers = '{settings.SharedBuffersMb}MB'
        max_wal_size = '4GB'
        jit = off
        password_encryption = 'scram-sha-256'
        log_line_prefix = '%m [%p] %d '
        fsync = {(settings.Durable ? "on" : "off")}
        synchronous_commit = {(settings.Durable ? "on" : "off")}
        full_page_writes = {(settings.Durable ? "on" : "off")}

        """);
}
