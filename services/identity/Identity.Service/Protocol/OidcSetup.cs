using System.Security.Cryptography;
using Identity.Service.Persistence;
using Microsoft.IdentityModel.Tokens;
using OpenIddict.Server;
using Platform.Hosting;
using static OpenIddict.Abstractions.OpenIddictConstants;
using static OpenIddict.Server.OpenIddictServerEvents;

namespace Identity.Service.Protocol;

/// <summary>
/// OpenIddict as the node's OpenID Connect provider: authorization code with PKCE, refresh tokens that are used once,
/// end of session. Access tokens are what the services have always checked: ES256, issuer of the node.
/// </summary>
internal static class OidcSetup
{
    /// <summary>Where all of identity lives, so that the gateway routes it unchanged.</summary>
    public const string Prefix = "identity";

    /// <summary>Value of <c>acr_values</c> that asks for the second factor again.</summary>
    public const string StepUp = "step-up";

    public static void AddOidc(this IServiceCollection services, IConfiguration configuration, IdentityOptions options)
    {
        var signing = ECDsa.Create();
        signing.ImportFromPem(configuration["Token:PrivateKey"]
            ?? throw new InvalidOperationException("Token:PrivateKey (PEM) is not set."));
        // Codes and refresh tokens are read by identity alone; its replicas make the same key.
        var sealing = HKDF.DeriveKey(HashAlgorithmName.SHA256,
            Convert.FromBase64String(configuration["Keys:Field"] ?? ""), 32, info: "identity tokens"u8.ToArray());
        var issuer = Tokens.Issuer(configuration["Node:Path"] ?? "");
        services.AddOpenIddict()
            .AddCore(core => core.UseEntityFrameworkCore().UseDbContext<IdentityDb>().ReplaceDefaultEntities<Guid>())
            .AddServer(server =>
            {
                server.SetIssuer(new Uri(options.Public, $"{Prefix}/"));
                Endpoints(server);
                server.AllowAuthorizationCodeFlow().RequireProofKeyForCodeExchange().AllowRefreshTokenFlow();
                server.SetAccessTokenLifetime(TimeSpan.FromMinutes(options.AccessTokenMinutes))
                    .SetIdentityTokenLifetime(TimeSpan.FromMinutes(options.AccessTokenMinutes))
                    .SetAuthorizationCodeLifetime(TimeSpan.FromMinutes(2))
                    .SetRefreshTokenLifetime(TimeSpan.FromHours(options.SessionHours))
                    .SetRefreshTokenReuseLeeway(null);
                server.AddSigningKey(new ECDsaSecurityKey(signing)).AddEncryptionKey(new SymmetricSecurityKey(sealing))
                    .DisableAccessTokenEncryption();
                server.RegisterScopes(Scopes.OpenId, Scopes.Profile,
                    Scopes.OfflineAccess);
                server.Configure(o => Narrow(o));
                server.AddEventHandler<GenerateTokenContext>(handler => handler
                    .UseInlineHandler(context => Shape(context, issuer))
                    .SetOrder(OpenIddictServerHandlers.Protection.GenerateIdentityModelToken.Descriptor.Order - 1));
                var web = server.UseAspNetCore().EnableAuthorizationEndpointPassthrough()
                    .EnableTokenEndpointPassthrough().EnableEndSessionEndpointPassthrough()
                    .EnableErrorPassthrough();
                if (options.Loopback) web.DisableTransportSecurityRequirement();
            });
        services.AddHostedService<ConsoleClient>();
    }

    private static void Endpoints(OpenIddictServerBuilder server) => server
        .SetConfigurationEndpointUris($"{Prefix}/.well-known/openid-configuration")
        .SetJsonWebKeySetEndpointUris($"{Prefix}/.well-known/jwks")
        .SetAuthorizationEndpointUris($"{Prefix}/connect/authorize")
        .SetTokenEndpointUris($"{Prefix}/connect/token")
        .SetEndSessionEndpointUris($"{Prefix}/connect/logout");

    // Answers by redirect only: a form that submits itself needs a script that our pages do not allow.
    private static void Narrow(OpenIddictServerOptions options)
    {
        options.ResponseModes.Remove(ResponseModes.FormPost);
        options.ResponseModes.Remove(ResponseModes.Fragment);
        options.CodeChallengeMethods.Remove(CodeChallengeMethods.Plain);
    }

    // What the services check: the node's issuer, and lists that stay lists when they have one entry.
    private static ValueTask Shape(GenerateTokenContext context, string issuer)
    {
        var descriptor = context.SecurityTokenDescriptor;
        if (context.TokenType == TokenTypeIdentifiers.AccessToken) descriptor.Issuer = issuer;
        if (context.TokenType is not (TokenTypeIdentifiers.AccessToken or TokenTypeIdentifiers.IdentityToken))
            return default;
        descriptor.Claims ??= new Dictionary<string, object>();
        foreach (var list in (string[])["roles", Claims.AuthenticationMethodReference])
        {
            var values = context.Principal.FindAll(list).Select(c => c.Value).ToArray();
            if (values.Length > 0) descriptor.Claims[list] = values;
        }
        return default;
    }
}
