using System.Reflection;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Platform.Hosting;

/// <summary>One service that a process can run.</summary>
/// <param name="Name">Deployable name, for example "registry".</param>
/// <param name="Build">Composes the host.</param>
/// <param name="HasDatabase">Whether <c>migrate</c> has work to do.</param>
public sealed record ServiceTarget(
    string Name, Func<string[], Action<WebApplicationBuilder>?, WebApplication> Build, Assembly Assembly,
        bool HasDatabase);

/// <summary>The verbs of every binary: run (default), migrate, check, print-config.</summary>
public static class Verbs
{
    private static readonly string[] SecretParts = ["key", "password", "connectionstrings", "uri", "code", "secret"];

    /// <returns>Exit code: 0 fine, 1 failed (a sentence on standard error), 2 unknown verb.</returns>
    public static async Task<int> RunAsync(string[] args, params IReadOnlyList<ServiceTarget> targets)
    {
        var words = args.TakeWhile(a => !a.StartsWith('-')).ToArray(); // verb and list of services, both optional
        var options = args[words.Length..];
        var verb = words.FirstOrDefault() ?? "run";
        var chosen = Choose(words.ElementAtOrDefault(1) ?? "all", targets);
        switch (verb)
        {
            case "run":
                await RunAllAsync(chosen, options);
                return 0;
            case "migrate":
                foreach (var target in chosen.Where(t => t.HasDatabase)) Migrate(target, options);
                return 0;
            case "check":
                return await CheckAsync(chosen, options);
            case "print-config":
                foreach (var target in chosen) PrintConfig(target, options);
                return 0;
            default:
                await Console.Error.WriteLineAsync($"Unknown verb {verb}. Known: run, migrate, check, print-config.");
                return 2;
        }
    }

    /// <summary>Runs the hosts until one stops; then all stop, so that a supervisor sees the failure.</summary>
    private static async Task RunAllAsync(ServiceTarget[] targets, string[] options)
    {
        var configuration = PlatformHost.CreateBuilder(options, targets[0].Name).Configuration;
        using var telemetry = Telemetry.Start(
            $"{configuration["Node:Path"]}/{string.Join('+', targets.Select(t => t.Name))}",
                configuration["Otlp:Endpoint"]);
        var hosts = targets.Select(t => t.Build(options, null)).ToList();
        try
        {
            await Task.WhenAll(hosts.Select(h => h.StartAsync()));
            await Task.WhenAny(hosts.Select(h => h.WaitForShutdownAsync()));
        }
        finally
        {
            foreach (var host in Enumerable.Reverse(hosts)) await host.DisposeAsync();
        }
    }

    private static void Migrate(ServiceTarget target, string[] options)
    {
        var configuration = PlatformHost.CreateBuilder(options, target.Name).Configuration;
        var name = $"{target.Name}-migrator";
        Migrations.Run(configuration.GetConnectionString(name)
            ?? throw new InvalidOperationException($"ConnectionStrings:{name} is not set."), target.Assembly);
        Console.WriteLine($"{target.Name}: database is up to date.");
    }

    private static async Task<int> CheckAsync(ServiceTarget[] targets, string[] options)
    {
        var failed = 0;
        foreach (var target in targets)
        {
            await using var host = target.Build(options, null);
            var report = await host.Services.GetRequiredService<HealthCheckService>()
                .CheckHealthAsync(c => c.Name == "database");
            if (report.Status != HealthStatus.Healthy) failed = 1;
            Console.WriteLine($"{target.Name}: options valid, connections {report.Status}.");
        }
        return failed;
    }

    private static void PrintConfig(ServiceTarget target, string[] options)
    {
        foreach (var (key, value) in PlatformHost.CreateBuilder(options, target.Name).Configuration.AsEnumerable()
            .Where(p => p.Value is not null && p.Key.Contains(':', StringComparison.Ordinal)).OrderBy(p => p.Key))
        {
            var secret = SecretParts.Any(p => key.Contains(p, StringComparison.OrdinalIgnoreCase));
            Console.WriteLine($"{target.Name} {key} = {(secret ? "(hidden)" : value)}");
        }
    }

    private static ServiceTarget[] Choose(string list, IReadOnlyList<ServiceTarget> targets)
    {
        if (list == "all") return [.. targets];
        return [.. list.Split(',').Select(n => targets.SingleOrDefault(t => t.Name == n)
            ?? throw new ArgumentException(
                $"Unknown service {n}. Known: {string.Join(", ", targets.Select(t => t.Name))}."))];
    }
}
