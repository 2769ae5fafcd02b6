namespace Registry.Mobility;

/// <summary>
/// 问题党员: states a member on the move can fall into, found from the cards. A finding to look into, never a change.
/// Source: M-088.
/// </summary>
public enum ProblemState
{
    /// <summary>隐形党员: home has given notice, and no host has met the member since.</summary>
    Hidden,

    /// <summary>口袋党员: shows an introduction letter and is in no branch: the relationship is in the pocket.</summary>
    Pocket,

    /// <summary>无家可归: the host knows the member and has placed the member in no branch.</summary>
    Homeless,

    /// <summary>真空地带: outside both organisations: the host found nobody, or contact is lost.</summary>
    Vacuum,

    /// <summary>两不管、两不找: neither side has said the member is its own.</summary>
    NeitherManages,

    /// <summary>形式管、实不管: placed on paper, and nothing was heard of the member for long.</summary>
    OnPaperOnly,
}

/// <summary>A state with its reason.</summary>
public sealed record ProblemFinding(ProblemState State, string Zh, string En);

/// <summary>What the rules wait for before they speak.</summary>
/// <param name="WaitDays">Days without the next step.</param>
/// <param name="SilentDays">Days without feedback after which a placement counts as on paper only.</param>
public sealed record ProblemTerms(int WaitDays, int SilentDays);

/// <summary>Which problem states the cards show on a day. Source: M-088.</summary>
public static class ProblemStates
{
    /// <summary>Of the home side's card; null when there is none.</summary>
    public static ProblemFinding? Of(OutboundCard card, DateOnly since, ProblemTerms terms, DateOnly today)
    {
        ArgumentNullException.ThrowIfNull(card);
        ArgumentNullException.ThrowIfNull(terms);
        var days = today.DayNumber - since.DayNumber;
        return card.Status switch
        {
            OutboundStatus.NotFound or OutboundStatus.LostContact => Vacuum(card.Status == OutboundStatus.LostContact),
            OutboundStatus.Notified when days > terms.WaitDays => new(ProblemState.Hidden,
                $"已通知流入地 {days} 天，流入地未见到本人", $"notified {days} days ago, met by nobody at the host"),
            OutboundStatus.ToConfirm when days > terms.WaitDays => Neither(days),
            OutboundStatus.Admitted => OnPaper(card.LastFeedbackOn, since, terms, today),
            _ => null,
        };
    }

    /// <summary>Of the host side's card; null when there is none.</summary>
    public static ProblemFinding? Of(InboundCard card, DateOnly since, ProblemTerms terms, DateOnly today)
    {
        ArgumentNullException.ThrowIfNull(card);
        ArgumentNullException.ThrowIfNull(terms);
        var days = today.DayNumber - since.DayNumber;
        var isMet = card.Status is InboundStatus.AwaitingHome or InboundStatus.Confirmed;
        return card.Status switch
        {
            InboundStatus.NotFound or InboundStatus.LostContact => Vacuum(card.Status == InboundStatus.LostContact),
            _ when isMet && card.DocumentShown == "TRL" && days > terms.WaitDays => new(ProblemState.Pocket,
                $"持组织关系介绍信 {days} 天未编入支部", $"carries an introduction letter, in no branch for {days} days"),
            InboundStatus.AwaitingHome when days > terms.WaitDays => Neither(days),
            InboundStatus.Confirmed when days > terms.WaitDays => new(ProblemState.Homeless,
                $"身份已确认 {days} 天，未编入支部", $"confirmed {days} days ago and placed in no branch"),
            InboundStatus.Noticed when days > terms.WaitDays => new(ProblemState.Hidden,
                $"流出地已通知 {days} 天，本地未见到本人", $"announced {days} days ago and not met here"),
            InboundStatus.Admitted => OnPaper(card.LastFeedbackOn ?? card.AdmittedOn, since, terms, today),
            _ => null,
        };
    }

    private static ProblemFinding Vacuum(bool lost) => lost
        ? new(ProblemState.Vacuum, "两地均失去联系", "contact is lost on both sides")
        : new(ProblemState.Vacuum, "流入地查无此人，流出地尚未找到", "not found at the host, not yet found by home");

    private static ProblemFinding Neither(int days) => new(ProblemState.NeitherManages,
        $"流入地已登记，流出地 {days} 天未确认，无支部管理", $"registered at the host, not confirmed by home for {days} days");

    private static ProblemFinding? OnPaper(DateOnly? heard, DateOnly since, ProblemTerms terms, DateOnly today)
    {
        var silent = today.DayNumber - (heard ?? since).DayNumber;
        return silent <= terms.SilentDays ? null : new(ProblemState.OnPaperOnly,
            $"已编入支部，{silent} 天没有反馈", $"placed in a branch and nothing heard for {silent} days");
    }
}
