using Npgsql;
using static Registry.Tests.Federated.TierFederation;

namespace Registry.Tests.Federated;

/// <summary>A message that cannot be applied, and a process that ends before it could say so.</summary>
[Collection(TierCollection.Name)]
public sealed class RefusalTests(TierFederation tiers)
{
    private const string TakeAgain = "drop trigger take_nothing on inbound_card", TakeNothing = """
        create trigger take_nothing before insert on inbound_card for each row execute function take_nothing()
        """;

    [Fact]
    public async Task A_message_is_never_refused_to_its_sender_and_applied_all_the_same()
    {
        var node = tiers.NodeOf(Host);
        await using var behind = await node.OpenAsync();
        // The host's register takes no card, and what is kept of the refusal is lost at its commit, as by a crash.
        await RunAsync(behind, """
            create sequence lost;
            create function take_nothing() returns trigger language plpgsql as
                $$ begin raise insufficient_privilege; end $$;
            create function lose() returns trigger language plpgsql security definer as
                $$ begin perform nextval('lost'); raise 'lost'; end $$;
            """, TakeNothing, """
            create constraint trigger lose after insert or update on arrival_cursor deferrable initially deferred
                for each row execute function lose()
            """);
        var journey = new Journey(tiers, Home, (await tiers.MemberAsync(Home)).Id);
        await NotifyAsync(journey);
        await EventuallyAsync("a refusal was lost", async () =>
            await node.CountAsync("select last_value from lost where is_called") > 0);
        await RunAsync(behind, TakeAgain, "drop trigger lose on arrival_cursor");
        await journey.AtHostAsync("noticed");
        Assert.Equal("", await node.DeskAsync());

        // Kept, but whoever kept it cannot tell: as if the process had ended in between.
        await RunAsync(behind, TakeNothing, "revoke select on arrival_refusal from platform_app");
        var refused = new Journey(tiers, Home, (await tiers.MemberAsync(Home)).Id);
        await NotifyAsync(refused);
        await EventuallyAsync("the refusal is kept", async () =>
            await node.CountAsync("select count(*) from arrival_refusal") == 1);
        Assert.Equal("", await tiers.NodeOf(Home).DeskAsync());
        await RunAsync(behind, "grant select on arrival_refusal to platform_app");
        await EventuallyAsync("the refusal is on both desks", async () => await node.DeskAsync() != ""
            && (await tiers.NodeOf(Home).DeskAsync()).Contains("OUT_OF_SCOPE", StringComparison.Ordinal));
        await RunAsync(behind, TakeAgain, "drop function take_nothing, lose; drop sequence lost");
        foreach (var side in new[] { node, tiers.NodeOf(Home) }) await side.ClearDeskAsync();
        await Journey.NoticedAsync(tiers, Home, Host); // what follows is applied, what was refused is not
        Assert.Equal(0, await node.CountAsync("select count(*) from arrival_refusal"));
        Assert.Equal(0, await node.CountAsync($"select count(*) from inbound_card where case_id = '{refused.Case}'"));
    }

    private static async Task NotifyAsync(Journey journey)
    {
        await journey.ApplyAsync(Host);
        await journey.StepAsync("approve");
        await journey.StepAsync("prepare",
            new { talkOn = "2026-02-20", educatedOn = "2026-02-21", contactPerson = "家乡联系人" });
        await journey.StepAsync("notify");
    }

    // Each by itself: a transaction over two tables would meet one that takes them the other way round.
    private static async Task RunAsync(NpgsqlConnection connection, params string[] statements)
    {
        foreach (var statement in statements)
        {
            await using var command = new NpgsqlCommand(statement, connection);
            await command.ExecuteNonQueryAsync();
        }
    }
}
