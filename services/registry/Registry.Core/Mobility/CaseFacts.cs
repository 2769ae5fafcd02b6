using Platform.Kernel;

namespace Registry.Mobility;

/// <summary>
/// What both sides of a mobility case must agree on. Each side keeps its own copy and the other side's last word;
/// where the copies differ the case is listed as <c>differs</c>, field by field. Source: P6, M-071, R-021, R-022.
/// </summary>
public sealed record CaseFacts
{
    /// <summary>姓名, as on the identity card.</summary>
    public required string Name { get; init; }

    /// <summary>公民身份号码, 18 characters, upper case X.</summary>
    public required string IdNumber { get; init; }

    /// <summary>联系电话, normalised; "" when none is known.</summary>
    public string Phone { get; init; } = "";

    /// <summary>党籍: full or probationary.</summary>
    public required string Standing { get; init; }

    /// <summary>工作单位 at the destination; "" when none.</summary>
    public string Employer { get; init; } = "";

    /// <summary>统一社会信用代码 of the employer; "" when unknown.</summary>
    public string CreditCode { get; init; } = "";

    /// <summary>从事职业.</summary>
    public string Occupation { get; init; } = "";

    /// <summary>现居住地 at the destination, free text.</summary>
    public string Residence { get; init; } = "";

    /// <summary>流动党员活动证 number; "" before it is issued.</summary>
    public string CertificateNumber { get; init; } = "";

    /// <summary>The fields compared, in the order in which lists show them.</summary>
    public static IReadOnlyList<FactField> Fields { get; } =
    [
        new("name", f => f.Name, (f, v) => f with { Name = v }),
        new("idNumber", f => f.IdNumber, (f, v) => f with { IdNumber = v }),
        new("phone", f => f.Phone, (f, v) => f with { Phone = v }),
        new("standing", f => f.Standing, (f, v) => f with { Standing = v }),
        new("employer", f => f.Employer, (f, v) => f with { Employer = v }),
        new("creditCode", f => f.CreditCode, (f, v) => f with { CreditCode = v }),
        new("occupation", f => f.Occupation, (f, v) => f with { Occupation = v }),
        new("residence", f => f.Residence, (f, v) => f with { Residence = v }),
        new("certificateNumber", f => f.CertificateNumber, (f, v) => f with { CertificateNumber = v }),
    ];

    /// <summary>Names of the fields in which the two copies differ, in list order; empty when they agree.</summary>
    public static IReadOnlyList<string> Differences(CaseFacts own, CaseFacts? peer) => peer is null ? []
        : [.. Fields.Where(f => f.Get(own) != f.Get(peer)).Select(f => f.Name)];

    /// <summary>
    /// Follows the other side's news: a field that agreed before follows; a field that already differed stays, so that
    /// people decide and nothing is silently overwritten.
    /// </summary>
    /// <param name="own">This side's facts.</param>
    /// <param name="peerBefore">What the other side said last; null when it had not spoken yet, and then nothing
    /// follows.</param>
    /// <param name="peerNow">What the other side says now.</param>
    public static CaseFacts Follow(CaseFacts own, CaseFacts? peerBefore, CaseFacts peerNow) => peerBefore is null ? own
        : Fields.Where(f => f.Get(own) == f.Get(peerBefore)).Aggregate(own, (facts, f) => f.Set(facts, f.Get(peerNow)));
}

/// <summary>One compared field of <see cref="CaseFacts"/>.</summary>
/// <param name="Name">Name on the wire and in lists, camelCase.</param>
public sealed record FactField(string Name, Func<CaseFacts, string> Get, Func<CaseFacts, string, CaseFacts> Set);

/// <summary>
/// How far the two sides of a case agree, as one side knows it. Source: architecture 7, M-110, M-260.
/// </summary>
public enum Agreement
{
    /// <summary>两边一致: both sides stand and their facts are equal.</summary>
    Matched,

    /// <summary>仅流出地: home registered, the host has not yet taken the member in.</summary>
    HomeOnly,

    /// <summary>仅流入地: the host registered, home has not yet confirmed.</summary>
    HostOnly,

    /// <summary>不一致: both sides stand and at least one fact differs.</summary>
    Differs,

    /// <summary>已结束: the case is over, or not yet begun; it is nobody's backlog.</summary>
    Settled,
}

/// <summary>The two sides of a case.</summary>
public enum Side
{
    /// <summary>流出地 (home): holds the organisation relationship.</summary>
    Home,

    /// <summary>流入地 (host): where the member lives and works.</summary>
    Host,
}

/// <summary>Why a member is no longer at the host.</summary>
public enum DepartureReason
{
    /// <summary>返乡.</summary>
    Returned,

    /// <summary>流向第三地: moved on to a third region.</summary>
    MovedOn,

    /// <summary>去向不明: left, and nobody knows where to.</summary>
    Unknown,
}

/// <summary>A finding that contact is lost: made by people, with evidence. Source: R-070..R-072.</summary>
/// <param name="Reason">Reason code of R-072, "1".."7".</param>
/// <param name="LastContactOn">Last organisational life or dues payment known.</param>
/// <param name="Attempts">What was tried, one sentence each, oldest first; at least one, at most 20.</param>
/// <param name="FoundBy">Side that made the finding.</param>
public sealed record LostContactFinding(
    string Reason, DateOnly LastContactOn, IReadOnlyList<string> Attempts, Side FoundBy, DateOnly FoundOn);

/// <summary>Arithmetic of R-001: when a stay away becomes "mobile".</summary>
public static class SixMonthTest
{
    /// <summary>The first day on which the member has been away for six consecutive months.</summary>
    public static DateOnly MobileOn(DateOnly departedOn) => departedOn.AddMonths(6);

    /// <summary>True when the member is away, was not transferred, and six consecutive months have passed.</summary>
    public static bool IsMobile(DateOnly departedOn, DateOnly? endedOn, DateOnly asOf) =>
        endedOn is null && asOf >= MobileOn(departedOn);
}

/// <summary>Problems that both cards share.</summary>
public static class CaseProblems
{
    /// <summary>CASE_NOT_FOUND.</summary>
    public static Problem NotFound { get; } = new(ProblemKind.NotFound, "CASE_NOT_FOUND",
        "There is no such case among those you are a party to.", "没有这个流动事项，或您不是当事一方。");

    /// <summary>CASE_STEP_NOT_POSSIBLE: the card's status does not allow the step.</summary>
    public static Problem NotNow(string status, string allowed) => new(ProblemKind.Precondition,
        "CASE_STEP_NOT_POSSIBLE", $"The card is {status}; this step is possible when it is {allowed}.",
        $"登记卡当前状态为 {status}，此步骤仅在以下状态可办理：{allowed}。");

    /// <summary>CASE_SAME_PERSON: who applied may not approve.</summary>
    public static Problem SamePerson { get; } = new(ProblemKind.Forbidden, "CASE_SAME_PERSON",
        "Who recorded the application may not approve it; another officer of the committee must.",
        "登记申请的人不能自己审批，请由党委其他人员审批。");

    /// <summary>CASE_CHANGED: the card is no longer the one that the person decided on.</summary>
    public static Problem Changed { get; } = new(ProblemKind.Conflict, "CASE_CHANGED",
        "The card changed since you opened it; look at what changed and decide again.",
        "您打开之后登记卡已有变动，请看清变动后再定。");

    /// <summary>CASE_OTHER_SIDE_SILENT: nothing to take over yet.</summary>
    public static Problem OtherSideSilent { get; } = new(ProblemKind.Precondition, "CASE_OTHER_SIDE_SILENT",
        "The other side has not spoken yet; there is nothing to take over.", "对方尚未填报，没有可采纳的内容。");

    /// <summary>CASE_EVIDENCE_MISSING: a finding needs at least one recorded attempt.</summary>
    public static Problem EvidenceMissing { get; } = new(ProblemKind.Invalid, "CASE_EVIDENCE_MISSING",
        "A finding of lost contact needs the attempts that were made: 1 to 20, one sentence each.",
        "认定失联须写明已作的查找，1 至 20 条，每条一句。");

    /// <summary>CASE_DATES_IMPOSSIBLE.</summary>
    public static Problem DatesImpossible(string rule, string ruleZh) =>
        new(ProblemKind.Invalid, "CASE_DATES_IMPOSSIBLE", rule, ruleZh);

    /// <summary>CASE_FIELD_UNKNOWN: not a compared field.</summary>
    public static Problem FieldUnknown { get; } = new(ProblemKind.Invalid, "CASE_FIELD_UNKNOWN",
        $"Known fields: {string.Join(", ", CaseFacts.Fields.Select(f => f.Name))}.",
        $"可用字段：{string.Join("、", CaseFacts.Fields.Select(f => f.Name))}。");
}
