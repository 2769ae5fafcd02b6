using System.Diagnostics;
using Platform.Kernel;

namespace Registry.Members;

/// <summary>
/// One dated fact about how a member is classed (党员分类) or which special group the member belongs to (特殊群体), and how
/// the member is managed for it. Rules: <see cref="ClassificationDecider"/>. Source: M-089..M-095, M-116.
/// </summary>
public sealed record Classification
{
    public required Guid Id { get; init; }
    public required Guid MemberId { get; init; }

    /// <summary>"class" (table member-class) or "group" (table special-group).</summary>
    public required string Axis { get; init; }
    public required string Code { get; init; }
    public required DateOnly FromOn { get; init; }

    /// <summary>Last day; null while it holds.</summary>
    public DateOnly? UntilOn { get; init; }

    /// <summary>How members of this class are managed, as agreed for this one.</summary>
    public required string Management { get; init; }
    public string Note { get; init; } = "";

    /// <summary>Tier inside the class, code of the table young-tier; "" for every class but young members (M-092).
    /// </summary>
    public string Tier { get; init; } = "";
    public required Guid DecidedBy { get; init; }
    public required DateTimeOffset DecidedAt { get; init; }
}

/// <summary>Events of a classification.</summary>
public abstract record ClassificationEvent;

public sealed record MemberClassified(Classification Fact) : ClassificationEvent;

public sealed record ClassificationEnded(DateOnly On, string Reason) : ClassificationEvent;

/// <summary>Classing members and ending it; the system only suggests. Source: M-089..M-095, M-116.</summary>
public static class ClassificationDecider
{
    /// <summary>Classes a member from a day on.</summary>
    /// <param name="holds">The same class holds already.</param>
    /// <remarks>Problems: CLASSIFICATION_HOLDS, CLASSIFICATION_DATES.</remarks>
    public static Decision<ClassificationEvent> Classify(Classification fact, bool holds, DateOnly today) =>
        fact switch
        {
            null => throw new ArgumentNullException(nameof(fact)),
            _ when holds => Holds,
            _ when fact.FromOn > today => Dates,
            _ => new MemberClassified(fact),
        };

    /// <summary>Ends it; the fact stays as history.</summary>
    /// <remarks>Problems: CLASSIFICATION_NOT_FOUND, CLASSIFICATION_DATES.</remarks>
    public static Decision<ClassificationEvent> End(Classification? fact, DateOnly on, DateOnly today, string reason) =>
        fact switch
        {
            null => NotFound,
            { UntilOn: not null } => Array.Empty<ClassificationEvent>(),
            _ when on < fact.FromOn || on > today => Dates,
            _ => new ClassificationEnded(on, reason),
        };

    /// <summary>Folds one event into the state. An illegal history is a bug and throws.</summary>
    public static Classification Evolve(Classification? state, ClassificationEvent happened) =>
        (state, happened) switch
        {
            (null, MemberClassified e) => e.Fact,
            ({ } f, ClassificationEnded e) => f with { UntilOn = e.On },
            _ => throw new UnreachableException($"{happened.GetType().Name} cannot follow"),
        };

    /// <summary>CLASSIFICATION_NOT_FOUND.</summary>
    public static Problem NotFound { get; } = new(ProblemKind.NotFound, "CLASSIFICATION_NOT_FOUND",
        "There is no such classification in your part of the tree.", "您的管理范围内没有这条分类。");

    private static Problem Holds { get; } = new(ProblemKind.Precondition, "CLASSIFICATION_HOLDS",
        "The member is classed so already.", "该党员已归入此类。");

    private static Problem Dates { get; } = new(ProblemKind.Invalid, "CLASSIFICATION_DATES",
        "A classification begins today or earlier and ends between its beginning and today.",
        "分类的起始日期不能晚于今天，终止日期应在起始日期与今天之间。");
}

/// <summary>What is known of a member when classes are suggested.</summary>
/// <param name="IsAway">An open mobility case exists.</param>
/// <param name="HasPost">Holds a post in the organisation.</param>
/// <param name="IsRural">The branch is a village's.</param>
public sealed record ClassFacts(
    DateOnly BirthOn, string Standing, string Employer, string Occupation, DateOnly? JoinedOn, bool IsAway,
    bool HasPost, bool IsRural);

/// <summary>A suggestion and the reason; people decide.</summary>
public sealed record ClassSuggestion(string Axis, string Code, string Zh, string En);

/// <summary>Computes which classes a member may belong to. Source: M-089..M-095, M-116.</summary>
public static class ClassSuggestions
{
    /// <summary>Young members are below this age.</summary>
    public const int YoungAgeMax = 35;

    /// <summary>Elderly members have reached this age.</summary>
    public const int ElderlyAge = 60;

    /// <summary>Suggestions in the order of the table member-class, then of special-group.</summary>
    public static IReadOnlyList<ClassSuggestion> Of(ClassFacts facts, DateOnly today)
    {
        ArgumentNullException.ThrowIfNull(facts);
        var age = today.Year - facts.BirthOn.Year - (facts.BirthOn.AddYears(today.Year - facts.BirthOn.Year) > today
            ? 1 : 0);
        var isEmployed = facts.Employer.Length > 0;
        (bool Holds, ClassSuggestion Suggestion)[] rules =
        [
            (isEmployed && !facts.IsAway, new("class", "INS", "有工作单位且在本地", "has an employer here")),
            (!isEmployed && !facts.HasPost && age < ElderlyAge,
                new("class", "NOP", "没有工作单位，也没有党内职务", "has neither employer nor post")),
            (facts is { IsAway: true, IsRural: true },
                new("class", "DUA", "农村支部党员外出从业", "of a rural branch, works away")),
            (age < YoungAgeMax,
                new("class", "YOU", $"{age} 岁，未满 {YoungAgeMax} 岁", $"{age} years, below {YoungAgeMax}")),
            (age >= ElderlyAge,
                new("class", "ELD", $"{age} 岁，已满 {ElderlyAge} 岁", $"{age} years, {ElderlyAge} or more")),
            (facts.IsAway, new("class", "MOB", "有未办结的流动事项", "has an open mobility case")),
            (facts.Standing == "probationary" && !isEmployed && age < YoungAgeMax,
                new("group", "UPG", "预备党员，没有工作单位", "probationary, without an employer")),
        ];
        return [.. rules.Where(r => r.Holds).Select(r => r.Suggestion)];
    }
}
