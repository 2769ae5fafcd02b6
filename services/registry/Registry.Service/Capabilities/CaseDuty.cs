using Registry.Mobility;

namespace Registry.Service.Capabilities;

/// <summary>Something one side of a case owes.</summary>
/// <param name="What">The next step by its name, or <c>askTransfer</c>, <c>feedback</c>, <c>awaitReturn</c>.</param>
/// <param name="DueOn">Last day.</param>
public sealed record CaseDuty(Side By, string What, DateOnly DueOn)
{
    /// <summary>
    /// The next step and what runs beside it: the question of a transfer after six months away, feedback from the host
    /// before a placement counts as on paper only, the return that was planned. Source: R-001, M-088, M-109.
    /// </summary>
    internal static IReadOnlyList<CaseDuty> Of(OutboundCard? home, InboundCard? host, RegistryOptions options)
    {
        var (next, since) = home is not null ? (home.Next, home.Since) : (host!.Next, host.Since);
        List<CaseDuty> duties = [];
        if (next.By is { } by) duties.Add(new(by, next.Step, Today.Of(since.AddDays(options.OneSidedDaysMax))));
        var isAway = home is { Status: OutboundStatus.Admitted } || (home is null && host is
            { Status: InboundStatus.Admitted });
        if (!isAway) return duties;
        var began = home?.DepartsOn ?? host!.ArrivesOn;
        duties.Add(new(Side.Home, "askTransfer", SixMonthTest.MobileOn(began)));
        if (home?.PlannedReturnOn is { } back) duties.Add(new(Side.Home, "awaitReturn", back));
        var heard = home?.LastFeedbackOn ?? host?.LastFeedbackOn ?? host?.AdmittedOn ?? Today.Of(since);
        duties.Add(new(Side.Host, "feedback", heard.AddDays(options.SilentDaysMax)));
        return duties;
    }
}
