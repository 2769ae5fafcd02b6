using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Npgsql;
using OpenIddict.Abstractions;
using Platform.Hosting;
using static OpenIddict.Abstractions.OpenIddictConstants;

namespace Identity.Service.Protocol;

/// <summary>
/// Registers the confidential client <c>console</c> as the configuration says, at every start; ready when it is there.
/// </summary>
internal sealed partial class ConsoleClient(IServiceScopeFactory scopes, IdentityOptions options, TimeProvider clock,
    ClientState state, ILogger<ConsoleClient> logger) : BackgroundService
{
    /// <summary>Id of the one client.</summary>
    public const string Id = "console";

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!state.Registered)
        {
            try
            {
                await RegisterAsync(stoppingToken);
                state.Registered = true;
            }
            catch (Exception e) when (e is NpgsqlException or DbUpdateException
                or OpenIddictExceptions.ConcurrencyException
                or InvalidOperationException { InnerException: NpgsqlException })
            {
                LogWaiting(logger, e.GetType().Name); // The database starts with us, or a replica registers it too.
                await Task.Delay(TimeSpan.FromSeconds(1), clock, stoppingToken);
            }
        }
    }

    private async Task RegisterAsync(CancellationToken ct)
    {
        await using var scope = scopes.CreateAsyncScope();
        scope.ServiceProvider.GetRequiredService<CallerContext>().Current = Caller.Service;
        var manager = scope.ServiceProvider.GetRequiredService<IOpenIddictApplicationManager>();
        var client = new OpenIddictApplicationDescriptor
        {
            ClientId = Id,
            ClientSecret = options.ConsoleSecret,
            ClientType = ClientTypes.Confidential,
            ConsentType = ConsentTypes.Implicit,
            RedirectUris = { new(options.Public, "signin-oidc") },
            PostLogoutRedirectUris = { new(options.Public, "signout-callback-oidc") },
            Permissions =
            {
                Permissions.Endpoints.Authorization, Permissions.Endpoints.Token, Permissions.Endpoints.EndSession,
                Permissions.GrantTypes.AuthorizationCode, Permissions.GrantTypes.RefreshToken,
                Permissions.ResponseTypes.Code, Permissions.Scopes.Profile,
            },
            Requirements = { Requirements.Features.ProofKeyForCodeExchange },
        };
        if (await manager.FindByClientIdAsync(Id, ct) is { } existing) await manager.UpdateAsync(existing, client, ct);
        else await manager.CreateAsync(client, ct);
    }

    [LoggerMessage(2700, LogLevel.Warning, "The client cannot be registered now: {ExceptionCode}")]
    private static partial void LogWaiting(ILogger logger, string exceptionCode);
}

/// <summary>Whether the console can be signed in to.</summary>
internal sealed class ClientState : IHealthCheck
{
    public volatile bool Registered;

    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken) =>
        Task.FromResult(Registered ? HealthCheckResult.Healthy() : HealthCheckResult.Unhealthy("not registered yet"));
}
