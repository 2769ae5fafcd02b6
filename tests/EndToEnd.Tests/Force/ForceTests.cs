using System.Diagnostics;
using System.Globalization;

namespace EndToEnd.Tests.Force;

/// <summary>
/// P2 by force: while members go out and both counties work on their cases, processes, brokers and PostgreSQL are
/// killed (-9), links cut, messages duplicated and reordered, a broker wiped. At the end nothing is lost, nothing is
/// there twice, every stream kept its order, both sides and the province agree, and the ledgers verify offline.
/// </summary>
/// <remarks>
/// <c>FORCE_MESSAGES</c> asks for a long run of so many case messages between the counties, <c>FORCE_SEED</c> for
/// another plan than the usual.
/// </remarks>
public sealed class ForceTests(ForceFederation demo) : IClassFixture<ForceFederation>
{
    private const int ShortMessages = 600, MessagesPerFault = 140, UsualSeed = 11;

    [Fact]
    public async Task Nothing_is_lost_doubled_or_out_of_order_whatever_is_killed_cut_repeated_shuffled_or_wiped()
    {
        var seed = Setting("FORCE_SEED") ?? UsualSeed;
        var messages = Setting("FORCE_MESSAGES");
        var plan = Plan.Of(seed, messages / MessagesPerFault);
        var cases = ((messages ?? ShortMessages) + Workload.MessagesPerCase - 1) / Workload.MessagesPerCase;
        Say($"seed {seed}: {cases} cases, {plan.Count} faults");
        var work = new Workload(demo, cases, plan.Count + 1);
        await work.ArrangeAsync(seed);
        var faults = new Faults(demo);
        var watch = Stopwatch.StartNew();
        await work.RunAsync(0); // In peace: from now on both sides have something to say in every round.
        for (var round = 1; round <= plan.Count; round++)
        {
            var (number, begun) = (round, watch.Elapsed);
            await faults.StrikeAsync(plan[round - 1], () => work.RunAsync(number), new Random(seed + round));
            var took = (watch.Elapsed - begun).TotalSeconds;
            Say($"{round}: {plan[round - 1]}, {took:0} s, {await demo.SeenAsync()} seen");
        }
        await work.RunAsync(plan.Count + 1);
        var verdict = new Verdict(demo, work);
        await verdict.DrainedAsync();
        Say($"drained after {watch.Elapsed.TotalSeconds:0} s");

        Assert.True(await demo.SeenAsync() >= (messages ?? ShortMessages), $"{await demo.SeenAsync()} messages");
        var crossed = await verdict.StreamsAsync();
        await verdict.BooksAsync();
        await verdict.AgreementAsync();
        await verdict.LedgersAsync();
        Assert.True(demo.ReplicaRuns);
        Assert.True(faults.Duplicated > 0 && faults.Reordered > 0);
        Say($"{await demo.SeenAsync()} case messages between the counties, {crossed} with reports");
        Say($"{await demo.ResentAsync()} sent again for want of a receipt");
        Say($"{faults.Duplicated} published twice, {faults.Reordered} out of order");
    }

    private static int? Setting(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } text
        ? int.Parse(text, CultureInfo.InvariantCulture) : null;

    private static void Say(FormattableString text) =>
        TestContext.Current.TestOutputHelper?.WriteLine(text.ToString(CultureInfo.InvariantCulture));
}
