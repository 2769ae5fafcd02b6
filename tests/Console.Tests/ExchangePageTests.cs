using System.Security.Cryptography;
using System.Text;
using Exchange.Service;
using Exchange.Service.Trust;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Playwright;
using Npgsql;
using Platform.CommandLine.Infrastructure;
using Platform.CommandLine.Topologies;
using Platform.Testing;
using static Microsoft.Playwright.Assertions;

namespace Console.Tests;

/// <summary>A hub and a county with real exchanges and a broker; the county's own gateway is not needed.</summary>
public sealed class ExchangePair : IAsyncLifetime
{
    public const string HubPath = "140000", CountyPath = "140000.141022";
    private const string Code = "one-time-code-of-the-county";

    private readonly List<(WebApplication App, TestDatabase Database)> _running = [];
    private readonly string _key = Convert.ToBase64String(SHA256.HashData("pair"u8));
    private Topology _topology = null!;
    private RabbitServer _broker = null!;

    /// <summary>Address of the county's exchange.</summary>
    public string Address { get; private set; } = "";

    /// <summary>Looks behind the county's exchange.</summary>
    public NpgsqlDataSource County { get; private set; } = null!;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    /// <param name="publicKey">Whose tokens the exchanges take.</param>
    public async Task StartAsync(string publicKey)
    {
        _topology = Servers.OnFreePorts(new()
        {
            Name = "console-pair", PostgresPort = 0, RedisPort = 0, EpmdPort = 0, Brokers = [new("one", 0)],
            Nodes = [Node(HubPath, null, "山西省", "14"), Node(CountyPath, HubPath, "翼城县<b>", "141022")],
        }, "console-");
        _broker = (await Servers.BrokersAsync(_topology, new(user => $"secret-{user}"))).Values.Single();
        var hub = await StartNodeAsync(HubPath, publicKey,
            ("Exchange:EnrolmentCodes:" + CountyPath,
                Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Code)))));
        var county = await StartNodeAsync(CountyPath, publicKey, ("Exchange:EnrolmentCode", Code),
            ("Exchange:RootFingerprint", hub.Services.GetRequiredService<Keyring>().Fingerprint));
        Address = county.Urls.First();
        County = NpgsqlDataSource.Create(_running[^1].Database.Superuser);
        var directory = county.Services.GetRequiredService<NodeDirectory>();
        for (var until = DateTime.UtcNow.AddSeconds(60); directory.Bundle.Find(CountyPath) is null;)
        {
            Assert.True(DateTime.UtcNow < until, "The county enrols within a minute.");
            await Task.Delay(50);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (County is not null) await County.DisposeAsync();
        foreach (var (app, database) in Enumerable.Reverse(_running))
        {
            await app.DisposeAsync();
            await database.DisposeAsync();
        }
    }

    private async Task<WebApplication> StartNodeAsync(string path, string publicKey,
        params (string Name, string Value)[] more)
    {
        var node = _topology.NodeAt(path);
        var database = await TestDatabase.CreateAsync("exchange", migrated: typeof(ExchangeHost).Assembly);
        var url = $"http://127.0.0.1:{node.PortOf("exchange")}";
        var user = RabbitDefinitions.NodeUser(node);
        string[] args =
        [
            $"--Urls={url}", $"--Services:exchange={url}", "--Services:Key=a-service-key-of-the-tests",
            $"--ConnectionStrings:exchange={database.App}",
            $"--Rabbit:Uri=amqp://{user}:secret-{user}@127.0.0.1:{_broker.Port}/{node.Code}",
            $"--Node:Path={path}", $"--Node:Name={node.NameZh}", $"--Node:Regions={string.Join(',', node.Regions)}",
            $"--Node:Parent={node.Parent}", $"--Token:PublicKey={publicKey}", $"--Keys:Field={_key}",
            $"--Keys:Blind={_key}", "--Exchange:EnrolmentInterval=00:00:01", "--Exchange:BundleInterval=00:00:02",
            "--Exchange:TickInterval=00:00:00.2",
            .. more.Select(m => $"--{m.Name}={m.Value}"),
        ];
        var app = ExchangeHost.Build(args, b => b.Logging.ClearProviders());
        await app.StartAsync();
        _running.Add((app, database));
        return app;
    }

    private static Node Node(string path, string? parent, string name, string region) => new()
    {
        Path = path, NameZh = name, NameEn = path, Tier = parent is null ? Tier.Province : Tier.County,
        Regions = [region], Parent = parent, Mode = NodeMode.Services, Broker = "one", BasePort = 0,
    };
}

/// <summary>Streams, refused messages, nodes and the connection test, for operators.</summary>
public sealed class ExchangePageTests(ConsoleFixture fixture, ExchangePair pair) : IClassFixture<ExchangePair>
{
    [Fact]
    public async Task An_operator_sees_streams_nodes_and_the_desk_tests_a_connection_and_dismisses_with_a_reason()
    {
        await pair.StartAsync(fixture.PublicKey);
        await using var gateway = await fixture.GatewayAsync(pair.Address);
        await using var visit = await fixture.VisitAsync("operator", address: gateway.Urls.First());
        var page = visit.Page;
        await page.GotoAsync("/exchange");
        await Expect(page.GetByText("没有退回的消息")).ToBeVisibleAsync();
        await page.LookAsync("exchange-quiet");
        await page.GetByRole(AriaRole.Button, new() { Name = "测试连接" }).ClickAsync();
        await Expect(page.GetByText("山西省已应答")).ToBeVisibleAsync(new() { Timeout = 30_000 });
        await page.LookAsync("exchange-ping");

        var item = Guid.CreateVersion7();
        await using (var command = pair.County.CreateCommand($"""
            insert into desk_item (id, side, node, code, detail, first_at, last_at, count, status)
            values ('{item}', 'outgoing', '{ExchangePair.HubPath}', 'REGISTRY_CASE_UNKNOWN',
                '<img src=x onerror=alert(1)>', now(), now(), 3, 'open')
            """))
        {
            await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        }
        await page.GotoAsync("/exchange");
        await page.Locator($"a[href*='{item}']").ClickAsync();
        await Expect(page.GetByRole(AriaRole.Definition).GetByText("<img src=x onerror=alert(1)>")).ToBeVisibleAsync();
        await page.LookAsync("exchange-item");
        await page.GetByLabel("理由").FillAsync("对方已另行补发");
        await page.GetByRole(AriaRole.Button, new() { Name = "关闭这件" }).ClickAsync();
        await Expect(page.GetByText("没有退回的消息")).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "已关闭" }).ClickAsync();
        await Expect(page.Locator("code", new() { HasText = "REGISTRY_CASE_UNKNOWN" })).ToBeVisibleAsync();
    }

    [Fact]
    public async Task A_clerk_is_told_nothing_and_a_silent_exchange_is_said_so()
    {
        await using var clerk = await fixture.VisitAsync("operator");
        await clerk.Page.GotoAsync("/exchange");
        await Expect(clerk.Page.Locator(".state[data-kind=error]")).ToBeVisibleAsync();
        await clerk.Page.LookAsync("exchange-silent");
    }
}
