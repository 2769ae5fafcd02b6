using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Platform.CommandLine.Infrastructure;
using Platform.Hosting;
using Registry.Service.Persistence;

namespace Registry.Tests.Service;

/// <summary>P2: who never answers holds nothing back for ever.</summary>
public sealed class OutboxPumpTests(RegistryFixture registry) : IClassFixture<RegistryFixture>
{
    [Fact]
    public async Task A_receiver_that_never_confirms_is_left_and_everything_is_handed_over_again_in_order()
    {
        Guid[] messages = [.. Enumerable.Range(0, 3).Select(_ => Guid.CreateVersion7())];
        await using (var add = registry.Behind.CreateCommand("""
            insert into outbox (message_id, lane, type, body, at) select m, 'never', 'a', '', now()
            from unnest($1) with ordinality as x (m, n) order by n
            """))
        {
            add.Parameters.Add(new() { Value = messages });
            await add.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        }
        using var pump = new Pump(registry.Services.GetRequiredService<IServiceScopeFactory>());
        await pump.StartAsync(TestContext.Current.CancellationToken);
        try
        {
            Assert.True(await Wait.UntilAsync(async _ =>
                await registry.CountAsync("select count(*) from outbox where lane = 'never'") == 0,
                TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken));
        }
        finally
        {
            await pump.StopAsync(CancellationToken.None);
        }
        Assert.True(pump.FirstWasCancelled);
        Assert.Equal(messages, pump.Handed);
    }

    private sealed class Pump(IServiceScopeFactory scopes)
        : OutboxPump<RegistryDb>(scopes, "never", new HastyClock(), NullLogger.Instance)
    {
        private CancellationToken? _first;

        public List<Guid> Handed { get; } = [];

        public bool FirstWasCancelled => _first?.IsCancellationRequested == true;

        protected override Task SendAsync(IReadOnlyList<OutboxRow> rows, FieldCipher cipher, CancellationToken ct)
        {
            if (_first is null)
            {
                _first = ct;
                return new TaskCompletionSource().Task;
            }
            Handed.AddRange(rows.Select(r => r.MessageId));
            return Task.CompletedTask;
        }
    }

    /// <summary>Whatever waits has waited long enough.</summary>
    private sealed class HastyClock : TimeProvider
    {
        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
            base.CreateTimer(callback, state, TimeSpan.Zero, period);
    }
}
