using System.Reflection;
using DbUp;

namespace Platform.Hosting;

/// <summary>
/// Runs the numbered SQL files embedded in a service (<c>Migrations/0001-*.sql</c>), each once, each in a transaction,
/// as the owner of the database; the service itself runs with a role that cannot alter tables.
/// </summary>
public static class Migrations
{
    /// <summary>Name of the shared first script: audit, outbox, applied_command.</summary>
    public const string SharedPrefix = "Platform.Hosting.Migrations.";

    /// <exception cref="InvalidOperationException">A script failed; everything of that script was rolled
    /// back.</exception>
    public static void Run(string connectionString, Assembly service)
    {
        var result = DeployChanges.To.PostgresqlDatabase(connectionString)
            .WithScriptsEmbeddedInAssembly(typeof(Migrations).Assembly, IsSql)
            .WithScriptsEmbeddedInAssembly(service, IsSql)
            .WithScriptNameComparer(Comparer<string>.Create(CompareFileNames))
            .WithTransactionPerScript()
            .WithVariablesDisabled()
            .LogToNowhere()
            .Build().PerformUpgrade();
        if (!result.Successful)
            throw new InvalidOperationException($"Migration {result.ErrorScript?.Name} failed.", result.Error);
    }

    private static bool IsSql(string name) =>
        name.Contains(".Migrations.", StringComparison.Ordinal) && name.EndsWith(".sql", StringComparison.Ordinal);

    // The shared scripts come first whatever the service is called.
    private static int CompareFileNames(string a, string b)
    {
        var (sharedA, sharedB) = (IsShared(a), IsShared(b));
        return sharedA != sharedB ? (sharedA ? -1 : 1) : string.CompareOrdinal(a, b);
    }

    private static bool IsShared(string name) => name.StartsWith(SharedPrefix, StringComparison.Ordinal);
}
