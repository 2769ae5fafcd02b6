using System.Net.Http.Headers;
using System.Security.Claims;
using System.Security.Cryptography;
using Exchange.Service;
using Exchange.Service.Trust;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using Npgsql;
using Platform.CommandLine.Infrastructure;
using Platform.CommandLine.Topologies;
using Platform.Hosting;
using Platform.Testing;
using Xunit;
using V1 = Platform.Contracts.Exchange.V1;

namespace Exchange.Tests.Service;

/// <summary>One real exchange service with its database; started, stopped and started again by tests.</summary>
public sealed class ExchangeNode : IAsyncDisposable
{
    private static readonly ECDsa TokenKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly Federation _federation;
    private readonly Node _node;
    private readonly TestDatabase _database;
    private readonly string _fieldKey;
    private readonly ExchangeNode? _first;
    private WebApplication? _app;
    private Grpc.Net.Client.GrpcChannel? _channel;

    private ExchangeNode(Federation federation, Node node, TestDatabase database, ExchangeNode? first = null)
    {
        (_federation, _node, _database, _first) = (federation, node, database, first);
        _fieldKey = first?._fieldKey ?? Convert.ToBase64String(RandomNumberGenerator.GetBytes(32));
        Source = NpgsqlDataSource.Create(database.Superuser);
    }

    public string Path => _node.Path;
    public NpgsqlDataSource Source { get; }
    public string Vhost => _node.Code;
    public V1.ExchangeService.ExchangeServiceClient Client { get; private set; } = null!;
    public HttpClient Http { get; private set; } = null!;
    public IServiceProvider Services => _app!.Services;

    public static async Task<ExchangeNode> CreateAsync(Federation federation, string path)
    {
        var database = await TestDatabase.CreateAsync("exchange", federation.ForMeasure,
            typeof(ExchangeHost).Assembly);
        return new(federation, federation.Topology.NodeAt(path), database);
    }

    /// <summary>A second process over the same database and broker.</summary>
    public ExchangeNode Replica() => new(_federation, _node, _database, first: this);

    /// <returns>The fingerprint of this node's key.</returns>
    public async Task<string> StartAsync(TimeProvider? clock = null, params string[] more)
    {
        var port = _first is null ? _node.PortOf("exchange") : FreePorts.Take();
        var url = $"http://127.0.0.1:{port}";
        string[] args =
        [
            $"--Urls={url}", $"--Services:exchange={url}", "--Services:Key=a-service-key-for-tests",
            $"--ConnectionStrings:exchange={_database.App}", $"--Rabbit:Uri={_federation.Uri(Path)}",
            $"--Node:Path={Path}", $"--Node:Name={Path}", $"--Node:Regions={string.Join(',', _node.Regions)}",
            $"--Node:Parent={_node.Parent}", $"--Token:PublicKey={TokenKey.ExportSubjectPublicKeyInfoPem()}",
            $"--Keys:Field={_fieldKey}", $"--Keys:Blind={_fieldKey}",
            $"--Exchange:RootFingerprint={_federation.Fingerprint}",
                $"--Exchange:EnrolmentCode={Federation.Code(Path)}",
            "--Exchange:EnrolmentInterval=00:00:01", "--Exchange:BundleInterval=00:00:02",
                "--Exchange:TickInterval=00:00:00.2",
            "--Exchange:StatementInterval=00:00:01", "--Exchange:ResendAfter=01:00:00",
                "--Exchange:ResendAfterMax=02:00:00",
            "--Exchange:GapAskAfter=00:00:00.3", "--Exchange:AcceptedTypes:platform.test.=2",
                "--Exchange:PayloadMax=65536",
            .. Federation.EnrolmentCodes(), .. more,
        ];
        _app = ExchangeHost.Build(args, b =>
        {
            if (_federation.ForMeasure) b.Logging.ClearProviders();
            if (clock is not null) b.Services.Replace(ServiceDescriptor.Singleton(clock));
        });
        await _app.StartAsync();
        _channel = Sidecar.CreateChannel(
            _app.Services.GetRequiredService<Microsoft.Extensions.Configuration.IConfiguration>(), "exchange");
        Client = new(_channel);
        Http = new HttpClient { BaseAddress = new(url), DefaultRequestVersion = new(2, 0),
            DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact };
        return Services.GetRequiredService<Keyring>().Fingerprint;
    }

    public async Task StopAsync()
    {
        _channel?.Dispose();
        Http.Dispose();
        if (_app is null) return;
        var source = Services.GetRequiredService<NpgsqlDataSource>();
        await _app.StopAsync();
        await _app.DisposeAsync();
        await source.DisposeAsync();
        _app = null;
    }

    public Task<bool> KnowsAsync(string path) =>
        Task.FromResult(_app is not null && Services.GetRequiredService<NodeDirectory>().Bundle.Find(path) is not null);

    public void SignIn(params string[] roles)
    {
        var token = new JsonWebTokenHandler().CreateToken(new SecurityTokenDescriptor
        {
            Issuer = Tokens.Issuer(Path),
            Audience = Tokens.Audience,
            Expires = DateTime.UtcNow.AddMinutes(30),
            Subject = new ClaimsIdentity(
                [new("sub", Guid.NewGuid().ToString()), new("name", "tester"), new("org", "140000/"),
                .. roles.Select(r => new Claim("roles", r))]),
            SigningCredentials = new(new ECDsaSecurityKey(TokenKey), SecurityAlgorithms.EcdsaSha256),
        });
        Http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
    }

    public static V1.Outgoing Message(string from, string to, string text, string type = "platform.test.v1.Note") =>
        new()
    {
        MessageId = Guid.CreateVersion7().ToString(),
        FromRegion = from,
        ToRegion = to,
        Type = type,
        TypeVersion = 1,
        Payload = Google.Protobuf.ByteString.CopyFromUtf8(text),
        OccurredAt = Google.Protobuf.WellKnownTypes.Timestamp.FromDateTime(DateTime.UtcNow),
        TraceParent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
    };

    public async Task<IReadOnlyList<V1.SendResult>> SendAsync(params V1.Outgoing[] items) =>
        (await Client.SendAsync(new() { Items = { items } })).Results;

    /// <summary>The next arrivals after a position, whose payloads begin with the text, until there are as many as
    /// wanted.</summary>
    public async Task<List<V1.Arrival>> ArrivalsAsync(string begins, int count, long after = 0, int seconds = 40)
    {
        using var call = Client.Arrivals(
            new() { Consumer = "test", TypePrefix = "platform.test.", AfterPosition = after },
            deadline: DateTime.UtcNow.AddSeconds(seconds));
        var found = new List<V1.Arrival>();
        try
        {
            while (found.Count < count && await call.ResponseStream.MoveNext(CancellationToken.None))
            {
                var arrival = call.ResponseStream.Current;
                if (arrival.Payload.ToStringUtf8().StartsWith(begins, StringComparison.Ordinal)) found.Add(arrival);
            }
        }
        catch (RpcException e) when (e.StatusCode == StatusCode.DeadlineExceeded)
        {
            Assert.Fail($"{found.Count} of {count} arrivals of {begins} within {seconds} s");
        }
        return found;
    }

    public async Task<T?> SqlAsync<T>(string text, params object[] values)
    {
        await using var command = Source.CreateCommand(text);
        foreach (var value in values) command.Parameters.Add(new() { Value = value });
        return await command.ExecuteScalarAsync() is T result ? result : default;
    }

    public Task AllReceiptedAsync(string to) => Eventually.TrueAsync(async () => await SqlAsync<bool>(
        "select head = receipted_through from outgoing_stream where to_node = $1", to),
            $"{Path}: everything to {to} has its receipt");

    public Task AtDeskAsync(string side, string node, string code) =>
        Eventually.TrueAsync(async () => await SqlAsync<long>(
        "select count(*) from desk_item where side = $1 and node = $2 and code = $3", side, node, code) > 0,
        $"{Path}: {code} of {node} at the desk ({side})");

    public async ValueTask DisposeAsync()
    {
        if (_app is not null) await StopAsync();
        await Source.DisposeAsync();
        if (_first is null) await _database.DisposeAsync();
    }
}

/// <summary>The system's clock, put forward.</summary>
public sealed class ShiftedClock(TimeSpan by) : TimeProvider
{
    public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + by;
}
